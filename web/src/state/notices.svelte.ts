// What this person should know: how many notices they have not read.
import { getNotices, readNotices, type Notice } from "../api/notices";

const PAUSE = 60_000;

let items = $state.raw<Notice[]>([]);
let unread = $state(0);
let isKnown = $state(false);

export const notices = {
  get items() {
    return items;
  },
  get unread() {
    return unread;
  },
  /** False where the node keeps no notices, or could not be asked. */
  get isKnown() {
    return isKnown;
  },
};

export async function lookForNotices(): Promise<void> {
  try {
    const page = await getNotices();
    items = page.items;
    unread = page.unread;
    isKnown = true;
  } catch {
    isKnown = false;
  }
}

/** Look now and then, while the page is seen; returns what ends it. */
export function watchNotices(): () => void {
  void lookForNotices();
  const look = () => document.visibilityState === "visible" && void lookForNotices();
  const timer = setInterval(look, PAUSE);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/** Null reads them all. */
export async function markRead(ids: string[] | null): Promise<void> {
  const isMeant = (one: Notice) => ids === null || ids.includes(one.id);
  const before = { items, unread };
  unread = ids === null ? 0 : Math.max(0, unread - items.filter((one) => !one.is_read && isMeant(one)).length);
  items = items.map((one) => (isMeant(one) ? { ...one, is_read: true } : one));
  try {
    await readNotices(ids);
  } catch {
    ({ items, unread } = before);
  }
}
