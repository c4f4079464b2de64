// The keyboard of the slide page: one table from key to act.
import type { Glass } from "./glass.svelte";
import { OBJECTIVES } from "./magnification";

export interface PageActs {
  previous: () => void;
  next: () => void;
  toggleFullscreen: () => void;
  togglePanel: () => void;
  toggleResults: () => void;
  toggleOverlays: () => void;
  toggleStrip: () => void;
  toggleHelp: () => void;
  copyLink: () => void;
}

const STEP = 0.15;

/** Act on a key; true when the key meant something here. */
export function act(event: KeyboardEvent, glass: Glass | null, page: PageActs): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return false;
  const run = keys(glass, page)[event.key];
  if (!run || (event.key.startsWith("Arrow") && isScrolling(event.target))) return false;
  run();
  return true;
}

function keys(glass: Glass | null, page: PageActs): Record<string, () => void> {
  const objectives = OBJECTIVES.map((objective, index) => [String(index + 1), () => glass?.magnify(objective)] as const);
  return {
    ArrowLeft: () => glass?.panBy(-STEP, 0),
    ArrowRight: () => glass?.panBy(STEP, 0),
    ArrowUp: () => glass?.panBy(0, -STEP),
    ArrowDown: () => glass?.panBy(0, STEP),
    "+": () => glass?.zoomBy(1.6),
    "=": () => glass?.zoomBy(1.6),
    "-": () => glass?.zoomBy(1 / 1.6),
    "0": () => glass?.home(),
    ",": () => glass?.focusBy(-1),
    ".": () => glass?.focusBy(1),
    r: () => glass?.turn(90),
    f: page.toggleFullscreen,
    i: page.togglePanel,
    l: page.toggleResults,
    o: page.toggleOverlays,
    s: page.toggleStrip,
    c: page.copyLink,
    "[": page.previous,
    "]": page.next,
    "?": page.toggleHelp,
    ...Object.fromEntries(objectives),
  };
}

function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.type === "range") return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function isScrolling(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("[data-scrolls]") !== null;
}
