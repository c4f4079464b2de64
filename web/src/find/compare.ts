// Datasets beside one another: the share of each value in each, and where they differ.
import type { Field, Found, Value } from "../api/found";
import type { Dataset } from "../api/types";
import { partsOf } from "./chart";
import { shownValue } from "./facet";
import { spanIn } from "./spans";

export const MOST = 4;
export const COMPARED = ["organ", "stain", "species", "diagnosis", "sex", "age", "scanner", "mpp"];

/** A dataset, and what its images say where one may open them. */
export interface Side {
  dataset: Dataset;
  found: Found | null;
}

export interface Cell {
  /** Null where the landing page tells no numbers. */
  count: number | null;
  share: number | null;
}

export interface Line {
  label: string;
  /** By dataset; null where it has no such value, or does not say. */
  cells: (Cell | null)[];
  /** The only dataset that has it, where all say what they have. */
  only: number | null;
  /** Percentage points between the largest share and the smallest. */
  apart: number;
}

/** From here on a difference is pointed out. */
export const FAR = 0.2;

export function linesOf(field: Field, sides: readonly Side[]): Line[] {
  const parts = partsTogether(field, sides);
  const columns = sides.map((side) => cellsOf(field, side, parts));
  const keys = new Map<string, { label: string; low: number }>();
  for (const column of columns) {
    for (const [key, { label, low }] of column ?? []) if (!keys.has(key)) keys.set(key, { label, low });
  }
  const lines = [...keys].map(([key, { label, low }]) => {
    const cells = columns.map((column): Cell | null => column?.get(key)?.cell ?? null);
    const having = cells.flatMap((cell, at) => (cell ? [at] : []));
    const isTold = columns.every((column) => column !== null);
    const shares = cells.flatMap((cell, at) => (sides[at]?.found ? [cell?.share ?? 0] : []));
    return {
      label,
      cells,
      only: isTold && sides.length > 1 && having.length === 1 ? (having[0] ?? null) : null,
      apart: shares.length > 1 ? Math.max(...shares) - Math.min(...shares) : 0,
      low,
    };
  });
  const most = (line: Line) => Math.max(...line.cells.map((cell) => cell?.share ?? 0));
  return lines.sort((one, other) => (field.kind === "number" ? one.low - other.low : most(other) - most(one)));
}

interface Entry {
  label: string;
  low: number;
  cell: Cell;
}

/** What a dataset has of a field; null where nothing is told. */
function cellsOf(field: Field, { dataset, found }: Side, parts: ReadonlySet<string>): Map<string, Entry> | null {
  if (found) {
    const values = (found.facets[field.name] ?? []).filter((value) => parts.has(value.value));
    return new Map(values.map((value) => [key(field, value), entry(field, value, found.total)]));
  }
  const listed: Record<string, string[]> = {
    organ: dataset.organs,
    stain: dataset.stains,
    species: dataset.species,
    diagnosis: dataset.diagnoses,
  };
  const told = listed[field.name];
  if (!told) return null;
  const named = told.map((label) => shownValue(field.name, label, label));
  return new Map(named.map((label) => [label.toLowerCase(), { label, low: 0, cell: { count: null, share: null } }]));
}

/** Of a hierarchy the same parts for every dataset, so that like stands beside like. */
function partsTogether(field: Field, sides: readonly Side[]): Set<string> {
  const all = new Map<string, Value>();
  for (const value of sides.flatMap((side) => side.found?.facets[field.name] ?? [])) {
    all.set(value.value, { ...value, count: value.count + (all.get(value.value)?.count ?? 0) });
  }
  return new Set(partsOf([...all.values()], LINES).map((value) => value.value));
}
const LINES = 24;

const label = (field: Field, value: Value) => shownValue(field.name, value.value, value.label);
/** By label, since a landing page tells no codes. */
const key = (field: Field, value: Value) => label(field, value).toLowerCase();
const entry = (field: Field, value: Value, total: number): Entry => ({
  label: label(field, value),
  low: spanIn(value.value)?.low.at ?? 0,
  cell: { count: value.count, share: total ? value.count / total : 0 },
});
