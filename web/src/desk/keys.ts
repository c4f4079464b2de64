// The keyboard of the committee's desk: along the queue, and into one.

export const KEYS: [string[], string][] = [
  [["j", "k"], "Next, previous application"],
  [["o", "Enter"], "Open it"],
  [["u"], "Back to the queue"],
  [["?"], "This help"],
];

interface Acts {
  help: () => void;
  back?: () => void;
}

/** Act on a key; true when it meant something here. */
export function act(event: KeyboardEvent, acts: Acts): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if ((event.target as HTMLElement).closest("input, textarea, select, [contenteditable], dialog")) return false;
  const rows = [...document.querySelectorAll<HTMLElement>("[data-result]")];
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const to = (index: number) => () => {
    rows[index]?.focus({ preventScroll: true });
    rows[index]?.scrollIntoView({ block: "nearest" });
  };
  const table: Record<string, (() => void) | undefined> = {
    j: to(here + 1),
    k: to(Math.max(0, here - 1)),
    o: here >= 0 ? () => rows[here]!.click() : undefined,
    u: acts.back,
    "?": acts.help,
  };
  const run = table[event.key];
  if (!run) return false;
  event.preventDefault();
  run();
  return true;
}
