// Cells as spreadsheets put them on the clipboard: tabs between cells, quotation marks where needed.

/** The cells of a text from a spreadsheet's clipboard. */
export function fromTabs(text: string): string[][] {
  return split(text.replace(/\r\n?/g, "\n").replace(/\n$/, ""), "\t");
}

export function toTabs(cells: string[][]): string {
  const quoted = (text: string) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return cells.map((row) => row.map(quoted).join("\t")).join("\n");
}

/** Rows of a text whose fields stand apart by `separator`; quoted fields may hold anything. */
export function split(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    let field: string;
    if (text[at] === '"') {
      const [quoted, end] = unquote(text, at);
      field = quoted;
      at = end;
    } else field = "";
    let end = at;
    while (end < text.length && text[end] !== separator && text[end] !== "\n") end += 1;
    field += text.slice(at, end);
    row.push(field.trim());
    if (end >= text.length) break;
    if (text[end] === "\n") {
      rows.push(row);
      row = [];
    }
    at = end + 1;
  }
  rows.push(row);
  return rows;
}

function unquote(text: string, start: number): [string, number] {
  let field = "";
  let at = start + 1;
  for (;;) {
    const mark = text.indexOf('"', at);
    if (mark < 0) return [`"${field}${text.slice(at)}`, text.length];
    field += text.slice(at, mark);
    if (text[mark + 1] !== '"') return [field, mark + 1];
    field += '"';
    at = mark + 2;
  }
}
