// The doors of cohorts, and the shapes of what they answer.
import type { Asked } from "../words/question";
import { query, request } from "./request";
import type { Page } from "./types";

export type Sharing = "private" | "link" | "node";

export interface CohortCard {
  id: string;
  name: string;
  owner: string;
  is_mine: boolean;
  sharing: Sharing;
  question: string;
  created: string;
  changed: string;
  versions: number;
}
export interface CohortListed extends CohortCard {
  frozen: string | null;
}
export interface Part {
  dataset: string;
  title: string;
  images: number;
  beings: number;
}
/** A dataset that is not open: sizes as they may be told. */
export interface Hidden {
  dataset: string;
  title: string;
  images: string;
  beings: string;
  is_withdrawn: boolean;
}
export interface Cohort extends CohortCard {
  notes: string;
  question_json: Asked;
  etag: string;
  now: { images: number; beings: number; parts: Part[] };
}
export interface Version {
  number: number;
  frozen: string;
  by: string;
  question: string;
  digest: string;
  accession: string | null;
  cite: string;
  images: string;
  open_images: number;
  hidden_images: string;
  open: Part[];
  hidden: Hidden[];
}
export interface Moved {
  why: string;
  reason: string;
  dataset: string;
  title: string;
  count: string;
  images: string[];
}
export interface Comparison {
  earlier: number;
  later: number | null;
  kept: number;
  entered: Moved[];
  left: Moved[];
  unseen: Hidden[];
}
export interface SplitSide {
  name: string;
  wanted: number;
  share: number;
  images: number;
  groups: number;
}
export interface Split {
  parts: SplitSide[];
  strata: { label: string; counts: Record<string, number> }[];
  notes: string[];
  digest: string;
  images: number;
  of: string;
  gone: number;
  hidden: Hidden[];
}
export interface AccessRequest {
  open: Part[];
  needed: (Hidden & { contact: string; apply: string | null })[];
  beings: string;
  text: string;
}
export interface SplitAsked {
  parts: string;
  apart: "being" | "dataset" | "center";
  by: string;
  seed: string;
}
export interface CohortChange {
  name?: string;
  notes?: string;
  where?: string;
  sharing?: Sharing;
}

const HERE = "/api/v1/cohorts";
const at = (id: string, more = "") => `${HERE}/${encodeURIComponent(id)}${more}`;

export const getCohorts = (whose: "mine" | "shared", after?: string | null, signal?: AbortSignal) =>
  request<Page<CohortListed>>(`${HERE}${query({ whose, after })}`, signal ? { signal } : {});
export const saveCohort = (given: { name: string; where: string; notes?: string }) =>
  request<Cohort>(HERE, { method: "POST", body: given });
export const getCohort = (id: string) => request<Cohort>(at(id));
export const changeCohort = (id: string, etag: string, change: CohortChange) =>
  request<Cohort>(at(id), { method: "PATCH", body: change, headers: { "If-Match": `"${etag}"` } });
export const dropCohort = (id: string) => request<void>(at(id), { method: "DELETE" });
export const getVersions = (id: string, after?: string | null) =>
  request<Page<Version>>(at(id, `/versions${query({ after })}`));
export const freezeCohort = (id: string) => request<Version>(at(id, "/versions"), { method: "POST" });
export const mintAccession = (id: string, number: number) =>
  request<{ accession: string }>(at(id, `/versions/${number}/accession`), { method: "POST" });
export const getComparison = (id: string, earlier: number, later: number | null, signal?: AbortSignal) =>
  request<Comparison>(at(id, `/compare${query({ earlier, later })}`), signal ? { signal } : {});
export const getSplit = (id: string, number: number, asked: SplitAsked, signal?: AbortSignal) =>
  request<Split>(at(id, `/versions/${number}/split${query({ ...asked })}`), signal ? { signal } : {});
export const getAccessRequest = (id: string) => request<AccessRequest>(at(id, "/request"));
export const exportAddress = (id: string, number: number, form: string, asked?: SplitAsked, part = "") =>
  at(id, `/versions/${number}/export${query({ form, ...(asked ?? {}), part })}`);
