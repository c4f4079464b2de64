// Drafts in this browser (IndexedDB): nothing is lost on a closed tab or without a network.
import type { DraftBody } from "../api/described";

export interface Kept extends DraftBody {
  id: string;
  /** Whose it is: another person at this browser does not see it. */
  person: string;
  changed: string;
  /** The node's version that this one was made from; empty where the node has none. */
  etag: string;
  /** Whether the node has this very version. */
  isAtNode: boolean;
  slides: string[] | null;
}

const NAME = "bigpicture-drafts";
const STORE = "drafts";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("The browser keeps nothing."));
  });
}

async function act<Answer>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<Answer>): Promise<Answer> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = run(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("The browser keeps nothing."));
    });
  } finally {
    database.close();
  }
}

/** Keep a version made from the one of `before`. False where another tab has kept one meanwhile. */
export async function keep(draft: Kept, before: string): Promise<boolean> {
  let isNewest = true;
  await act("readwrite", (store) => {
    const asked = store.get(draft.id) as IDBRequest<Kept | undefined>;
    asked.onsuccess = () => {
      isNewest = !asked.result || asked.result.changed === before;
      if (isNewest) store.put(draft);
    };
    return asked;
  });
  return isNewest;
}
export const forget = (id: string) => act("readwrite", (store) => store.delete(id));

export async function recall(id: string, person: string): Promise<Kept | null> {
  const found = (await act("readonly", (store) => store.get(id))) as Kept | undefined;
  return found?.person === person ? found : null;
}

/** This person's drafts here, the last changed first. */
export async function keptDrafts(person: string): Promise<Kept[]> {
  const all = (await act("readonly", (store) => store.getAll())) as Kept[];
  return all.filter((one) => one.person === person).sort((a, b) => b.changed.localeCompare(a.changed));
}
