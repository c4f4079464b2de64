// What was found, for who opens an image and comes back: the same list at the same place.
import type { Found, FoundImage } from "../api/found";

export interface Kept {
  /** What was asked, and by whom. */
  asked: string;
  answer: Found;
  items: FoundImage[];
  next: string | null;
  scroll: number;
  time: number;
}

/** Older answers are asked for anew. */
const FRESH = 5 * 60_000;
let kept: Kept | null = null;
let steppedBack = -Infinity;
window.addEventListener("popstate", () => (steppedBack = performance.now()));

export function keep(one: Omit<Kept, "time">): void {
  kept = { ...one, time: performance.now() };
}

export function recallKept(asked: string): Kept | null {
  return kept?.asked === asked && performance.now() - kept.time < FRESH ? kept : null;
}

/** True right after a step back or forward in the browser's history. */
export const hasSteppedBack = (): boolean => performance.now() - steppedBack < 300;
