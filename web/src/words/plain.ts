// Terms of the vocabularies as a reader says them; what is searched and stored keeps its own spelling.

const LONGEST_ACRONYM = 4;

/** `VACUOLATION` becomes `Vacuolation`; an acronym such as `DCIS` stays. */
export function sentence(term: string): string {
  const letters = term.replace(/[^\p{L}]/gu, "");
  if (letters.length <= LONGEST_ACRONYM || letters !== letters.toUpperCase()) return term;
  return term.charAt(0) + term.slice(1).toLowerCase();
}

/** SNOMED names anatomy as structures: `Kidney structure` is a kidney. */
export function organ(term: string): string {
  return sentence(term.replace(/ structure$/, ""));
}

/** SEND writes species in capitals, however short: `RAT`. */
export function species(term: string): string {
  return term === term.toUpperCase() ? term.charAt(0) + term.slice(1).toLowerCase() : term;
}

/** A term as the facet of this name shows it. */
export function facetTerm(facet: string, term: string): string {
  if (facet === "organ") return organ(term);
  if (facet === "species") return species(term);
  return facet === "diagnosis" ? sentence(term) : term;
}

const UNITS: Record<string, [string, string]> = {
  D: ["day", "days"],
  W: ["week", "weeks"],
  M: ["month", "months"],
  Y: ["year", "years"],
};

/**
 * An age of the standard (3.2.4): `start/length` in ISO 8601 durations, [start, start + length[.
 * `P50Y/P10Y` is `50 to 59 years`; `P10W/PT0S` is exact. What is written otherwise stays as it is.
 */
export function age(interval: string): string {
  const [start = "", length = ""] = interval.split("/");
  const from = duration(start);
  if (!from) return interval;
  const span = duration(length);
  if (span && span.unit !== from.unit && span.count) return interval;
  const last = from.count + Math.max(span?.count ?? 0, 1) - 1;
  const [one, several] = UNITS[from.unit] ?? ["", ""];
  const name = last === 1 ? one : several;
  return last > from.count ? `${from.count} to ${last} ${name}` : `${from.count} ${name}`;
}

function duration(text: string): { count: number; unit: string } | null {
  const found = /^P(\d+)([DWMY])$/.exec(text);
  if (found?.[1] && found[2]) return { count: Number(found[1]), unit: found[2] };
  return /^PT0S$/.test(text) ? { count: 0, unit: "" } : null;
}

/** A unit of UCUM as people write it; a count has none. */
export function unitOf(unit: string): string {
  const spelled: Record<string, string> = { "1": "", mo: "months", a: "years", d: "days", wk: "weeks", um: "µm", um2: "µm²", mm2: "mm²", "/mm2": "/mm²" };
  return spelled[unit] ?? unit;
}
