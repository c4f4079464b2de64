// A policy under way: its codes, and what the chosen terms would mean.
import type { Audience } from "./described";
import type { Answer } from "./policies";
import { request } from "./request";
import type { Tier } from "./types";

export interface PolicyCode {
  code: string;
  shorthand: string;
  name: string;
  kind: "permission" | "modifier";
  /** Of choosing the terms, where it belongs. */
  step: string;
  parameter: string;
  wanted: string;
  contributor: string;
}

export interface PolicyProblem {
  field: string;
  severity: "error" | "warning";
  what: string;
  expected: string;
  remedy: string;
}

export interface PolicyExample {
  name: string;
  label: string;
  answer: Answer;
  reasons: { clause: string; name: string; answer: Answer; text: string }[];
}

/** `hash` and `tier` are null where the terms are no policy yet. */
export interface PolicyPreview {
  hash: string | null;
  tier: Tier | null;
  terms: { shorthand: string; values: string[]; text: string }[];
  plain: { clause: string; contributor: string; applicant: string }[];
  problems: PolicyProblem[];
  examples: PolicyExample[];
}

const HERE = "/api/v1/policies";

export const getCodes = async () => (await request<{ items: PolicyCode[] }>(`${HERE}/codes`)).items;
export const previewPolicy = (fields: Record<string, string>, audience: Audience, signal: AbortSignal) =>
  request<PolicyPreview>(`${HERE}/preview`, { method: "POST", body: { fields, audience }, signal });
