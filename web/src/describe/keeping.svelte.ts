// Keeps the sheet as it grows: in this browser at once, at the node where that may have it.
import { dropDraft, putDraft, type DraftBody } from "../api/described";
import { asProblem, type Problem } from "../api/problem";
import { node } from "../state/node.svelte";
import { forget, keep, type Kept } from "./kept";
import type { SheetState } from "./sheet.svelte";

const PAUSE = 700;

export class Keeping {
  id = $state("");
  /** When the last version was kept here; null before. */
  saved = $state<Date | null>(null);
  isAtNode = $state(false);
  /** Another tab or machine has changed the draft at the node meanwhile. */
  hasConflict = $state(false);
  problem = $state.raw<Problem | null>(null);
  isSaving = $state(false);
  readonly person: string;
  #etag = "";
  #changed = "";
  #queue: Promise<void> = Promise.resolve();
  #gone = false;

  constructor(person: string, from: Kept | { id: string; etag: string }) {
    this.person = person;
    this.id = from.id;
    this.#etag = from.etag;
    if ("changed" in from && from.changed) {
      this.saved = new Date(from.changed);
      this.#changed = from.changed;
      this.isAtNode = from.isAtNode;
    }
  }

  /** Whether this node may keep it, too. */
  get isAllowed(): boolean {
    return node.facts?.intake === "identified";
  }

  /** Follow a sheet from its next change on; to be called while a component is made. */
  follow(sheet: SheetState): void {
    let seen = sheet.version;
    $effect(() => {
      if (sheet.version === seen) return;
      seen = sheet.version;
      this.isSaving = true;
      const timer = setTimeout(() => this.save(sheet), PAUSE);
      return () => clearTimeout(timer);
    });
    $effect(() => {
      // A tab that is put away may never come back.
      const away = () => document.visibilityState === "hidden" && this.isSaving && void this.save(sheet);
      document.addEventListener("visibilitychange", away);
      return () => document.removeEventListener("visibilitychange", away);
    });
  }

  save(sheet: SheetState): Promise<void> {
    const body: DraftBody = { ...$state.snapshot(sheet.sheet), title: titleOf(sheet) };
    const slides = $state.snapshot(sheet.slides);
    this.#queue = this.#queue.then(() => this.#save(body, slides));
    return this.#queue;
  }

  /** Delete it here and at the node. */
  async drop(): Promise<void> {
    this.#gone = true;
    await this.#queue;
    await forget(this.id);
    if (this.#etag && this.isAllowed) await dropDraft(this.id);
  }

  async #save(body: DraftBody, slides: string[] | null): Promise<void> {
    if (this.#gone) return;
    const kept: Kept = { ...body, id: this.id, person: this.person, changed: new Date().toISOString(), etag: this.#etag, isAtNode: false, slides };
    try {
      this.hasConflict ||= !(await keep(kept, this.#changed));
      if (this.hasConflict) return;
      this.#changed = kept.changed;
      this.saved = new Date(kept.changed);
      this.problem = null;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.isSaving = false;
    }
    if (this.isAllowed) await this.#send(kept, body);
  }

  async #send(kept: Kept, body: DraftBody): Promise<void> {
    try {
      const { etag } = await putDraft(this.id, body, this.#etag);
      this.#etag = etag;
      this.isAtNode = true;
      await keep({ ...kept, etag, isAtNode: true }, kept.changed);
      this.problem = null;
      this.saved = new Date();
    } catch (thrown) {
      const problem = asProblem(thrown);
      this.isAtNode = false;
      if (problem.status === 409) this.hasConflict = true;
      // without a network, the browser has it, and the next change goes to both
      else if (!problem.isLostConnection) this.problem = problem;
    }
  }
}

export function titleOf(sheet: SheetState): string {
  return (sheet.fields["title"] || sheet.fields["alias"] || sheet.title || "").slice(0, 200);
}
