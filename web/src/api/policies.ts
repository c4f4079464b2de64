// Policies: what a dataset may be used for, and whether a purpose fits.
import { request } from "./request";
import type { Tier } from "./types";

export interface PolicyTerm {
  code: string;
  shorthand: string;
  name: string;
  parameter: string;
  values: string[];
  people: number;
}

/** `null` is what the policy does not say. */
export interface Policy {
  dataset: string;
  version: string;
  hash: string;
  tier: Tier;
  duration: string | null;
  research_question_required: boolean | null;
  terms: PolicyTerm[];
  plain: { clause: string; contributor: string; applicant: string }[];
}

export interface PurposeCode {
  code: string;
  label: string;
  about: string;
  duo: string;
}

export interface Purposes {
  uses: PurposeCode[];
  sensitive: PurposeCode[];
  prohibited: PurposeCode[];
  organisation_types: string[];
  duo: string;
}

/** What is left out is not said. */
export interface PurposeGiven {
  uses: string[];
  diseases: string[];
  sensitive: string[];
  prohibited: string[];
  is_commercial?: boolean;
  country?: string;
  organisation_type?: string;
  organisation?: string;
  project?: string;
  months?: number;
  research_question?: string;
  has_approval?: boolean;
  recipients?: { organisation?: string; country?: string }[];
}

export type Answer = "allow" | "needs-human" | "deny";

export interface Match {
  id: string;
  answer: Answer;
  reasons: { clause: string; name: string; answer: Answer; text: string }[];
  duties: { kind: string; clause: string; when: string; day: string | null; text: string }[];
  ends: string | null;
  algorithm: string;
  duo: string;
  terminologies: string;
}

const at = encodeURIComponent;

export const getPolicy = (dataset: string) => request<Policy>(`/api/v1/datasets/${at(dataset)}/policy`);
export const getPurposes = () => request<Purposes>("/api/v1/purposes");
export const matchPurpose = (dataset: string, purpose: PurposeGiven) =>
  request<Match>(`/api/v1/datasets/${at(dataset)}/policy/match`, { method: "POST", body: purpose });
