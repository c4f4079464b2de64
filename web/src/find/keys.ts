// The keyboard of the page of questions: one table from key to act.
export interface Acts {
  write: () => void;
  pick: (accession: string) => void;
  help: () => void;
  basket: () => void;
  view: (view: "grid" | "table" | "charts") => void;
}

export const KEYS: [string[], string][] = [
  [["/"], "Write the question"],
  [["j", "k"], "Next, previous image"],
  [["←", "→", "↑", "↓"], "Move among the images"],
  [["Enter"], "Open the image"],
  [["x"], "Into the basket, or out of it"],
  [["b"], "Open the basket"],
  [["g", "t", "c"], "Grid, table, charts"],
  [["?"], "This help"],
];

/** Act on a key; true when it meant something here. */
export function act(event: KeyboardEvent, acts: Acts): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  if (target.closest("input, textarea, select, [contenteditable], dialog, [role=tree]")) return false;
  const here = target.closest<HTMLElement>("[data-result]");
  const run = plainKeys(acts, here)[event.key] ?? (here ? arrows(here)[event.key] : undefined);
  if (!run) return false;
  event.preventDefault();
  run();
  return true;
}

function plainKeys(acts: Acts, here: HTMLElement | null): Record<string, () => void> {
  return {
    "/": acts.write,
    "?": acts.help,
    b: acts.basket,
    g: () => acts.view("grid"),
    t: () => acts.view("table"),
    c: () => acts.view("charts"),
    j: () => step(here, 1),
    k: () => step(here, -1),
    x: () => {
      if (here) acts.pick(here.dataset["result"] ?? "");
    },
  };
}

function arrows(here: HTMLElement): Record<string, () => void> {
  const wide = inARow(here);
  return {
    ArrowRight: () => step(here, 1),
    ArrowLeft: () => step(here, -1),
    ArrowDown: () => step(here, wide),
    ArrowUp: () => step(here, -wide),
  };
}

const all = () => [...document.querySelectorAll<HTMLElement>("[data-result]")];

function step(here: HTMLElement | null, by: number): void {
  const results = all();
  const to = here ? results[results.indexOf(here) + by] : results[0];
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}

/** How many results stand beside one another. */
function inARow(here: HTMLElement): number {
  const results = all();
  const top = results[0]?.getBoundingClientRect().top;
  const wide = results.findIndex((one) => one.getBoundingClientRect().top !== top);
  return here && wide > 0 ? wide : 1;
}
