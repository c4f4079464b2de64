// Pastes what a spreadsheet put on the clipboard: at the cursor, or under the columns that it names.
import { tell } from "../state/toasts.svelte";
import type { GridState } from "./grid.svelte";
import { columnOf, findHeadings } from "./read_here";
import { fromTabs } from "./tabs";

export function pasteText(grid: GridState, text: string): void {
  const cells = fromTabs(text);
  const missed = pasteHeaded(grid, cells) ?? grid.paste(cells);
  if (missed) tell(`${missed} rows did not fit: a page holds ${grid.sheet.most.toLocaleString("en")}.`, { tone: "bad" });
}

/** Where most of the first row are headings, the rows go below what is there; null where they are not. */
function pasteHeaded(grid: GridState, cells: string[][]): number | null {
  const { form } = grid.sheet;
  const headings = cells[0] ?? [];
  const headed = cells.length > 1 ? findHeadings(cells.slice(0, 1), form) : null;
  const named = headings.filter(Boolean).length;
  if (!headed || headed.columns.size < named / 2) return null;
  const kept = headings.map((heading, n) => ({ name: (heading && columnOf(heading, form)?.name) || "", n })).filter((one) => one.name);
  tell(`The headings were understood: ${kept.length} of ${named} columns went where they belong.`);
  return grid.sheet.add({
    columns: kept.map((one) => one.name),
    rows: cells.slice(1).map((row) => kept.map((one) => row[one.n] ?? "")),
    fields: {},
    findings: [],
  });
}
