// Who is signed in.
import * as doors from "../api/doors";
import type { Person } from "../api/types";

let person = $state<Person | null>(null);
let isKnown = $state(false);

export const session = {
  get person() {
    return person;
  },
  /** False until the node has said whether anybody is signed in. */
  get isKnown() {
    return isKnown;
  },
  may(permission: string) {
    return person?.permissions.includes(permission) ?? false;
  },
};

export async function recall(): Promise<void> {
  try {
    person = (await doors.getSession()).person;
  } catch {
    person = null;
  } finally {
    isKnown = true;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  await doors.signIn(name, password);
  await recall();
}

export async function signOut(): Promise<void> {
  await doors.signOut();
  person = null;
}
