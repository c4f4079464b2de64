// Takes what identifies out of a sheet before it is checked at a node that may not be given it.
//
// Identifiers become numbers, the same one for the same; descriptions become a word that says
// they are there. What is checked of them — who belongs to whom, what is there twice, which file
// has a row — comes out the same.
import type { Form, Sheet } from "../api/described";

export class Mask {
  readonly #known = new Map<string, string>();

  sheet(sheet: Sheet, form: Form): Sheet {
    const kinds = sheet.columns.map((name) => {
      const column = form.columns.find((one) => one.name === name);
      return column?.is_identifying ? (name === "file" ? "file" : column.kind) : "plain";
    });
    return {
      ...sheet,
      rows: sheet.rows.map((row) =>
        row.map((text, place) => {
          const kind = kinds[place];
          if (!text || kind === "plain") return text;
          return kind === "file" ? this.file(text) : kind === "text" ? "words" : this.#number(text);
        }),
      ),
    };
  }

  /** A path whose folders and names are numbers; its ending stays, by which slides are told from others. */
  file(path: string): string {
    return path
      .replaceAll("\\", "/")
      .split("/")
      .map((part) => {
        const [, name = part, ending = ""] = /^(.+?)(\.[A-Za-z]{2,5})?$/.exec(part) ?? [];
        return name ? `${this.#number(name.toLowerCase())}${ending}` : "";
      })
      .join("/");
  }

  #number(text: string): string {
    const known = this.#known.get(text) ?? `n${this.#known.size + 1}`;
    this.#known.set(text, known);
    return known;
  }
}
