// A list that grows by keyset: its first page follows the filters, the rest comes on demand.
import { asProblem, type Problem } from "../api/problem";
import type { Page } from "../api/types";

/** Pages asked for by `ask(after, signal)`; the list starts anew whenever what `ask` reads changes. */
export function pages<Item, Answer extends Page<Item>>(
  ask: (after: string | null, signal: AbortSignal) => Promise<Answer>,
) {
  let first = $state.raw<Answer | null>(null);
  let items = $state.raw<Item[]>([]);
  let next = $state<string | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let isLoading = $state(true);
  let isGrowing = $state(false);
  let round = $state(0);
  let control = new AbortController();

  $effect(() => {
    void round;
    const mine = (control = new AbortController());
    isLoading = true;
    ask(null, mine.signal)
      .then((answer) => {
        if (mine.signal.aborted) return;
        first = answer;
        items = answer.items;
        next = answer.next;
        problem = null;
      })
      .catch((thrown: unknown) => {
        if (!mine.signal.aborted) problem = asProblem(thrown);
      })
      .finally(() => {
        if (!mine.signal.aborted) isLoading = false;
      });
    return () => mine.abort();
  });

  async function grow(): Promise<void> {
    if (!next || isGrowing) return;
    const mine = control;
    isGrowing = true;
    try {
      const answer = await ask(next, mine.signal);
      if (mine.signal.aborted) return;
      items = [...items, ...answer.items];
      next = answer.next;
    } catch (thrown) {
      if (!mine.signal.aborted) problem = asProblem(thrown);
    } finally {
      isGrowing = false;
    }
  }

  return {
    get first() {
      return first;
    },
    get items() {
      return items;
    },
    get hasMore() {
      return next !== null;
    },
    get problem() {
      return problem;
    },
    get isLoading() {
      return isLoading;
    },
    get isGrowing() {
      return isGrowing;
    },
    grow,
    again: () => void (round += 1),
  };
}
