// Which focal plane and which channels of a slide are shown, as its address and its tiles name them.
import type { Image } from "../api/types";

/** `plane` counts from 0; `channels` tells of each whether it is shown. */
export interface Layers {
  plane: number;
  channels: boolean[];
}

/** The middle plane, all channels: what the node shows unasked. */
export function usualLayers(image: Image): Layers {
  return { plane: Math.floor(image.focal_planes / 2), channels: image.channels.map(() => true) };
}

/** Read `#…&plane=0&channels=0,2`; what is not told, or not there, is as usual. */
export function readLayers(hash: string, image: Image): Layers {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const usual = usualLayers(image);
  const plane = Number.parseInt(given.get("plane") ?? "", 10);
  const named = (given.get("channels") ?? "").split(",");
  const channels = image.channels.map((_, index) => named.includes(String(index)));
  return {
    plane: plane >= 0 && plane < image.focal_planes ? plane : usual.plane,
    channels: channels.includes(true) ? channels : usual.channels,
  };
}

/** `plane=0&channels=0,2`, nothing where all is as usual. */
export function writeLayers({ plane, channels }: Layers, image: Image): string {
  const shown = channels.flatMap((isShown, index) => (isShown ? [index] : []));
  const told: string[] = [];
  if (plane !== usualLayers(image).plane) told.push(`plane=${plane}`);
  if (shown.length < channels.length) told.push(`channels=${shown.join(",")}`);
  return told.join("&");
}

/** What a channel is called where its slide does not say. */
export const nameChannel = (image: Image, index: number): string => image.channels[index]?.name || `Channel ${index + 1}`;
