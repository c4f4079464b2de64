// Who is signed in.
import * as doors from "../api/doors";
import { showFactor } from "../api/identity";
import type { Person } from "../api/types";

let person = $state<Person | null>(null);
let isKnown = $state(false);
let mustEnrol = $state(false);

export const session = {
  get person() {
    return person;
  },
  /** False until the node has said whether anybody is signed in. */
  get isKnown() {
    return isKnown;
  },
  /** Some of the person's roles wait for a second factor. */
  get mustEnrol() {
    return mustEnrol;
  },
  may(permission: string) {
    return person?.permissions.includes(permission) ?? false;
  },
};

export async function recall(): Promise<void> {
  try {
    const told = await doors.getSession();
    person = told.person;
    mustEnrol = told.must_enrol ?? false;
  } catch {
    person = null;
  } finally {
    isKnown = true;
  }
}

/** Signs in; or gives the ticket with which the code of the second factor is to be shown. */
export async function signIn(name: string, password: string): Promise<string | null> {
  const told = await doors.signIn(name, password);
  if (told.needs === "code" && told.ticket) return told.ticket;
  await recall();
  return null;
}

export async function showCode(ticket: string, code: string): Promise<void> {
  await showFactor(ticket, code);
  await recall();
}

export async function signOut(): Promise<void> {
  await doors.signOut();
  person = null;
}
