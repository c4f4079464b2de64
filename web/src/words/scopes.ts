// What a token may be for, in words.
import type { Scope } from "../api/types";

export const SCOPES: [Scope, string][] = [
  ["read", "Read and look"],
  ["download", "Download"],
  ["submit", "Submit datasets"],
  ["govern", "Everything else"],
];

const WORDS = new Map(SCOPES);

export function scopesInWords(scopes: Scope[] | undefined): string {
  if (!scopes || scopes.length === SCOPES.length) return "All that you may";
  return scopes.map((scope) => WORDS.get(scope) ?? scope).join(", ");
}
