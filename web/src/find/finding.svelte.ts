// What the page of questions knows: the question in force, the node's answer to it, and what of it is shown.
import { findByTree, findImages, getFields, type Field, type Found, type FoundImage, type Sort, type Value } from "../api/found";
import { asProblem, type Problem } from "../api/problem";
import type { CompanionFacet } from "../api/types";
import { tell } from "../state/toasts.svelte";
import { sayOutput } from "../viewer/figures";
import { shownValue } from "./facet";
import { keep, recallKept } from "./kept";
import { EVERYTHING, renamed, written, type Question } from "./question";

export interface Wish {
  where: string;
  sort: Sort;
  /** False: words are taken as they are written. */
  mend: boolean;
}

const PAGE = 48;
const KEPT = "bigpicture-find-open";

export class Finding {
  fields = $state.raw<Field[]>([]);
  /** The last answer; it stays while the next one is on its way. */
  answer = $state.raw<Found | null>(null);
  facets = $state.raw<Record<string, Value[]>>({});
  more = $state.raw<Record<string, number>>({});
  /** Variables of companion tables, where they stand open. */
  companion = $state.raw<CompanionFacet[]>([]);
  items = $state.raw<FoundImage[]>([]);
  /** Of the question in force; null until the node has read its text. */
  tree = $state.raw<Question | null>(null);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(true);
  isGrowing = $state(false);
  hasMore = $state(false);
  growthFailed = $state(false);
  /** The facets that stand open; null: the node's default ones. */
  opened = $state.raw<readonly string[] | null>(recallOpened());
  isConfirmedOnly = $state(false);

  /** Facets for which somebody came here; they stand open beside those, and are not kept. */
  #revealed: ReadonlySet<string>;
  #wish: Wish = { where: "", sort: "dataset", mend: true };
  #next: string | null = null;
  #control = new AbortController();
  #trees = new Map<string, Question>([["", EVERYTHING]]);
  #labels = new Map<string, string>();
  #waiting: ((tree: Question) => Question) | null = null;
  #follow: (where: string) => void;

  /** `follow` puts a question's text into the address, which asks for it. */
  constructor(follow: (where: string) => void, revealed: readonly string[] = []) {
    this.#follow = follow;
    this.#revealed = new Set(revealed);
    getFields()
      .then((fields) => {
        this.fields = fields;
        if (this.answer) this.#fill();
      })
      .catch((thrown: unknown) => (this.problem ??= asProblem(thrown)));
  }

  get where(): string {
    return this.#wish.where;
  }

  /** Ask for what the address says; an older request is given up. */
  ask(wish: Wish): void {
    this.#wish = wish;
    this.#control.abort();
    const mine = (this.#control = new AbortController());
    this.tree = this.#trees.get(wish.where) ?? null;
    if (this.tree && written(this.tree).includes("confirmed:")) this.isConfirmedOnly = true;
    this.isLoading = true;
    const { where, sort, mend } = wish;
    const facets = this.#openFacets();
    const asking = { sort, mend, limit: PAGE, facets };
    // An empty list in an address would ask for the default ones.
    const asked = facets?.length === 0 && this.tree ? findByTree(this.tree, asking, mine.signal) : findImages(where, asking, mine.signal);
    asked
      .then((answer) => {
        if (!mine.signal.aborted) this.#take(wish, answer);
      })
      .catch((thrown: unknown) => {
        if (mine.signal.aborted) return;
        this.problem = asProblem(thrown);
        this.#waiting = null;
        // A facet that stood open here once, and is none any more.
        if (this.problem.place === "facets" && this.opened) {
          this.opened = null;
          keepOpened(null);
          this.again();
        }
      })
      .finally(() => {
        if (!mine.signal.aborted) this.isLoading = false;
      });
  }

  again = (): void => this.ask(this.#wish);

  #take(wish: Wish, answer: Found): void {
    this.#learn(answer.facets, answer.companion);
    this.answer = answer;
    this.facets = answer.facets;
    this.more = answer.more;
    this.companion = answer.companion;
    this.items = answer.items;
    this.#next = answer.next;
    this.hasMore = answer.next !== null;
    this.growthFailed = false;
    this.problem = null;
    this.#trees.set(wish.where, answer.question_json);
    this.tree = answer.question_json;
    if (wish.where.includes("confirmed:")) this.isConfirmedOnly = true;
    this.#fill();
    const change = this.#waiting;
    this.#waiting = null;
    if (change) this.change(change);
  }

  /** Change the question by a click; where its text is still being read, right after. */
  change(how: (tree: Question) => Question): void {
    if (!this.tree) {
      if (this.problem) tell("Mend the question in the box first.", { tone: "bad" });
      else this.#waiting = how;
      return;
    }
    const tree = how(this.tree);
    const where = written(tree);
    this.tree = tree;
    this.#trees.set(where, tree);
    this.#follow(where);
  }

  /** The next page, at the end of those that are there. */
  async grow(): Promise<void> {
    if (!this.#next || this.isGrowing || this.isLoading || !this.tree) return;
    const mine = this.#control;
    const { sort, mend } = this.#wish;
    this.isGrowing = true;
    this.growthFailed = false;
    try {
      const answer = await findByTree(this.tree, { sort, mend, facets: [], after: this.#next, limit: PAGE }, mine.signal);
      if (mine.signal.aborted) return;
      this.items = [...this.items, ...answer.items];
      this.#next = answer.next;
      this.hasMore = answer.next !== null;
    } catch (thrown) {
      if (mine.signal.aborted) return;
      this.growthFailed = true;
      tell(asProblem(thrown).message, { tone: "bad" });
    } finally {
      this.isGrowing = false;
    }
  }

  /** Where a facet's counts lie: of confirmed diagnoses only, where the switch says so. */
  facetOf(name: string): string {
    return name === "diagnosis" && this.isConfirmedOnly ? "confirmed" : name;
  }

  isOpen(name: string): boolean {
    if (this.#revealed.has(name)) return true;
    return this.opened ? this.opened.includes(name) : (this.fields.find((field) => field.name === name)?.is_default ?? false);
  }

  /** The facets to ask for; null: the node's default ones. */
  #openFacets(): string[] | null {
    const isDefault = this.opened === null && !(this.isConfirmedOnly && this.fields.length);
    return isDefault ? null : this.#open().filter((name) => !name.startsWith("companion.")).map((name) => this.facetOf(name));
  }

  #open(): readonly string[] {
    return this.opened ?? this.fields.filter((field) => field.is_default && field.is_facet).map((field) => field.name);
  }

  /** Open a facet, and ask for its counts if they are not here; or close it. */
  toggleOpen(name: string): void {
    const open = this.#open();
    const isOpen = this.isOpen(name);
    this.#revealed = new Set([...this.#revealed].filter((one) => one !== name));
    this.opened = isOpen ? open.filter((one) => one !== name) : [...open, name];
    keepOpened(this.opened);
    if (!isOpen) this.#fetchFacet(this.facetOf(name));
  }

  /** Ask for what stands open and was not told: what is open was known late, or is asked of another field. */
  #fill(): void {
    for (const field of this.fields) {
      if (field.is_facet && field.name !== "confirmed" && this.isOpen(field.name)) this.#fetchFacet(this.facetOf(field.name));
    }
    if (this.#revealed.has("companion")) this.#fetchFacet("companion");
  }

  setConfirmedOnly(isOn: boolean): void {
    this.isConfirmedOnly = isOn;
    const [from, to] = isOn ? ["diagnosis", "confirmed"] : ["confirmed", "diagnosis"];
    const tree = this.tree;
    if (tree && written(renamed(tree, from, to)) !== written(tree)) this.change((one) => renamed(one, from, to));
    else this.#fetchFacet(to);
  }

  #fetchFacet(name: string): void {
    if (name === "companion" ? this.companion.length : this.facets[name] || name.startsWith("companion.")) return;
    const mine = this.#control;
    const { where, mend } = this.#wish;
    findImages(where, { mend, limit: 1, facets: [name] }, mine.signal)
      .then((answer) => {
        if (mine.signal.aborted) return;
        this.#learn(answer.facets, answer.companion);
        if (name === "companion") this.companion = answer.companion;
        else this.facets = { ...this.facets, [name]: [], ...answer.facets };
        this.more = { ...this.more, ...answer.more };
      })
      .catch((thrown: unknown) => {
        if (!mine.signal.aborted) tell(asProblem(thrown).message, { tone: "bad" });
      });
  }

  #learn(facets: Record<string, Value[]>, companion: CompanionFacet[]): void {
    const learn = (field: string, values: readonly Value[]) => {
      for (const one of values) if (one.label) this.#labels.set(`${field}:${one.value.toLowerCase()}`, one.label);
    };
    for (const [field, values] of Object.entries(facets)) learn(field, values);
    for (const one of companion) learn(`companion.${one.name}`, one.values);
  }

  /** Values met elsewhere, such as those found by typing. */
  learn(field: string, values: readonly Value[]): void {
    this.#learn({ [field]: [...values] }, []);
  }

  /** A value as a reader says it. */
  said(field: string, value: string): string {
    void this.facets;
    const label = this.#labels.get(`${field}:${value.toLowerCase()}`) ?? this.#labels.get(`diagnosis:${value.toLowerCase()}`);
    return shownValue(field, value, label ?? value);
  }

  /** A field as a reader says it. */
  named(field: string): string {
    if (field.startsWith("companion.")) {
      const name = field.slice("companion.".length);
      const label = this.companion.find((one) => one.name === name)?.label;
      return label ?? sayOutput(name.slice(name.lastIndexOf(".") + 1));
    }
    return this.fields.find((one) => one.name === field)?.label ?? field;
  }

  /** Take up what was found before under the same name; returns how far it was scrolled. */
  resume(wish: Wish, asked: string): number | null {
    const kept = recallKept(asked);
    if (!kept) return null;
    this.#wish = wish;
    this.#take(wish, kept.answer);
    this.items = kept.items;
    this.#next = kept.next;
    this.hasMore = kept.next !== null;
    this.isLoading = false;
    return kept.scroll;
  }

  leave(asked: string, scroll: number): void {
    this.#control.abort();
    if (this.answer && !this.isLoading && !this.problem) {
      keep({ asked, answer: { ...this.answer, facets: this.facets, more: this.more }, items: this.items, next: this.#next, scroll });
    }
  }
}

function recallOpened(): string[] | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return Array.isArray(kept) && kept.every((one) => typeof one === "string") ? kept : null;
  } catch {
    return null;
  }
}

function keepOpened(open: readonly string[] | null): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(open));
  } catch {
    // Storage may be forbidden: they then stay open as long as the page does.
  }
}
