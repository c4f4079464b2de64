// Where each column of the grid stands, in CSS pixels.
import type { FormColumn } from "../api/described";

export const ROW = 30;
export const HEAD = 58;
/** Of the numbers of the rows. */
export const NUMBER = 48;

const WIDTH: Record<FormColumn["kind"], number> = { identifier: 116, term: 158, number: 92, text: 240 };

export interface Span {
  left: number;
  width: number;
}

export function layOut(columns: FormColumn[]): Span[] {
  let left = 0;
  return columns.map((column) => {
    const width = column.name === "file" ? 208 : Math.max(WIDTH[column.kind], column.heading.length * 8 + 44);
    left += width;
    return { left: left - width, width };
  });
}
