// A draft of an application: what its applicant has said so far, kept at the node as it grows.
import { getApplication, saveApplication, type Answers, type Application, type ApplicationChange } from "../api/applications";
import { asProblem, type Problem } from "../api/problem";
import { given, said, type PurposeSaid } from "../parts/PurposeFields.svelte";

const PAUSE = 700;


export class Draft {
  application = $state.raw<Application>()!;
  /** Everything but the purpose, by its name in the form. */
  answers = $state<Answers>({});
  purpose = $state<PurposeSaid>()!;
  isSaving = $state(false);
  saved = $state<Date | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Another tab has changed it: nothing more is sent from here. */
  hasConflict = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: ApplicationChange = {};
  #queue: Promise<void> = Promise.resolve();
  #seen = "";

  constructor(application: Application) {
    this.take(application);
  }

  get id(): string {
    return this.application.id;
  }

  /** What would be sent: months and question stand in the form once, and are of the purpose, too. */
  get whole(): Answers {
    const months = this.answers["months"];
    const question = this.answers["research_question"];
    const purpose = given({
      ...this.purpose,
      months: typeof months === "number" ? months : null,
      question: typeof question === "string" ? question : "",
    });
    return { ...$state.snapshot(this.answers), purpose };
  }

  /** Begin anew from what the node holds. */
  take(application: Application): void {
    const { purpose, ...others } = application.answers;
    this.application = application;
    this.answers = { ...others };
    this.purpose = said(purpose ?? {});
    this.#seen = JSON.stringify(this.whole);
  }

  /** Called whenever the form may have changed; says so to the node a moment after the last key. */
  look(): void {
    const now = JSON.stringify(this.whole);
    if (now === this.#seen) return;
    this.#seen = now;
    this.change({ answers: this.whole });
  }

  change(change: ApplicationChange): void {
    Object.assign(this.#waiting, change);
    this.isSaving = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE);
  }

  /** Resolves once everything said so far is at the node, or a problem says why not. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#queue = this.#queue.then(() => this.#send());
    return this.#queue;
  }

  /** What somebody else wrote replaces what is here. */
  async reload(): Promise<void> {
    this.#waiting = {};
    this.hasConflict = false;
    this.problem = null;
    this.take(await getApplication(this.id));
  }

  /**
   * Do something that changes the application by another door: after what was said before, and before
   * what is said meanwhile, which goes out under the tag that the application then has.
   */
  alongside(act: () => Promise<void>): Promise<void> {
    void this.flush();
    const done = this.#queue.then(async () => {
      await act();
      this.application = await getApplication(this.id);
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #send(): Promise<void> {
    const change = this.#waiting;
    if (this.hasConflict || Object.keys(change).length === 0) return void (this.isSaving = false);
    this.#waiting = {};
    try {
      this.application = await saveApplication(this.id, this.application.etag, change);
      this.saved = new Date();
      this.problem = null;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      if (this.problem.status === 412) this.hasConflict = true;
      // without a network the next change carries this one, too; what was refused is not sent again
      else if (this.problem.isLostConnection) this.#waiting = { ...change, ...this.#waiting };
    } finally {
      this.isSaving = Object.keys(this.#waiting).length > 0 && !this.problem;
    }
  }
}
