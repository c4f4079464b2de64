// Asks after each pause what the chosen terms would mean; the last answer stays until the next.
import { previewPolicy, type PolicyPreview } from "../api/policy_preview";
import { asProblem, type Problem } from "../api/problem";
import type { SheetState } from "./sheet.svelte";

const PAUSE = 250;

export class Previewing {
  told = $state.raw<PolicyPreview | null>(null);
  problem = $state.raw<Problem | null>(null);
  isUnderWay = $state(false);
  /** What the answer before did not say. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  #round = $state(0);

  /** Follow a sheet; to be called while a component is made. */
  follow(sheet: SheetState): void {
    $effect(() => {
      void this.#round;
      const fields = this.#terms(sheet);
      const control = new AbortController();
      const timer = setTimeout(() => void this.#ask(fields, sheet, control.signal), this.told ? PAUSE : 0);
      return () => {
        clearTimeout(timer);
        control.abort();
      };
    });
  }

  again(): void {
    this.#round += 1;
  }

  /** Only what is a term of use leaves the page. */
  #terms(sheet: SheetState): Record<string, string> {
    const names = sheet.form.fields.filter((one) => one.step).map((one) => one.name);
    return Object.fromEntries(names.map((name) => [name, sheet.fields[name] ?? ""] as const).filter(([, text]) => text));
  }

  async #ask(fields: Record<string, string>, sheet: SheetState, signal: AbortSignal): Promise<void> {
    this.isUnderWay = true;
    try {
      const told = await previewPolicy(fields, sheet.audience, signal);
      const before = new Set((this.told?.plain ?? told.plain).map((one) => one.contributor));
      this.fresh = new Set(told.plain.map((one) => one.contributor).filter((one) => !before.has(one)));
      this.told = told;
      this.problem = null;
    } catch (thrown) {
      if (!signal.aborted) this.problem = asProblem(thrown);
    } finally {
      if (!signal.aborted) this.isUnderWay = false;
    }
  }
}
