// The cohort on the page: what the node says of it, and every change that is made to it.
import * as doors from "../api/cohorts";
import type { Cohort, CohortChange, Version } from "../api/cohorts";
import { asProblem, type Problem } from "../api/problem";
import { tell } from "../state/toasts.svelte";

export class AtHand {
  cohort = $state.raw<Cohort | null>(null);
  versions = $state.raw<Version[]>([]);
  next = $state<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The number of the version that splits, downloads and the accession are about. */
  chosen = $state<number | null>(null);
  isFreezing = $state(false);

  readonly id: string;

  constructor(id: string) {
    this.id = id;
    void this.look();
  }

  get version(): Version | null {
    return this.versions.find((one) => one.number === this.chosen) ?? this.versions[0] ?? null;
  }

  look = async (): Promise<void> => {
    try {
      const [cohort, versions] = await Promise.all([doors.getCohort(this.id), doors.getVersions(this.id)]);
      this.cohort = cohort;
      this.versions = versions.items;
      this.next = versions.next;
      this.problem = null;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  };

  more = async (): Promise<void> => {
    const page = await doors.getVersions(this.id, this.next);
    this.versions = [...this.versions, ...page.items];
    this.next = page.next;
  };

  /** Change the cohort; says whether it was changed. What was changed elsewhere is shown first. */
  change = async (change: CohortChange, told: string): Promise<boolean> => {
    if (!this.cohort) return false;
    try {
      this.cohort = await doors.changeCohort(this.id, this.cohort.etag, change);
      tell(told);
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status === 412) {
        await this.look();
        tell("It was changed elsewhere meanwhile: look at what is there now, then change it again.", { tone: "bad" });
      } else tell(`${problem.message} ${problem.remedy}`, { tone: "bad" });
      return false;
    }
  };

  freeze = async (): Promise<void> => {
    this.isFreezing = true;
    try {
      const known = this.versions[0]?.number;
      const version = await doors.freezeCohort(this.id);
      this.chosen = version.number;
      tell(known === version.number ? "Nothing changed since the last version." : `Frozen as version ${version.number}.`);
      await this.look();
    } catch (thrown) {
      const problem = asProblem(thrown);
      tell(`${problem.message} ${problem.remedy}`, { tone: "bad" });
    } finally {
      this.isFreezing = false;
    }
  };

  mint = async (number: number): Promise<void> => {
    try {
      await doors.mintAccession(this.id, number);
      await this.look();
    } catch (thrown) {
      tell(asProblem(thrown).message, { tone: "bad" });
    }
  };
}
