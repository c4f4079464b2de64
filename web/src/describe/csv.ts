// CSV as spreadsheets write and read it: encoding and separator are found.
import { split } from "./tabs";

const SEPARATORS = [",", ";", "\t", "|"];

/** The rows of a CSV in UTF-8, UTF-16 or Windows-1252. */
export function fromCsv(data: ArrayBuffer): string[][] {
  let text = decode(new Uint8Array(data)).replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const told = /^"?sep=(.)"?\n/i.exec(text);
  if (told) text = text.slice(told[0].length);
  return split(text, told?.[1] ?? separatorOf(text));
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function separatorOf(text: string): string {
  const line = text.slice(0, 20000).split('"').filter((_, index) => index % 2 === 0).join("").split("\n", 1)[0] ?? "";
  const times = (mark: string) => line.split(mark).length;
  return SEPARATORS.reduce((best, mark) => (times(mark) > times(best) ? mark : best));
}

/** A CSV in UTF-8 with the mark that spreadsheets need. */
export function toCsv(rows: string[][]): Blob {
  const quoted = (text: string) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const text = rows.map((row) => row.map(quoted).join(",")).join("\r\n");
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv;charset=utf-8" });
}
