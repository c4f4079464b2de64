// One run, looked at again and again until it is over; it may be left and taken up at any time.
import { asProblem, type Problem } from "../api/problem";
import { cancelRun, getRun, type Run } from "../api/runs";
import { tell } from "../state/toasts.svelte";

const SOONEST = 1000;
const LATEST = 5000;

export class Watched {
  run = $state.raw<Run | null>(null);
  problem = $state.raw<Problem | null>(null);
  isCancelling = $state(false);
  /** Rises whenever a slide changed its state. */
  changes = $state(0);

  readonly id: string;
  #rest = SOONEST;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(id: string) {
    this.id = id;
    void this.look();
  }

  look = async (): Promise<void> => {
    clearTimeout(this.#timer);
    try {
      this.#take(await getRun(this.id));
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (this.#isClosed) return;
      // What is on the page stays when only the line is cut; it is asked again.
      this.#rest = LATEST;
      if (!(problem.isLostConnection && this.run)) this.problem = problem;
    }
    const goesOn = this.problem === null && (this.run === null || this.run.state === "running");
    if (!this.#isClosed && goesOn) this.#timer = setTimeout(() => void this.look(), this.#rest);
  };

  cancel = async (): Promise<void> => {
    this.isCancelling = true;
    try {
      this.#take(await cancelRun(this.id));
      tell("The run is cancelled. What was computed stays.");
    } catch (thrown) {
      const problem = asProblem(thrown);
      tell(`${problem.message} ${problem.remedy}`.trim(), { tone: "bad" });
    } finally {
      this.isCancelling = false;
    }
  };

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #take(answer: Run): void {
    if (this.#isClosed) return;
    const isNews = JSON.stringify(this.run?.counts) !== JSON.stringify(answer.counts);
    this.#rest = isNews ? SOONEST : Math.min(LATEST, 1.5 * this.#rest);
    if (isNews) this.changes += 1;
    this.run = answer;
    this.problem = null;
  }
}
