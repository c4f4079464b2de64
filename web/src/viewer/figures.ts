// Numbers and names of results as people read them.

/** Four significant digits: `0.8125`, `12.35`, `1,204`. */
export const figure = (value: number): string => new Intl.NumberFormat("en", { maximumSignificantDigits: 4 }).format(value);

/** `tissue_fraction` as `Tissue fraction`; of `tissue_mm2` in mm2 the unit is said with the number. */
export function sayOutput(name: string, unit = ""): string {
  const ending = unit && unit !== "1" ? `_${unit.replace(/\W/g, "")}` : "";
  const words = (ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
