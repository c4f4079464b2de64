// Images picked one by one, kept in this browser until they are saved as a cohort.
import type { FoundImage } from "../api/found";
import { tell } from "../state/toasts.svelte";

export interface Picked {
  accession: string;
  alias: string;
  about: string;
  thumbnail: string | null;
}

const KEY = "bigpicture-basket";
/** Conditions that a question may have (docs/questions.md, "Limits"). */
export const MOST = 500;

let picked = $state.raw<Picked[]>(read());
window.addEventListener("storage", (event) => {
  if (event.key === KEY) picked = read();
});

const names = $derived(new Set(picked.map((one) => one.accession)));

export const basket = {
  get all() {
    return picked;
  },
  has: (accession: string) => names.has(accession),
};

/** Take an image in, or out where it is in. */
export function pick(image: FoundImage): void {
  if (names.has(image.accession)) return drop(image.accession);
  if (picked.length >= MOST) {
    tell(`A basket holds ${MOST} images; save it as a cohort, then begin a new one.`, { tone: "bad" });
    return;
  }
  const about = [image.stain, image.organ].filter(Boolean).join(" · ");
  keep([...picked, { accession: image.accession, alias: image.alias, about, thumbnail: image.thumbnail }]);
}

export const drop = (accession: string): void => keep(picked.filter((one) => one.accession !== accession));
export const empty = (): void => keep([]);

function keep(all: Picked[]): void {
  picked = all;
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Storage may be forbidden: the basket then lasts as long as the page.
  }
}

function read(): Picked[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isPicked) : [];
  } catch {
    return [];
  }
}

function isPicked(one: unknown): one is Picked {
  const held = one as Partial<Picked> | null;
  return typeof held?.accession === "string" && typeof held.alias === "string" && typeof held.about === "string";
}
export const restore = (all: readonly Picked[]): void => keep([...all]);
