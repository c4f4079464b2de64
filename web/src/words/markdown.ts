// The little of Markdown that an agreement needs, as blocks: nothing of it becomes markup by itself.

export interface Span {
  text: string;
  isStrong: boolean;
}
export interface Block {
  kind: "heading" | "list" | "paragraph";
  level: number;
  isNumbered: boolean;
  lines: Span[][];
}

const HEADING = /^(#{1,3})\s+(.*)$/;
const ITEM = /^\s*(?:[-*]|(\d+)[.)])\s+(.*)$/;

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let isOpen = false;
  for (const line of text.split(/\r?\n/)) {
    const last = found.at(-1);
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (heading) found.push({ kind: "heading", level: heading[1]!.length, isNumbered: false, lines: [spans(heading[2]!)] });
    else if (item) {
      const isNumbered = item[1] !== undefined;
      if (isOpen && last?.kind === "list" && last.isNumbered === isNumbered) last.lines.push(spans(item[2]!));
      else found.push({ kind: "list", level: 0, isNumbered, lines: [spans(item[2]!)] });
    } else if (line.trim() && isOpen && last && last.kind !== "heading") {
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
    .map((text, index) => ({ text, isStrong: index % 2 === 1 }))
    .filter((span) => span.text);
}
