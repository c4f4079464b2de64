// Checks a sheet after each pause in typing; what was found is there by cell.
import { checkSheet, type Judged, type SheetFinding } from "../api/described";
import { asProblem, type Problem } from "../api/problem";
import { node } from "../state/node.svelte";
import { Mask } from "./masked";
import type { SheetState } from "./sheet.svelte";

const PAUSE = 500;
const LONG_PAUSE = 1200;
const LARGE = 2000;

export class Checking {
  judged = $state.raw<Judged | null>(null);
  problem = $state.raw<Problem | null>(null);
  isUnderWay = $state(false);
  /** Of the slides' sheet, by row and then by column; an empty column is the whole row. */
  readonly byCell = $derived.by(() => {
    const found = new Map<number, Map<string, SheetFinding[]>>();
    const put = (row: number, column: string, finding: SheetFinding) => {
      const columns = found.get(row) ?? new Map<string, SheetFinding[]>();
      columns.set(column, [...(columns.get(column) ?? []), finding]);
      found.set(row, columns);
    };
    for (const finding of this.findings) {
      for (const cell of finding.cells) put(cell.row, cell.column || finding.column, finding);
    }
    for (const word of this.judged?.undecided ?? []) {
      for (const cell of word.cells) put(cell.row, cell.column, undecided(word.local, word.column));
    }
    return found;
  });

  /** Without the words to be decided, which have a list of their own. */
  get findings(): SheetFinding[] {
    return (this.judged?.findings ?? []).filter((one) => one.rule !== "BP-mapping");
  }

  /** From 0 to 1; null before the first check. */
  get share(): number | null {
    const all = this.judged?.filled;
    if (!all) return null;
    const needed = all.length;
    return all.reduce((sum, one) => sum + one.filled / one.needed, 0) / needed;
  }

  /** Follow a sheet; to be called while a component is made. */
  follow(sheet: SheetState): void {
    $effect(() => {
      void sheet.version;
      if (!sheet.form.columns.length) return;
      const control = new AbortController();
      const pause = this.judged ? (sheet.rows.length > LARGE ? LONG_PAUSE : PAUSE) : 0;
      const timer = setTimeout(() => void this.#check(sheet, control.signal), pause);
      return () => {
        clearTimeout(timer);
        control.abort();
      };
    });
  }

  async #check(sheet: SheetState, signal: AbortSignal): Promise<void> {
    this.isUnderWay = true;
    const mask = node.facts?.intake === "identified" ? null : new Mask();
    const given = sheet.sheet;
    const slides = sheet.slides && (mask ? sheet.slides.map((one) => mask.file(one)) : sheet.slides);
    try {
      const judged = await checkSheet(mask ? mask.sheet(given, sheet.form) : given, slides, signal);
      this.judged = judged;
      this.problem = null;
    } catch (thrown) {
      if (!signal.aborted) this.problem = asProblem(thrown);
    } finally {
      if (!signal.aborted) this.isUnderWay = false;
    }
  }
}

function undecided(local: string, column: string): SheetFinding {
  return {
    severity: "warning",
    rule: "",
    what: `What “${local}” means is not decided yet.`,
    expected: "",
    remedy: "Choose a known word here, or decide once for all such cells under Words.",
    sheet: "slides",
    column,
    cells: [],
  };
}
