// Reads the sheets of a workbook (XLSX) in the browser, so that it need not leave it.
import { Archive, damaged } from "./zip";

export interface ReadSheet {
  name: string;
  rows: string[][];
  /** Sentences on what was left out. */
  notes: string[];
}

const DAYS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);
const MOST_CELLS = 5_000_000;

export async function fromXlsx(data: ArrayBuffer): Promise<ReadSheet[]> {
  const archive = new Archive(data);
  const book = parsed(await archive.text("xl/workbook.xml"));
  const links = parsed(await archive.text("xl/_rels/workbook.xml.rels"));
  const targets = new Map(all(links, "Relationship").map((one) => [one.getAttribute("Id"), one.getAttribute("Target") ?? ""]));
  const shared = all(parsed(await archive.text("xl/sharedStrings.xml"), true), "si").map(words);
  const dated = daysOf(parsed(await archive.text("xl/styles.xml"), true));
  const sheets: ReadSheet[] = [];
  for (const sheet of all(book, "sheet")) {
    const name = sheet.getAttribute("name") ?? "";
    if ((sheet.getAttribute("state") ?? "visible") !== "visible") {
      sheets.push({ name, rows: [], notes: [`The sheet ${name} is hidden: nothing of it is used.`] });
      continue;
    }
    const link = sheet.getAttributeNS("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "id");
    const target = targets.get(link) ?? "";
    const xml = await archive.text(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
    if (xml) sheets.push({ name, ...rowsOf(parsed(xml), shared, dated) });
  }
  return sheets;
}

function parsed(xml: string | null, may_lack = false): Document {
  if (xml === null && !may_lack) throw damaged();
  const document = new DOMParser().parseFromString(xml ?? "<none/>", "application/xml");
  if (document.querySelector("parsererror")) throw damaged();
  return document;
}

const all = (place: Document | Element, name: string) => [...place.getElementsByTagNameNS("*", name)];

/** The text of a string, without the readings that stand beside it in Japanese. */
function words(place: Element): string {
  return all(place, "t")
    .filter((one) => one.parentElement?.localName !== "rPh")
    .map((one) => one.textContent)
    .join("")
    .trim();
}

/** Which cell styles show a day. */
function daysOf(styles: Document): boolean[] {
  const formats = new Map(
    all(styles, "numFmt").map((one) => [Number(one.getAttribute("numFmtId")), one.getAttribute("formatCode") ?? ""]),
  );
  const cells = all(styles, "cellXfs")[0];
  return cells
    ? all(cells, "xf").map((one) => {
        const id = Number(one.getAttribute("numFmtId"));
        return DAYS.has(id) || /[dmy]/i.test((formats.get(id) ?? "").replace(/"[^"]*"|\[[^\]]*\]|\\./g, ""));
      })
    : [];
}

function rowsOf(sheet: Document, shared: string[], dated: boolean[]): Pick<ReadSheet, "rows" | "notes"> {
  const rows: string[][] = [];
  const hidden = hiddenColumns(sheet);
  let hiddenRows = 0;
  let counted = 0;
  for (const [place, row] of all(sheet, "row").entries()) {
    const number = Number(row.getAttribute("r") ?? place + 1) - 1;
    if (["1", "true"].includes(row.getAttribute("hidden") ?? "")) {
      hiddenRows += 1;
      continue;
    }
    const texts: string[] = [];
    for (const cell of row.children) {
      if (cell.localName !== "c") continue;
      const index = indexOf(cell.getAttribute("r")) ?? texts.length;
      counted += 1;
      if (counted > MOST_CELLS || index > 16383 || number > 1048575) throw new Error("The sheet reaches too far.");
      if (hidden.has(index)) continue;
      while (texts.length < index) texts.push("");
      texts[index] = textOf(cell, shared, dated);
    }
    while (rows.length < number) rows.push([]);
    rows[number] = texts;
  }
  fillMerged(sheet, rows);
  const notes: string[] = [];
  if (hiddenRows) notes.push(`${hiddenRows} rows are hidden: none of them is used.`);
  if (hidden.size && hidden.size < 200) notes.push(`${hidden.size} columns are hidden: they are not used.`);
  return { rows, notes };
}

function textOf(cell: Element, shared: string[], dated: boolean[]): string {
  const kind = cell.getAttribute("t") ?? "n";
  if (kind === "inlineStr") return words(cell);
  const value = all(cell, "v")[0]?.textContent ?? "";
  if (kind === "s") return shared[Number(value)] ?? "";
  if (kind === "b") return value === "1" ? "True" : "False";
  if (kind === "e") return "";
  if (kind === "str" || kind === "d" || !value) return value.trim();
  const number = Number(value);
  if (dated[Number(cell.getAttribute("s") ?? -1)] && number > 0 && number < 2958466) {
    return new Date(Math.round((number - 25569) * 86400000)).toISOString().slice(0, 10);
  }
  return Number.isFinite(number) ? String(number) : value;
}

function indexOf(reference: string | null): number | null {
  const found = /^[A-Z]+/.exec(reference ?? "");
  return found ? [...found[0]].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 : null;
}

function hiddenColumns(sheet: Document): Set<number> {
  const found = new Set<number>();
  for (const column of all(sheet, "col")) {
    if (!["1", "true"].includes(column.getAttribute("hidden") ?? "")) continue;
    const last = Math.min(Number(column.getAttribute("max")), 16384);
    for (let index = Number(column.getAttribute("min")); index <= last; index += 1) found.add(index - 1);
  }
  return found;
}

/** Cells that are merged down one column all have the first one's text. */
function fillMerged(sheet: Document, rows: string[][]): void {
  for (const merged of all(sheet, "mergeCell")) {
    const [first = "", last = ""] = (merged.getAttribute("ref") ?? "").split(":");
    const column = indexOf(first);
    if (column === null || column !== indexOf(last)) continue;
    const [top, bottom] = [first, last].map((one) => Number(/\d+$/.exec(one)?.[0] ?? 0) - 1);
    const text = rows[top!]?.[column] ?? "";
    for (let row = top! + 1; row <= Math.min(bottom!, rows.length - 1); row += 1) {
      const texts = (rows[row] ??= []);
      while (texts.length < column) texts.push("");
      texts[column] = text;
    }
  }
}
