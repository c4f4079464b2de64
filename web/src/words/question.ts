// A question as a sentence.
import { sentence } from "./plain";

export type Asked =
  | { and: Asked[] }
  | { or: Asked[] }
  | { not: Asked }
  | { words: string[] }
  | { field: string; in: string[] }
  | { field: string; from?: number | null; after?: number | null; to?: number | null; below?: number | null };

const FIELDS: Record<string, string> = {
  mpp: "µm per pixel",
  confirmed: "confirmed diagnosis",
  width: "width in pixels",
  height: "height in pixels",
  type: "type of dataset",
  tier: "access tier",
  year: "year of publication",
  age: "age in years",
};

/** `organ is liver or lung, and stain is not H&E`. */
export function inWords(asked: Asked): string {
  const told = say(asked, false);
  return told ? told.charAt(0).toUpperCase() + told.slice(1) : "Every image";
}

function say(asked: Asked, isInside: boolean): string {
  if ("and" in asked) return bracket(asked.and.map((part) => say(part, true)), " and ", isInside);
  if ("or" in asked) return bracket(asked.or.map((part) => say(part, true)), " or ", isInside);
  if ("words" in asked) return `${asked.words.map((word) => `“${word}”`).join(" and ")} in its description`;
  if ("not" in asked) {
    const part = asked.not;
    return "in" in part ? `${named(part.field)} is not ${anyOf(part.in)}` : `not (${say(part, false)})`;
  }
  if ("in" in asked) return `${named(asked.field)} is ${anyOf(asked.in)}`;
  return range(asked);
}

function bracket(parts: string[], word: string, isInside: boolean): string {
  const told = parts.join(parts.length > 2 && !isInside ? `,${word}` : word);
  return isInside && parts.length > 1 ? `(${told})` : told;
}

function range(asked: { field: string; from?: number | null; after?: number | null; to?: number | null; below?: number | null }): string {
  const low = asked.from ?? asked.after;
  const high = asked.to ?? asked.below;
  const ends = [
    low === null || low === undefined ? "" : asked.after === undefined ? `at least ${low}` : `more than ${low}`,
    high === null || high === undefined ? "" : asked.below === undefined ? `at most ${high}` : `below ${high}`,
  ].filter(Boolean);
  return `${named(asked.field)} is ${ends.join(" and ") || "known"}`;
}

const anyOf = (values: string[]) => values.map(sentence).join(" or ");
const named = (field: string) => FIELDS[field] ?? field.replace(/^companion\./, "").replaceAll("_", " ");
