// Sends a described dataset: digests the slides, lets the node describe them, uploads, completes.
import { makeDataset, openSubmission, type MadeDataset } from "../api/described";
import { completeSubmission, getSubmissionFiles } from "../api/doors";
import { asProblem, type Problem } from "../api/problem";
import type { SubmissionFile } from "../api/types";
import { digestFile, digestText } from "./digest";
import { pathOf } from "./match";
import type { SheetState } from "./sheet.svelte";
import { sendFile } from "./tus";

const AT_ONCE = 2;
export type Phase = "choosing" | "digesting" | "describing" | "keys" | "sending" | "done";

export class Sending {
  phase = $state<Phase>("choosing");
  problem = $state.raw<Problem | null>(null);
  /** Bytes done of each file, by its path at the site, in the present phase. */
  done = $state<Record<string, number>>({});
  made = $state.raw<MadeDataset | null>(null);
  accession = $state("");
  files = $state.raw<File[]>([]);
  /** A day before which others see nothing of what is published; empty: none. */
  embargo = $state("");
  #digests = new Map<string, string>();
  #control = new AbortController();

  get total(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }
  get isBusy(): boolean {
    return ["digesting", "describing", "sending"].includes(this.phase) && !this.problem;
  }
  get sent(): number {
    return this.files.reduce((sum, file) => sum + Math.min(file.size, this.done[pathOf(file)] ?? 0), 0);
  }

  /** Digest the slides and have them described; then the keys are there to be kept. */
  async describe(sheet: SheetState, files: File[]): Promise<void> {
    this.files = files;
    await this.#attempt("digesting", async (signal) => {
      await inTurns(files, async (file) => {
        const path = pathOf(file);
        this.#digests.set(path, await digestFile(file, (done) => (this.done[path] = done), signal));
      });
      this.phase = "describing";
      const slides = files.map((file) => ({ file: pathOf(file), size: file.size, sha256: this.#digests.get(pathOf(file))! }));
      this.made = await makeDataset($state.snapshot(sheet.sheet), slides);
      this.phase = "keys";
    });
  }

  /** Announce everything, send what the node does not have yet, and hand it over. */
  async send(): Promise<void> {
    const made = this.made;
    if (!made) return;
    await this.#attempt("sending", async (signal) => {
      const contents = contentsOf(made, this.files);
      const announced = [...contents].map(([path, one]) => ({ path, size: one.content.size, sha256: one.sha256 ?? this.#digests.get(one.name)! }));
      this.accession = (await openSubmission({ alias: made.alias, title: made.title, files: announced, ...(this.embargo ? { embargo_until: `${this.embargo}T00:00:00Z` } : {}) })).accession;
      const waiting: SubmissionFile[] = [];
      for (let after: string | null = null; ; ) {
        const page = await getSubmissionFiles(this.accession, after);
        waiting.push(...page.items);
        after = page.next;
        if (!after) break;
      }
      await inTurns(waiting, async (file) => {
        const one = contents.get(file.path);
        if (!one) return;
        if (file.received < file.size && file.upload) await sendFile(file.upload, one.content, (done) => (this.done[one.name] = done), signal);
        this.done[one.name] = file.size;
      });
      await completeSubmission(this.accession);
      this.phase = "done";
    });
  }

  /** Stop; what has arrived stays, and sending again goes on there. */
  stop(): void {
    this.#control.abort();
    this.phase = this.made && this.phase === "sending" ? "keys" : "choosing";
  }

  async #attempt(phase: Phase, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.problem = null;
    this.phase = phase;
    this.done = {};
    const control = (this.#control = new AbortController());
    try {
      await act(control.signal);
    } catch (thrown) {
      if (!control.signal.aborted) {
        this.problem = asProblem(thrown);
        this.phase = this.made && phase === "sending" ? "keys" : "choosing";
      }
      control.abort();
    }
  }
}

interface Content {
  /** The path at the site, or in the dataset for a document. */
  name: string;
  content: Blob;
  sha256?: string;
}

function contentsOf(made: MadeDataset, files: File[]): Map<string, Content> {
  const byPath = new Map(files.map((file) => [pathOf(file), file]));
  const contents = new Map<string, Content>();
  for (const document of made.documents) {
    const bytes = new TextEncoder().encode(document.text);
    contents.set(document.path, { name: document.path, content: new Blob([bytes]), sha256: digestText(bytes) });
  }
  for (const image of made.images) {
    const file = byPath.get(image.file);
    if (file) contents.set(image.path, { name: image.file, content: file });
  }
  return contents;
}

/** Each in its turn, a few at once; the first that fails ends it. */
async function inTurns<Item>(items: Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
