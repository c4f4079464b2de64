// A question as the node repeats it (docs/questions.md, "As JSON"), changed by clicks and written as text. Text is read by the node alone.
import { minus, plus, spanOf, whole, withSpan, type Span } from "./spans";

export interface Between {
  field: string;
  from?: number | null;
  after?: number | null;
  to?: number | null;
  below?: number | null;
}
export type Question =
  | { and: Question[] }
  | { or: Question[] }
  | { not: Question }
  | { words: string[] }
  | { field: string; in: string[] }
  | Between;

export const EVERYTHING: Question = { and: [] };

/** What must all hold; each word by itself. */
export function conjuncts(question: Question): Question[] {
  const parts = "and" in question ? question.and : [question];
  return parts.flatMap((part): Question[] => ("words" in part ? part.words.map((word) => ({ words: [word] })) : [part]));
}

/** One question of what must all hold; words become one condition, the first, as the node has it. */
export function joined(parts: readonly Question[]): Question {
  const flat = parts.flatMap(conjuncts);
  const words = flat.flatMap((part) => ("words" in part ? part.words : []));
  const others = flat.filter((part) => !("words" in part));
  const all = words.length ? [{ words }, ...others] : others;
  return all.length === 1 && all[0] ? all[0] : { and: all };
}

export const without = (question: Question, at: number): Question =>
  joined(conjuncts(question).filter((_, index) => index !== at));

/** The part at this place, turned to its opposite. */
export function turned(question: Question, at: number): Question {
  return joined(
    conjuncts(question).map((part, index) => (index !== at ? part : "not" in part ? part.not : { not: part })),
  );
}

export const isEmpty = (question: Question): boolean => conjuncts(question).length === 0;

/** The one field that a part speaks of: such a part is left out in the counts of its own facet. */
export function fieldOf(part: Question): string | null {
  if ("field" in part) return part.field;
  if (!("or" in part)) return null;
  const fields = new Set(part.or.map((one) => ("field" in one ? one.field : null)));
  return fields.size === 1 ? ([...fields][0] ?? null) : null;
}

/** Any spelling of a value: its key or its label, in any case. */
export type Names = readonly string[];
const isOneOf = (value: string, names: Names) => names.some((name) => name.toLowerCase() === value.toLowerCase());

/** Every value asked for in a field, and every range. */
export function chosen(question: Question, field: string): { values: string[]; spans: Span[] } {
  const parts = conjuncts(question).filter((part) => fieldOf(part) === field);
  return {
    values: parts.flatMap((part) => valuesOf(part)),
    spans: parts.length ? parts.map(spansOf).reduce((all, one) => meet(all, one)) : [],
  };
}

/** Every value that may not be. */
export const shunned = (question: Question, field: string): string[] =>
  conjuncts(question).flatMap((part) => ("not" in part && fieldOf(part.not) === field ? valuesOf(part.not) : []));

/** Take a value in, or out where it is asked for or shunned already. */
export function toggled(question: Question, field: string, names: Names): Question {
  const parts = conjuncts(question);
  const isHere = (part: Question) => fieldOf(inside(part)) === field && valuesOf(inside(part)).some((one) => isOneOf(one, names));
  if (parts.some(isHere)) {
    return joined(parts.flatMap((part) => (isHere(part) ? withoutValues(part, names) : [part])));
  }
  return added(question, field, names[0] ?? "");
}

/** Take values out and one in: what a click on a part of something chosen means. */
export function exchanged(question: Question, field: string, out: readonly string[], taken: string): Question {
  const left = conjuncts(question).flatMap((part) => (fieldOf(part) === field ? withoutValues(part, out) : [part]));
  return added(joined(left), field, taken);
}

function added(question: Question, field: string, value: string): Question {
  const parts = conjuncts(question);
  const at = parts.findLastIndex((part) => fieldOf(part) === field);
  const there = parts[at];
  if (!there) return joined([...parts, { field, in: [value] }]);
  return joined(parts.with(at, held(field, [...valuesOf(there), value], spansOf(there))));
}

/** Take a range in or out; neighbouring ones grow together. */
export function toggledSpan(question: Question, field: string, span: Span, isIn: boolean): Question {
  const { values, spans } = chosen(question, field);
  return placed(question, field, values, isIn ? minus(spans, span) : plus(spans, span));
}

/** Ask for exactly one range of a field, or for none. */
export const narrowed = (question: Question, field: string, span: Span | null): Question =>
  placed(question, field, [], span ? [span] : []);

function placed(question: Question, field: string, values: string[], spans: Span[]): Question {
  const parts = conjuncts(question);
  const at = parts.findIndex((part) => fieldOf(part) === field);
  const rest = parts.filter((part) => fieldOf(part) !== field);
  if (!values.length && !spans.length) return joined(rest);
  const place = at < 0 ? rest.length : at;
  return joined([...rest.slice(0, place), held(field, values, spans), ...rest.slice(place)]);
}

function held(field: string, values: string[], spans: Span[]): Question {
  const all: Question[] = spans.map((span) => withSpan(field, span));
  if (values.length) all.unshift({ field, in: values });
  return all.length === 1 && all[0] ? all[0] : { or: all };
}

const inside = (part: Question): Question => ("not" in part ? part.not : part);

export function valuesOf(part: Question): string[] {
  if ("or" in part) return part.or.flatMap(valuesOf);
  return "in" in part ? part.in : [];
}

export function spansOf(part: Question): Span[] {
  if ("or" in part) return part.or.flatMap(spansOf);
  return "field" in part && !("in" in part) ? [spanOf(part)] : [];
}

function withoutValues(part: Question, names: Names): Question[] {
  if ("not" in part) return withoutValues(part.not, names).map((not) => ({ not }));
  if ("or" in part) {
    const left = part.or.flatMap((one) => withoutValues(one, names));
    return left.length > 1 ? [{ or: left }] : left;
  }
  if (!("in" in part)) return [part];
  const left = part.in.filter((one) => !isOneOf(one, names));
  return left.length ? [{ field: part.field, in: left }] : [];
}

/** Both hold: ranges of one list that lie in the other. */
const meet = (some: Span[], others: Span[]): Span[] =>
  others.length && some.length ? minusAll(some, others) : [...some, ...others];
const minusAll = (some: Span[], others: Span[]): Span[] => {
  const gaps = others.reduce((left, one) => minus(left, one), [whole]);
  return gaps.reduce((left, one) => minus(left, one), some);
};

/** The text that reads as this question. */
export const written = (question: Question): string => write(question, NOTHING);

const [NOTHING, OR, AND, NOT] = [0, 1, 2, 3] as const;

function write(question: Question, within: number): string {
  if ("words" in question) {
    const told = question.words.map(quoted).join(" ");
    return within === NOT && question.words.length > 1 ? `(${told})` : told;
  }
  if ("in" in question) return `${question.field}:${question.in.map(quoted).join(",")}`;
  if ("not" in question) return `NOT ${write(question.not, NOT)}`;
  if ("and" in question) return grouped(question.and.map((part) => write(part, AND)), " AND ", within >= AND);
  if ("or" in question) return grouped(question.or.map((part) => write(part, OR)), " OR ", within >= OR);
  return writeBetween(question, within);
}

const grouped = (parts: string[], by: string, isBound: boolean) => (isBound ? `(${parts.join(by)})` : parts.join(by));

function writeBetween(between: Between, within: number): string {
  const { field, after, to } = between;
  const low = between.from ?? after ?? null;
  const high = between.below ?? to ?? null;
  if ((after === undefined || after === null) && (to === undefined || to === null)) {
    return `${field}:${low ?? ""}..${high ?? ""}`;
  }
  const told: string[] = [];
  if (low !== null) told.push(`${field}${after === undefined ? ">=" : ">"}${low}`);
  if (high !== null) told.push(`${field}${to === undefined ? "<" : "<="}${high}`);
  return grouped(told, " AND ", told.length > 1 && within >= AND);
}

/** A value or word as it stands in a question; in quotation marks where it must. */
export function quoted(text: string): string {
  const isPlain = /^[^\s()":<>=,-][^\s()":<>=,]*$/.test(text) && !["AND", "OR", "NOT"].includes(text) && !text.includes("..");
  return isPlain ? text : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The same question of another field. */
export function renamed(question: Question, from: string, to: string): Question {
  const each = (part: Question): Question => {
    if ("and" in part) return { and: part.and.map(each) };
    if ("or" in part) return { or: part.or.map(each) };
    if ("not" in part) return { not: each(part.not) };
    return "field" in part && part.field === from ? { ...part, field: to } : part;
  };
  return each(question);
}
