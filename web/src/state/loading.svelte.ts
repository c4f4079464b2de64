// Something asked of the node: on its way, here, or a problem.
import { asProblem, type Problem } from "../api/problem";

export interface Loading<Thing> {
  readonly value: Thing | null;
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  again(): void;
}

/** Ask whenever what `ask` reads changes; an answer that comes too late is dropped. */
export function load<Thing>(ask: (signal: AbortSignal) => Promise<Thing>): Loading<Thing> {
  let value = $state.raw<Thing | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let isLoading = $state(true);
  let round = $state(0);

  $effect(() => {
    void round;
    const control = new AbortController();
    isLoading = true;
    ask(control.signal)
      .then((answer) => {
        if (control.signal.aborted) return;
        value = answer;
        problem = null;
      })
      .catch((thrown: unknown) => {
        if (!control.signal.aborted) problem = asProblem(thrown);
      })
      .finally(() => {
        if (!control.signal.aborted) isLoading = false;
      });
    return () => control.abort();
  });

  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get isLoading() {
      return isLoading;
    },
    again: () => void (round += 1),
  };
}
