// Numbers and names of results as people read them.

/** Four significant digits: `0.8125`, `12.35`, `1,204`. */
export const figure = (value: number): string => new Intl.NumberFormat("en", { maximumSignificantDigits: 4 }).format(value);

/** `tissue_mm2` as `Tissue mm2`. */
export function sayOutput(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
