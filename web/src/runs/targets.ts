// On what a run goes: a frozen cohort, a dataset, or the slides of a run before.
import type { Target } from "../api/runs";

export type Chosen =
  | { kind: "cohort"; id: string; version: number | null; name: string }
  | { kind: "dataset"; accession: string; name: string }
  | { kind: "images"; images: string[]; name: string };

export function targetOf(chosen: Chosen): Target {
  if (chosen.kind === "cohort") return { cohort: { id: chosen.id, ...(chosen.version === null ? {} : { version: chosen.version }) } };
  return chosen.kind === "dataset" ? { dataset: chosen.accession } : { images: chosen.images };
}

export const addressOf = (chosen: Chosen): string =>
  chosen.kind === "cohort" ? `/cohorts/${chosen.id}` : chosen.kind === "dataset" ? `/datasets/${chosen.accession}` : "";
