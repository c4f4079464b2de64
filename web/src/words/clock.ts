// How long something has taken, and how long it has left, in whole days of UTC.
import { many } from "./numbers";

const DAY = 24 * 3600 * 1000;

/** Whole days from `from` until `to`; negative once it is past. */
export const days = (from: string | number | Date, to: string | number | Date): number =>
  Math.ceil((new Date(to).getTime() - new Date(from).getTime()) / DAY);

/** `3 days left`, `ends today`, `2 days late`. */
export function left(deadline: string, now: number = Date.now()): string {
  const count = days(now, deadline);
  if (count > 0) return `${many(count, "day")} left`;
  return count === 0 ? "due today" : `${many(-count, "day")} late`;
}

/** The share of a span that has passed, from 0 to 1. */
export function passed(start: string, end: string, now: number = Date.now()): number {
  const [from, to] = [new Date(start).getTime(), new Date(end).getTime()];
  if (!(to > from)) return 1;
  return Math.min(1, Math.max(0, (now - from) / (to - from)));
}
