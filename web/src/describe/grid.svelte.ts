// Where one is in the grid, and how the keys move there.
import type { Block, SheetState } from "./sheet.svelte";

export interface Spot {
  row: number;
  column: number;
}

export class GridState {
  readonly sheet: SheetState;
  active = $state.raw<Spot>({ row: 0, column: 0 });
  anchor = $state.raw<Spot>({ row: 0, column: 0 });
  /** What the editor begins with; null while nothing is edited. */
  editing = $state<string | null>(null);
  /** Places in the form of the columns that are shown. */
  shown = $state.raw<number[]>([]);
  /** How many rows a page of the window has. */
  page = 20;

  constructor(sheet: SheetState) {
    this.sheet = sheet;
  }

  /** Rows to scroll through: some empty ones are always there to type into. */
  get rows(): number {
    return Math.min(this.sheet.most || 1, Math.max(this.sheet.rows.length + 20, 40));
  }

  /** The place in the form of a shown column. */
  place(column: number): number {
    return this.shown[column] ?? 0;
  }

  readonly block = $derived<Block>({
    top: Math.min(this.active.row, this.anchor.row),
    bottom: Math.max(this.active.row, this.anchor.row),
    left: Math.min(this.active.column, this.anchor.column),
    right: Math.max(this.active.column, this.anchor.column),
  });

  isInBlock(row: number, column: number): boolean {
    const { top, bottom, left, right } = this.block;
    return row >= top && row <= bottom && column >= left && column <= right;
  }

  get isOne(): boolean {
    return this.active.row === this.anchor.row && this.active.column === this.anchor.column;
  }

  go(row: number, column: number, extend = false): void {
    const bound = (value: number, most: number) => Math.max(0, Math.min(value, most - 1));
    this.active = { row: bound(row, this.rows), column: bound(column, this.shown.length) };
    if (!extend) this.anchor = this.active;
  }

  /** The next cell to the right, or the first of the next row. False at the end. */
  step(by: 1 | -1): boolean {
    const at = this.active.row * this.shown.length + this.active.column + by;
    if (at < 0 || at >= this.rows * this.shown.length) return false;
    this.go(Math.floor(at / this.shown.length), at % this.shown.length);
    return true;
  }

  /** Move by a key. Returns whether it was one that moves. */
  move(event: KeyboardEvent): boolean {
    const { row, column } = this.active;
    const isFar = event.ctrlKey || event.metaKey;
    const last = Math.max(0, this.sheet.used - 1);
    const to: Record<string, () => [number, number]> = {
      ArrowUp: () => [isFar ? 0 : row - 1, column],
      ArrowDown: () => [isFar ? last : row + 1, column],
      ArrowLeft: () => [row, isFar ? 0 : column - 1],
      ArrowRight: () => [row, isFar ? this.shown.length - 1 : column + 1],
      PageUp: () => [row - this.page, column],
      PageDown: () => [row + this.page, column],
      Home: () => [isFar ? 0 : row, 0],
      End: () => [isFar ? last : row, this.shown.length - 1],
    };
    const there = to[event.key];
    if (!there) return false;
    this.go(...there(), event.shiftKey);
    return true;
  }

  /** The texts of the block. */
  get texts(): string[][] {
    const { top, bottom, left, right } = this.block;
    const columns = Array.from({ length: right - left + 1 }, (_, n) => this.place(left + n));
    return Array.from({ length: bottom - top + 1 }, (_, n) => columns.map((place) => this.sheet.text(top + n, place)));
  }

  /** Paste a block; a single text fills all that is selected. Returns how many rows did not fit. */
  paste(texts: string[][]): number {
    const { top, bottom, left, right } = this.block;
    const isSingle = texts.length === 1 && texts[0]?.length === 1;
    const given = isSingle ? Array.from({ length: bottom - top + 1 }, () => Array.from({ length: right - left + 1 }, () => texts[0]![0]!)) : texts;
    const width = Math.min(Math.max(...given.map((row) => row.length)), this.shown.length - left);
    const missed = this.#put(top, left, given, width);
    this.anchor = { row: top, column: left };
    this.active = { row: Math.min(top + given.length, this.sheet.most) - 1, column: left + width - 1 };
    return missed;
  }

  clear(): void {
    const { top, bottom } = this.block;
    const last = Math.min(bottom, this.sheet.rows.length - 1);
    if (last < top) return;
    const width = this.block.right - this.block.left + 1;
    this.#put(top, this.block.left, Array.from({ length: last - top + 1 }, () => Array.from({ length: width }, () => "")), width);
  }

  fillDown(): void {
    const { top, bottom, left, right } = this.block;
    const from = top === bottom ? top - 1 : top;
    if (from < 0) return;
    const line = Array.from({ length: right - left + 1 }, (_, n) => this.sheet.text(from, this.place(left + n)));
    this.#put(from + 1, left, Array.from({ length: bottom - from }, () => line), line.length);
  }

  /** What a letter does together with Control. Returns whether it does anything. */
  command(key: string, isShifted: boolean): boolean {
    if (key === "z" && !isShifted) this.sheet.undo();
    else if (key === "y" || key === "z") this.sheet.redo();
    else if (key === "d") this.fillDown();
    else if (key === "a") {
      this.anchor = { row: 0, column: 0 };
      this.active = { row: Math.max(0, this.sheet.used - 1), column: this.shown.length - 1 };
    } else return false;
    return true;
  }

  dropRows(): void {
    this.sheet.dropRows(this.block.top, this.block.bottom);
    this.go(this.block.top, this.active.column);
  }

  /** Shown columns need not be neighbours in the form: what is between them stays as it is. */
  #put(top: number, left: number, texts: string[][], width: number): number {
    const places = Array.from({ length: width }, (_, n) => this.place(left + n));
    const [first, last] = [Math.min(...places), Math.max(...places)];
    const lines = texts.map((line, down) => {
      const whole = Array.from({ length: last - first + 1 }, (_, n) => this.sheet.text(top + down, first + n));
      for (const [n, place] of places.entries()) if (line[n] !== undefined) whole[place - first] = line[n];
      return whole;
    });
    return this.sheet.put(top, first, lines);
  }
}
