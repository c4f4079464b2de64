// Ranges of numbers and what is left when one is taken from others; exact at their ends.
import type { Between } from "./question";

/** A place between numbers: 0 is before the number, 1 behind it. */
interface End {
  at: number;
  side: 0 | 1;
}
/** From its low end to its high one. */
export interface Span {
  low: End;
  high: End;
}

export const whole: Span = { low: { at: -Infinity, side: 0 }, high: { at: Infinity, side: 1 } };
const compare = (one: End, other: End) => (one.at === other.at ? one.side - other.side : one.at - other.at);

export function spanOf({ from, after, to, below }: Between): Span {
  return {
    low: { at: from ?? after ?? -Infinity, side: after === undefined ? 0 : 1 },
    high: { at: below ?? to ?? Infinity, side: to === undefined ? 0 : 1 },
  };
}

/** `20..30`, `..20` or `80..`: with its lower end and not its upper one; null for anything else. */
export function spanIn(text: string): Span | null {
  const found = /^(-?[\d.eE+-]*?)\.\.(-?[\d.eE+-]*)$/.exec(text);
  if (!found || !(found[1] || found[2])) return null;
  const low = found[1] ? Number(found[1]) : -Infinity;
  const high = found[2] ? Number(found[2]) : Infinity;
  return Number.isNaN(low) || Number.isNaN(high) ? null : { low: { at: low, side: 0 }, high: { at: high, side: 0 } };
}

export function withSpan(field: string, { low, high }: Span): Between {
  const told: Between = { field };
  if (low.at !== -Infinity || high.at === Infinity) told[low.side ? "after" : "from"] = low.at === -Infinity ? null : low.at;
  if (high.at !== Infinity) told[high.side ? "to" : "below"] = high.at;
  return told;
}

export const covers = (spans: readonly Span[], wanted: Span): boolean =>
  spans.some((span) => compare(span.low, wanted.low) <= 0 && compare(span.high, wanted.high) >= 0);

export function minus(spans: readonly Span[], away: Span): Span[] {
  return spans.flatMap((span) => {
    const before = { low: span.low, high: least(span.high, away.low) };
    const behind = { low: most(span.low, away.high), high: span.high };
    return [before, behind].filter(({ low, high }) => compare(low, high) < 0);
  });
}

export function plus(spans: readonly Span[], more: Span): Span[] {
  const sorted = [...spans, more].sort((one, other) => compare(one.low, other.low));
  const grown: Span[] = [];
  for (const span of sorted) {
    const last = grown.at(-1);
    if (last && compare(span.low, last.high) <= 0) last.high = most(last.high, span.high);
    else grown.push({ ...span });
  }
  return grown;
}

const least = (one: End, other: End) => (compare(one, other) <= 0 ? one : other);
const most = (one: End, other: End) => (compare(one, other) >= 0 ? one : other);

/** `20 to 30`, `from 20`, `below 20`. */
export function told({ low, high }: Span): string {
  const from = low.at === -Infinity ? "" : `${low.side ? "above " : ""}${low.at}`;
  const to = high.at === Infinity ? "" : `${high.side ? "" : "below "}${high.at}`;
  if (from && to) return low.side || high.side ? `${from} to ${to}` : `${low.at} – ${high.at}`;
  if (from) return low.side ? from : `from ${from}`;
  return to ? (high.side ? `up to ${to}` : to) : "any";
}
