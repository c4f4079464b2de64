// Reads a dropped table in the browser, for nodes that may not be given it: headings find their columns.
import type { FileFinding, Form, FormColumn, FormField, ReadTable } from "../api/described";
import { fromCsv } from "./csv";
import { fromXlsx, type ReadSheet } from "./xlsx_read";

const LOOKED_AT = 20;
const SUFFIX = / (id|ids|nr|no|num|number|nummer|numero|code|name)$/;
const PASSED_OVER = new Set(["read me", "vocabularies", "readme"]);
const FIELD_WORDS = new Set(["field", "feld", "champ", "campo", "falt"]);

export async function readHere(file: File, form: Form): Promise<ReadTable> {
  const data = await file.arrayBuffer();
  const start = new Uint8Array(data.slice(0, 4));
  if (start[0] === 0xd0) throw new Error("This is an old workbook (XLS). Save it as XLSX or CSV, and drop that.");
  const isWorkbook = start[0] === 0x50 && start[1] === 0x4b;
  const sheets = isWorkbook ? await fromXlsx(data) : [{ name: "", rows: fromCsv(data), notes: [] }];
  return gather(sheets, form);
}

/** A heading without case, accents, marks and doubled blanks. */
export function bare(text: string): string {
  const apart = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");
  return apart.replace(/[^a-z0-9]+/g, " ").trim();
}

/** The column that a heading means, or null where that is not certain. */
export function columnOf(heading: string, form: Form): FormColumn | null {
  for (let name = bare(heading); name; name = name.replace(SUFFIX, "")) {
    const found = form.columns.find((column) => column.names.includes(name));
    if (found || !SUFFIX.test(name)) return found ?? null;
  }
  return null;
}

function fieldOf(name: string, form: Form): FormField | null {
  return form.fields.find((field) => [field.name, field.heading].some((one) => bare(one) === bare(name))) ?? null;
}

/** The first row in which most headings are understood, with the column at each place. */
export function findHeadings(rows: string[][], form: Form): { row: number; columns: Map<number, FormColumn> } | null {
  let best: { row: number; columns: Map<number, FormColumn> } | null = null;
  for (const [number, row] of rows.slice(0, LOOKED_AT).entries()) {
    const columns = new Map<number, FormColumn>();
    for (const [place, text] of (row ?? []).entries()) {
      const column = text ? columnOf(text, form) : null;
      if (column && ![...columns.values()].includes(column)) columns.set(place, column);
    }
    if (columns.size >= 2 && columns.size > (best?.columns.size ?? 0)) best = { row: number, columns };
  }
  return best;
}

function gather(sheets: ReadSheet[], form: Form): ReadTable {
  const read: ReadTable = { columns: [], rows: [], fields: {}, findings: [] };
  const warn = (what: string, remedy = "Nothing, if that is right.", severity: FileFinding["severity"] = "warning") =>
    read.findings.push({ severity, what, expected: "", remedy, cells: [] });
  for (const sheet of sheets) {
    for (const note of sheet.notes) warn(note);
    if (PASSED_OVER.has(bare(sheet.name)) || sheet.rows.length === 0) continue;
    if (isAboutDataset(sheet)) {
      takeFields(sheet, form, read, warn);
      continue;
    }
    const headed = findHeadings(sheet.rows, form);
    if (!headed) {
      warn("No row of headings is understood in this table: it is not used.", "Name the columns File, Being, Stain, Diagnosis …", "error");
      continue;
    }
    for (const [place, text] of sheet.rows[headed.row]!.entries()) {
      if (text && !headed.columns.has(place)) warn(`The heading “${text.slice(0, 40)}” is not known, or is there twice: its column is not used.`);
    }
    takeRows(sheet.rows.slice(headed.row + 1), headed.columns, read);
  }
  if (read.rows.length > form.most_rows) {
    throw new Error(`There are more than ${form.most_rows.toLocaleString("en")} rows. Use the command line, or split the table.`);
  }
  return read;
}

function isAboutDataset(sheet: ReadSheet): boolean {
  const first = sheet.rows[0]?.filter(Boolean)[0] ?? "";
  return bare(sheet.name) === "dataset" || FIELD_WORDS.has(bare(first));
}

function takeFields(sheet: ReadSheet, form: Form, read: ReadTable, warn: (what: string) => void): void {
  for (const row of sheet.rows) {
    const name = row?.[0] ?? "";
    if (!name || FIELD_WORDS.has(bare(name))) continue;
    const field = fieldOf(name, form);
    if (!field) warn(`The field “${name.slice(0, 40)}” is not known: it is not used.`);
    else if (row[1]) read.fields[field.name] = row[1];
  }
}

function takeRows(rows: string[][], columns: Map<number, FormColumn>, read: ReadTable): void {
  for (const column of columns.values()) if (!read.columns.includes(column.name)) read.columns.push(column.name);
  const places = [...columns].map(([place, column]) => [place, read.columns.indexOf(column.name)] as const);
  for (const row of rows) {
    if (!row?.some(Boolean) || row.find(Boolean)?.toLowerCase().startsWith("example")) continue;
    const texts = read.columns.map(() => "");
    for (const [place, to] of places) texts[to] = row[place] ?? "";
    if (texts.some(Boolean)) read.rows.push(texts);
  }
}
