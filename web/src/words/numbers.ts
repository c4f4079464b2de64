// Numbers, sizes and days as people read them.

const whole = new Intl.NumberFormat("en");
// The node counts in UTC; a day is the node's day, wherever the reader is.
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
/** `few` where the number is not told, because it is of few beings. */
export const count = (value: number | null) => (value === null ? "few" : whole.format(value));

/** `1 slide`, `1,204 slides`. */
export function many(value: number | null, one: string, several = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : several}`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let left = value;
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${left >= 100 || unit === 0 ? Math.round(left) : left.toFixed(1)} ${units[unit]}`;
}

export function date(text: string | null | undefined): string {
  const time = text ? new Date(text) : null;
  return time && !Number.isNaN(time.getTime()) ? day.format(time) : (text ?? "");
}

const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** A moment of the record, to the second: `23 Nov 2026, 21:10:07 UTC`. */
export function moment(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : `${clock.format(time)} UTC`;
}

/** `3 minutes ago`; days and more as a date. */
export function ago(text: string): string {
  const seconds = (Date.now() - new Date(text).getTime()) / 1000;
  if (!Number.isFinite(seconds)) return text;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${many(Math.round(seconds / 60), "minute")} ago`;
  if (seconds < 86400) return `${many(Math.round(seconds / 3600), "hour")} ago`;
  return date(text);
}

/** Micrometres per pixel: `0.25 µm/px`. */
export function resolution(mpp: number): string {
  return `${Number(mpp.toPrecision(3))} µm/px`;
}

/** A length given in micrometres: `500 µm`, `2 mm`, `1.4 cm`. */
export function length(micrometres: number): string {
  if (micrometres >= 10000) return `${Number((micrometres / 10000).toPrecision(3))} cm`;
  if (micrometres >= 1000) return `${Number((micrometres / 1000).toPrecision(3))} mm`;
  if (micrometres < 1) return `${Number((micrometres * 1000).toPrecision(3))} nm`;
  return `${Number(micrometres.toPrecision(3))} µm`;
}
