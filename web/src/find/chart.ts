// Bars of a chart: a facet's counts in the order in which they are read.
import type { Field, Value } from "../api/found";
import { shownValue, treesOf, type Node } from "./facet";
import { spanIn } from "./spans";

export interface Bar {
  name: string;
  label: string;
  count: number;
}

export interface Chart {
  name: string;
  label: string;
  unit: string;
  /** Numbers stand beside one another, terms below. */
  isRanged: boolean;
  bars: Bar[];
  /** Images with values that have no bar of their own. */
  rest: number;
}

const MOST = 8;

export function chartOf(field: Field, values: readonly Value[]): Chart {
  const isRanged = field.kind === "number" && values.some(({ value }) => spanIn(value));
  const low = (value: Value) => spanIn(value.value)?.low.at ?? 0;
  const told = isRanged ? [...values].sort((one, other) => low(one) - low(other)) : partsOf(values, MOST);
  const bars = told.map((one) => ({ name: one.value, label: shownValue(field.name, one.value, one.label), count: one.count }));
  const shown = isRanged ? bars : bars.slice(0, MOST);
  const rest = bars.slice(shown.length).reduce((sum, one) => sum + one.count, 0);
  return { name: field.name, label: field.label, unit: field.unit, isRanged, bars: shown, rest };
}

/**
 * Of a hierarchy the parts that make up the whole, none counted again above itself: a value gives way to those below it only
 * where these account for (nearly) all of its images. The most frequent first.
 */
export function partsOf(values: readonly Value[], most: number): Value[] {
  const sum = (nodes: readonly Node[]) => nodes.reduce((all, node) => all + node.value.count, 0);
  const isWhole = (node: Node) => node.children.length > 0 && sum(node.children) >= 0.98 * node.value.count;
  const byCount = (nodes: Node[]) => nodes.sort((one, other) => other.value.count - one.value.count);
  let parts = byCount(treesOf(values));
  for (;;) {
    const whole = parts.slice(0, most).find(isWhole);
    if (!whole) return parts.map((node) => node.value);
    parts = byCount(parts.flatMap((node) => (node === whole ? node.children : [node])));
  }
}

/** `12%`, `<1%`. */
export function percent(part: number, whole: number): string {
  if (!whole || !part) return "0%";
  const share = (100 * part) / whole;
  return share < 1 ? "<1%" : `${Math.round(share)}%`;
}
