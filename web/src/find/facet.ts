// Values of a facet: how they are written in a question, shown to a reader, and stand below one another.
import type { Value } from "../api/found";
import { facetTerm, sentence } from "../words/plain";
import { VALUE } from "../words/terms";

/** Fields whose terms some vocabularies (SEND) write in capitals. */
const SHOUTED = new Set(["severity", "control", "extraction", "fixation", "preparation", "method", "sex"]);

export function shownValue(field: string, value: string, label: string): string {
  const told = VALUE[value];
  if (told) return told;
  // A code without a meaning stays as it is.
  if (!label || (label === value && value.includes(":"))) return value;
  if (SHOUTED.has(field)) return capital(sentence(label));
  return facetTerm(field === "confirmed" ? "diagnosis" : field, label);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Labels that several values share: these are told apart by their scheme. */
export function shared(field: string, values: readonly Value[]): Set<string> {
  const [once, again] = [new Set<string>(), new Set<string>()];
  for (const one of values) {
    const shown = shownValue(field, one.value, one.label);
    (once.has(shown) ? again : once).add(shown);
  }
  return again;
}

export const schemeOf = (value: string): string => value.slice(0, Math.max(value.lastIndexOf(":"), 0)).split(":")[0] ?? "";

/** The names of a value in a question, the one to write first: its label where that is a code's and its only one. */
export function namesOf(value: Value, all: readonly Value[]): string[] {
  const label = value.label.toLowerCase();
  const isCoded = value.value.includes(":") && value.label !== "";
  const isAlone = !all.some((one) => one !== value && one.value !== value.value && one.label.toLowerCase() === label);
  return isCoded && isAlone ? [value.label, value.value] : [value.value, value.label].filter(Boolean);
}

export const isAmong = (value: Value, chosen: ReadonlySet<string>): boolean =>
  chosen.has(value.value.toLowerCase()) || (value.label !== "" && chosen.has(value.label.toLowerCase()));

export const lowered = (values: readonly string[]): Set<string> => new Set(values.map((one) => one.toLowerCase()));

export type Mark = "chosen" | "covered" | "partly" | "shunned" | "";

export interface Node {
  value: Value;
  children: Node[];
  above: Node | null;
}

/** The values as trees; one whose parent is not told stands at the top. */
export function treesOf(values: readonly Value[]): Node[] {
  const nodes = new Map<string, Node>();
  for (const value of values) nodes.set(value.value, { value, children: [], above: null });
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const above = node.value.parent ? nodes.get(node.value.parent) : undefined;
    if (above && !isBelow(above, node)) {
      node.above = above;
      above.children.push(node);
    } else roots.push(node);
  }
  return roots;
}

/** A circle of parents, which no node should tell, must not hang the page. */
function isBelow(node: Node, other: Node): boolean {
  for (let at: Node | null = node; at; at = at.above) if (at === other) return true;
  return false;
}

export const pathOf = (node: Node): Node[] => (node.above ? [...pathOf(node.above), node.above] : []);

export interface Row {
  node: Node;
  level: number;
  place: number;
  siblings: number;
}

/** The rows to show, from top to bottom. */
export function rowsOf(roots: readonly Node[], isOpen: (node: Node) => boolean, level = 1): Row[] {
  return roots.flatMap((node, index) => [
    { node, level, place: index + 1, siblings: roots.length },
    ...(isOpen(node) ? rowsOf(node.children, isOpen, level + 1) : []),
  ]);
}
