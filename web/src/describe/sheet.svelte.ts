// The sheet under way: its rows, fields and decided words, and how to take a change back.
import type { Audience, Decision, Form, ReadTable, Sheet } from "../api/described";

const MOST_STEPS = 200;

/** A block of cells, first and last included. */
export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export class SheetState {
  audience = $state<Audience>("clinical");
  title = $state("");
  form = $state.raw<Form>({ columns: [], fields: [], most_rows: 0 });
  /** By the columns of the form; each change makes new arrays of what it changes only. */
  rows = $state.raw<string[][]>([]);
  fields = $state<Record<string, string>>({});
  mapping = $state.raw<Decision[]>([]);
  slides = $state.raw<string[] | null>(null);
  /** Grows with every change. */
  version = $state(0);
  #back = $state.raw<string[][][]>([]);
  #forth = $state.raw<string[][][]>([]);

  get canUndo() {
    return this.#back.length > 0;
  }
  get canRedo() {
    return this.#forth.length > 0;
  }
  get most() {
    return this.form.most_rows;
  }

  text(row: number, column: number): string {
    return this.rows[row]?.[column] ?? "";
  }

  /** Put a block of texts at a place. Returns how many rows did not fit. */
  put(row: number, column: number, texts: string[][]): number {
    const room = Math.max(0, this.most - row);
    const rows = [...this.rows];
    while (rows.length < row) rows.push([]);
    for (const [down, line] of texts.slice(0, room).entries()) {
      const changed = [...(rows[row + down] ?? [])];
      while (changed.length < column) changed.push("");
      for (const [across, text] of line.entries()) {
        if (column + across < this.form.columns.length) changed[column + across] = text.trim();
      }
      rows[row + down] = changed;
    }
    this.#replace(rows);
    return texts.length - Math.min(texts.length, room);
  }

  dropRows(top: number, bottom: number): void {
    this.#replace(this.rows.filter((_, row) => row < top || row > bottom));
  }

  insertRow(at: number): void {
    if (this.rows.length < this.most) this.#replace([...this.rows.slice(0, at), [], ...this.rows.slice(at)]);
  }

  undo(): void {
    const before = this.#back.at(-1);
    if (!before) return;
    this.#back = this.#back.slice(0, -1);
    this.#forth = [...this.#forth, this.rows];
    this.rows = before;
    this.version += 1;
  }

  redo(): void {
    const after = this.#forth.at(-1);
    if (!after) return;
    this.#forth = this.#forth.slice(0, -1);
    this.#back = [...this.#back, this.rows];
    this.rows = after;
    this.version += 1;
  }

  say(field: string, text: string): void {
    if ((this.fields[field] ?? "") === text) return;
    this.fields[field] = text;
    this.version += 1;
  }

  decide(decision: Decision): void {
    const others = this.mapping.filter((one) => one.column !== decision.column || one.local !== decision.local);
    this.mapping = [...others, decision];
    this.version += 1;
  }

  takeBack(decision: Decision): void {
    this.mapping = this.mapping.filter((one) => one !== decision);
    this.version += 1;
  }

  /** Take over a table: its rows go below what is there. */
  add(read: ReadTable): number {
    const places = this.form.columns.map((column) => read.columns.indexOf(column.name));
    const rows = read.rows.map((row) => places.map((place) => (place < 0 ? "" : (row[place] ?? ""))));
    for (const [name, text] of Object.entries(read.fields)) this.fields[name] = text;
    return this.put(this.used, 0, rows);
  }

  /** Rows up to the last that is not empty. */
  get used(): number {
    let used = this.rows.length;
    while (used > 0 && !this.rows[used - 1]?.some(Boolean)) used -= 1;
    return used;
  }

  /** The form for another context; what stands in the columns stays with them. */
  reform(form: Form): void {
    const places = form.columns.map((column) => this.form.columns.findIndex((one) => one.name === column.name));
    if (this.form.columns.length) {
      this.rows = this.rows.map((row) => places.map((place) => (place < 0 ? "" : (row[place] ?? ""))));
      this.#back = this.#forth = [];
    }
    this.form = form;
  }

  /** Open what was kept. */
  open(sheet: Sheet): void {
    const places = this.form.columns.map((column) => sheet.columns.indexOf(column.name));
    this.rows = sheet.rows.map((row) => places.map((place) => (place < 0 ? "" : (row[place] ?? ""))));
    this.fields = { ...sheet.fields };
    this.mapping = sheet.mapping;
    this.#back = this.#forth = [];
  }

  /** The sheet as it is kept and checked: without columns and fields in which nothing stands. */
  get sheet(): Sheet {
    const rows = this.rows.slice(0, this.used);
    const places = this.form.columns.map((_, place) => place).filter((place) => rows.some((row) => row?.[place]));
    const kept = places.length ? places : [0];
    return {
      columns: kept.map((place) => this.form.columns[place]!.name),
      rows: rows.map((row) => kept.map((place) => row[place] ?? "")),
      fields: Object.fromEntries(Object.entries(this.fields).filter(([, text]) => text)),
      mapping: this.mapping,
      audience: this.audience,
    };
  }

  #replace(rows: string[][]): void {
    this.#back = [...this.#back.slice(1 - MOST_STEPS), this.rows];
    this.#forth = [];
    this.rows = rows;
    this.version += 1;
  }
}
