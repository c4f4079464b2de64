// A place on a slide, as its address holds it.

/**
 * `x`, `y`: the centre of the view in level-0 pixels (origin top left, x right, y down).
 * `z`: level-0 pixels for each CSS pixel of the screen (1 is native, 16 is an overview).
 * `r`: degrees clockwise.
 */
export interface SlidePlace {
  x: number;
  y: number;
  z: number;
  r: number;
}

/** Read `#x=…&y=…&z=…`; null where the address names no place. */
export function readPlace(hash: string): SlidePlace | null {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const [x, y, z] = ["x", "y", "z"].map((name) => Number.parseFloat(given.get(name) ?? ""));
  if (x === undefined || y === undefined || z === undefined) return null;
  if (![x, y, z].every(Number.isFinite) || z <= 0) return null;
  const r = Number.parseFloat(given.get("r") ?? "0");
  return { x, y, z, r: Number.isFinite(r) ? r : 0 };
}

export function writePlace({ x, y, z, r }: SlidePlace): string {
  const turned = ((Math.round(r) % 360) + 360) % 360;
  return `#x=${Math.round(x)}&y=${Math.round(y)}&z=${Number(z.toPrecision(4))}${turned ? `&r=${turned}` : ""}`;
}
