// The report on a dataset: whom its slides are of, how good they are, what gives its sites away.
import { query, request } from "./request";

export interface Share {
  /** Null: not stated. */
  value: string | null;
  images: number;
  beings: number;
}
/** `quantiles` are those of 5, 25, 50, 75 and 95 %, empty where nothing was evaluated. */
export interface Spread {
  group: string;
  images: number;
  missing: number;
  quantiles: number[];
}
/** `counts` are images between `edges`, which are one more. */
export interface Measured {
  facet: string;
  label: string;
  unit: string;
  algorithm: string;
  whole: Spread;
  edges: number[];
  counts: number[];
  by_site: Spread[];
}
export interface Probe {
  property: string;
  encoder: string;
  accuracy: number | null;
  null: number | null;
  p_value: number | null;
  classes: string[];
  images: number;
  beings: number;
  reason: string;
}
export interface DatasetReport {
  dataset: string;
  title: string;
  images: number;
  beings: number;
  is_generated: boolean;
  coverage: { name: string; shares: Share[] }[];
  quality: Measured[];
  probes: Probe[];
  can_probe: boolean;
  advice: string;
  notice: string;
}

const at = (dataset: string) => `/api/v1/datasets/${encodeURIComponent(dataset)}/report`;

export const getReport = (dataset: string, probe: boolean, signal?: AbortSignal) =>
  request<DatasetReport>(`${at(dataset)}${query({ probe: probe ? "true" : "" })}`, signal ? { signal } : {});
export const reportAddress = (dataset: string, form: "html" | "markdown", probe: boolean) =>
  `${at(dataset)}${query({ form, probe: probe ? "true" : "" })}`;
