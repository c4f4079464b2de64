// One submission, live: its event stream, or asking now and then where the stream does not hold.
import * as doors from "../api/doors";
import { asProblem, type Problem } from "../api/problem";
import type { FileSummary, SubmissionDetail, SubmissionEvent, SubmissionFile } from "../api/types";

const SETTLED = new Set(["published", "refused", "failed", "replaced"]);
const POLL = 3000;
const REST = 800;

export class Watching {
  submission = $state.raw<SubmissionDetail | null>(null);
  files = $state.raw<SubmissionFile[]>([]);
  progress = $state.raw<SubmissionEvent["progress"]>(null);
  problem = $state.raw<Problem | null>(null);
  /** True while the node tells of changes by itself. */
  isLive = $state(false);

  #accession: string;
  #stream: EventSource | null = null;
  #poll: ReturnType<typeof setInterval> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(accession: string) {
    this.#accession = accession;
    void this.look();
    this.#listen();
  }

  /** Fetch the submission and its files anew. */
  async look(): Promise<void> {
    try {
      const answer = await doors.getSubmission(this.#accession);
      const files = await this.#allFiles(answer);
      if (this.#isClosed) return;
      this.submission = answer;
      this.files = files;
      this.problem = null;
    } catch (thrown) {
      const problem = asProblem(thrown);
      // What is on the page stays when only the line is cut.
      if (!this.#isClosed && !(problem.isLostConnection && this.submission)) this.problem = problem;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#rest);
  }

  get isSettled(): boolean {
    return this.submission !== null && SETTLED.has(this.submission.state);
  }

  /** The files in sum, whichever way the node told of them. */
  get sum(): FileSummary {
    const { submission, files } = this;
    if (submission && !Array.isArray(submission.files)) return submission.files;
    const by_state: FileSummary["by_state"] = {};
    for (const file of files) by_state[file.state] = (by_state[file.state] ?? 0) + 1;
    return {
      total: files.length,
      bytes: files.reduce((total, file) => total + file.size, 0),
      received_bytes: files.reduce((total, file) => total + file.received, 0),
      by_state,
    };
  }

  async #allFiles(answer: SubmissionDetail): Promise<SubmissionFile[]> {
    if (Array.isArray(answer.files)) return answer.files;
    const found: SubmissionFile[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof doors.getSubmissionFiles>> = await doors.getSubmissionFiles(this.#accession, after);
      found.push(...page.items);
      after = page.next;
    } while (after && found.length < 5000);
    return found;
  }

  #listen(): void {
    this.#stream = new EventSource(doors.submissionEvents(this.#accession));
    this.#stream.onopen = () => {
      this.isLive = true;
      clearInterval(this.#poll);
    };
    this.#stream.onmessage = (message: MessageEvent<string>) => this.#hear(JSON.parse(message.data) as SubmissionEvent);
    this.#stream.onerror = () => {
      this.isLive = false;
      // The node ends the stream of what is settled; the browser would ask for it for ever.
      if (this.isSettled) this.#stream?.close();
      clearInterval(this.#poll);
      if (!this.#isClosed && !this.isSettled) this.#poll = setInterval(() => void this.look(), POLL);
    };
  }

  #hear(event: SubmissionEvent): void {
    this.progress = event.progress;
    if (SETTLED.has(event.state)) this.#stream?.close();
    if (this.submission) this.submission = { ...this.submission, state: event.state, problem: event.problem };
    // A burst of changes is fetched once.
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.look(), REST);
  }
}
