// The little of Markdown that agreements and model cards need, as blocks: nothing of it becomes markup by itself.

export interface Span {
  text: string;
  isStrong: boolean;
}
export interface Block {
  kind: "heading" | "list" | "paragraph" | "table";
  level: number;
  isNumbered: boolean;
  lines: Span[][];
  /** Of a table: its rows, the first of them its head. */
  rows?: Span[][][];
}

const HEADING = /^(#{1,3})\s+(.*)$/;
const ITEM = /^\s*(?:[-*]|(\d+)[.)])\s+(.*)$/;

const ROW = /^\s*\|(.*)\|\s*$/;
const RULE = /^[\s|:-]+$/;

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let isOpen = false;
  for (const line of text.split(/\r?\n/)) {
    const last = found.at(-1);
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    const row = ROW.exec(line);
    if (row) {
      const cells = row[1]!.split(/(?<!\\)\|/).map((cell) => spans(cell.trim()));
      if (!isOpen || last?.kind !== "table") found.push({ kind: "table", level: 0, isNumbered: false, lines: [], rows: [cells] });
      else if (!RULE.test(line)) last.rows!.push(cells);
    } else if (heading) found.push({ kind: "heading", level: heading[1]!.length, isNumbered: false, lines: [spans(heading[2]!)] });
    else if (item) {
      const isNumbered = item[1] !== undefined;
      if (isOpen && last?.kind === "list" && last.isNumbered === isNumbered) last.lines.push(spans(item[2]!));
      else found.push({ kind: "list", level: 0, isNumbered, lines: [spans(item[2]!)] });
    } else if (line.trim() && isOpen && last && last.kind !== "heading" && last.kind !== "table") {
      if (last.kind === "list") last.lines.at(-1)!.push(...spans(` ${line.trim()}`));
      else last.lines.push(spans(line.trim()));
    } else if (line.trim()) found.push({ kind: "paragraph", level: 0, isNumbered: false, lines: [spans(line.trim())] });
    isOpen = line.trim() !== "";
  }
  return found;
}

function spans(line: string): Span[] {
  return line
    .split(/\*\*(.+?)\*\*/)
    .map((text, index) => ({ text: text.replace(/\\([!-/:-@[-`{-~])/g, "$1"), isStrong: index % 2 === 1 }))
    .filter((span) => span.text);
}
