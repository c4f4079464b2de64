// What algorithms computed of an image, and how it is seen.
import { query, request } from "./request";

/** `value` where it is a facet; the others lie as files at `address`. */
export interface Result {
  image: string;
  key: string;
  output: string;
  kind: "facet" | "mask" | "heatmap" | "geometry" | "measurements" | "features";
  algorithm: string;
  version: string;
  media_type: string;
  size: number;
  created: string;
  value: number | string | null;
  unit: string;
  address: string;
}

export interface OverlayClass {
  name: string;
  colour: string;
  /** Of shapes: how many there are on the slide. */
  count: number | null;
}

/** How a mask, a heatmap or shapes are drawn; either `tiles` or `shapes` is an address. */
export interface Overlay {
  kind: "mask" | "heatmap" | "geometry";
  unit: string;
  range: [number, number] | null;
  classes: OverlayClass[];
  /** Colours from the least to the greatest, at equal steps. */
  stops: string[];
  tiles: string | null;
  shapes: string | null;
}

/** A box in level-0 pixels; `cell` is the side of a cluster in the same. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  cell: number;
}

interface Marked {
  label: number[];
  score: (number | null)[];
}

/** Either each shape, or `clusters` of them; all in level-0 pixels, `label` an index of the classes. */
export interface Seen {
  total: number;
  points?: { x: number[]; y: number[] } & Marked;
  /** `at`: where each outline's pairs begin in `xy`, counted in pairs. */
  outlines?: { at: number[]; xy: number[] } & Marked;
  clusters?: { x: number[]; y: number[]; count: number[]; label: number[] };
}

export const getResults = (image: string, signal?: AbortSignal) =>
  request<{ items: Result[] }>(`/api/v1/images/${encodeURIComponent(image)}/results`, signal ? { signal } : {});

/** Which colours it gets: the map of a heatmap, the number of the first class' colour of others. */
export interface Colours {
  map?: string;
  first?: number;
}

export const getOverlay = ({ key, output, image }: Result, colours: Colours) =>
  request<Overlay>(`/api/v1/results/${encodeURIComponent(key)}/${encodeURIComponent(output)}/overlay${query({ image, ...colours })}`);

/** `address` is the overlay's own and has a query already. */
export const getSeen = (address: string, box: Box, signal: AbortSignal) =>
  request<Seen>(`${address}&${query({ ...box }).slice(1)}`, { signal });
