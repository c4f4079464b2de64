// Which of the picked files is the slide of which row, as the node matches them.

export interface Matched {
  /** By the path of the file, as it was picked. */
  files: Map<string, File>;
  /** Rows, from 0, without their one file. */
  missing: { row: number; name: string; isUnclear: boolean }[];
}

export const pathOf = (file: File) => file.webkitRelativePath.split("/").slice(1).join("/") || file.name;
const fold = (name: string) => name.toLowerCase().replaceAll("\\", "/").replace(/^\/+|\/+$/g, "");
const bare = (path: string) => path.replace(/\.[^./]+$/, "");
const last = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** A row may name the path, the name, or the name without its ending. */
export function matchFiles(named: string[], picked: File[]): Matched {
  const byName = new Map<string, Set<File>>();
  for (const file of picked) {
    const path = fold(pathOf(file));
    for (const name of [path, last(path), bare(path), bare(last(path))]) {
      byName.set(name, (byName.get(name) ?? new Set<File>()).add(file));
    }
  }
  const matched: Matched = { files: new Map(), missing: [] };
  for (const [row, name] of named.entries()) {
    if (!name) continue;
    const found = byName.get(fold(name)) ?? byName.get(last(fold(name))) ?? new Set<File>();
    const [one] = found;
    if (one && found.size === 1) matched.files.set(pathOf(one), one);
    else matched.missing.push({ row, name, isUnclear: found.size > 1 });
  }
  return matched;
}
