// Countries by name, in the reader's language; what the node is told is ISO 3166-1 alpha-2.

const NO_COUNTRY = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]);
/** Withdrawn codes, which the browser knows by today's names. */
const OLD = new Set(["AN", "BU", "CS", "CT", "DD", "DY", "FQ", "FX", "HV", "JT", "MI", "NH", "NQ", "NT", "PC", "PU", "PZ", "RH", "SU", "TP", "UK", "VD", "WK", "YD", "YU", "ZR"]);

export function countries(): { code: string; name: string }[] {
  const names = new Intl.DisplayNames(undefined, { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !NO_COUNTRY.has(code) && !OLD.has(code))
    .map((code) => ({ code, name: names.of(code) ?? "" }))
    .filter(({ name }) => name)
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** A country's name, or its code where the browser knows none. */
export function country(code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}
