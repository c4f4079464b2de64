// An act that may be refused: told either way at the foot of the window.
import { asProblem } from "../api/problem";
import { tell } from "./toasts.svelte";

/** Gives what the act gave, or null where the node refused it. */
export async function attempt<Given>(act: () => Promise<Given>, done: string): Promise<{ given: Given } | null> {
  try {
    const given = await act();
    if (done) tell(done);
    return { given };
  } catch (thrown) {
    const problem = asProblem(thrown);
    tell(`${problem.message} ${problem.remedy}`.trim(), { tone: "bad" });
    return null;
  }
}
