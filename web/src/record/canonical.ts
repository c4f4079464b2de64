// Canonical JSON (RFC 8785): it is defined by what JavaScript's own JSON does, with sorted names.

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const given = value as Record<string, unknown>;
    // By UTF-16 code units, which is how JavaScript sorts.
    const members = Object.keys(given).sort().map((name) => `${JSON.stringify(name)}:${canonical(given[name])}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}
