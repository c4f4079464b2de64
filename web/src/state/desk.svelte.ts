// Whether this person sits on a committee or reviews for one, and how much waits for them.
import { getApplications } from "../api/applications";

let waiting = $state(0);

export const desk = {
  get waiting() {
    return waiting;
  },
};

/** Asked once for each sign-in; a node without applications has nothing waiting. */
export async function lookAtDesk(isSignedIn: boolean): Promise<void> {
  try {
    const { items } = isSignedIn ? await getApplications("desk") : { items: [] };
    waiting = items.filter((one) => one.state === "submitted" || one.state === "in-review").length;
  } catch {
    waiting = 0;
  }
}
