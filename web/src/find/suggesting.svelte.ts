// What one may be about to write: a field's name, or a value of the field before the colon.
import { getValues, type Field, type Value } from "../api/found";
import { count } from "../words/numbers";
import { namesOf, shownValue } from "./facet";
import { quoted } from "./question";

export interface Suggestion {
  label: string;
  note: string;
  insert: string;
}

const MOST = 8;
const PAUSE = 80;

export class Suggesting {
  items = $state.raw<Suggestion[]>([]);
  /** The one that Enter takes; -1: none. */
  at = $state(-1);
  #fields: () => readonly Field[];
  #from = 0;
  #to = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #control = new AbortController();

  constructor(fields: () => readonly Field[]) {
    this.#fields = fields;
  }

  /** Look at the word that ends where the caret stands. */
  look(text: string, caret: number): void {
    this.close();
    const before = text.slice(0, caret);
    const value = /(?:^|[\s(-])([\w.]+):(?:(?:"[^"]*"|[^\s",]+),)*("[^"]*|[^\s",:()]*)$/.exec(before);
    const field = value && this.#fields().find((one) => one.name === value[1]);
    if (value && field?.kind === "term") {
      const begun = value[2] ?? "";
      return this.#values(field.name, begun.replace('"', ""), caret - begun.length, caret);
    }
    const word = /(?:^|[\s(-])([a-z]{2,})$/i.exec(before)?.[1]?.toLowerCase();
    if (!word) return;
    const found = this.#fields().filter((one) => one.name.startsWith(word) || one.label.toLowerCase().startsWith(word));
    this.#show(
      found.map((one) => ({ label: `${one.name}:`, note: one.about || one.label, insert: `${one.name}:` })),
      caret - word.length,
      caret,
    );
  }

  #values(field: string, words: string, from: number, to: number): void {
    const mine = (this.#control = new AbortController());
    this.#pause = setTimeout(() => {
      getValues(field, words, "", mine.signal)
        .then(({ items }) => {
          if (!mine.signal.aborted) this.#show(items.map((one) => suggestionOf(field, one, items)), from, to);
        })
        .catch(() => undefined); // one goes on writing without
    }, PAUSE);
  }

  #show(items: Suggestion[], from: number, to: number): void {
    this.items = items.slice(0, MOST);
    this.#from = from;
    this.#to = to;
  }

  move(by: number): void {
    const all = this.items.length;
    this.at = this.at < 0 && by < 0 ? all - 1 : (this.at + by + all) % all;
  }

  /** The text with this one written in, and where the caret stands then. */
  take(index: number, text: string): { text: string; caret: number } | null {
    const item = this.items[index];
    if (!item) return null;
    const space = item.insert.endsWith(":") ? "" : " ";
    const head = text.slice(0, this.#from) + item.insert + space;
    const [from, to] = [head, text.slice(this.#to).replace(/^"?\s*/, "")];
    this.close();
    return { text: from + to, caret: from.length };
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#control.abort();
    if (this.items.length) this.items = [];
    this.at = -1;
  }
}

function suggestionOf(field: string, value: Value, all: readonly Value[]): Suggestion {
  return { label: shownValue(field, value.value, value.label), note: count(value.count), insert: quoted(namesOf(value, all)[0] ?? value.value) };
}
