// The doors of runs and of the algorithms that they run, and the shapes of what they answer.
import { query, request } from "./request";
import type { Page } from "./types";

export type RunState = "running" | "done" | "cancelled";
export type SlideState = "waiting" | "leased" | "done" | "reused" | "failed" | "skipped" | "cancelled";

export interface Stage {
  algorithm: string;
  version: string;
  digest: string;
  parameters: Record<string, unknown>;
}
/** Why so many slides in a state were not computed. */
export interface ReasonCount {
  state: SlideState;
  reason: string;
  slides: number;
}
export interface Run {
  id: string;
  algorithm: string;
  version: string;
  title: string;
  parameters: Record<string, unknown>;
  stages: Stage[];
  cohort: { id: string; version: number } | null;
  datasets: string[];
  images: number;
  state: RunState;
  reason: string;
  counts: Record<SlideState, number>;
  reasons: ReasonCount[];
  created: string;
  started: string | null;
  ended: string | null;
  seconds_left: number | null;
  /** Runs that wait before it. */
  ahead: number;
  notice: string;
}
export interface RunSlide {
  ordinal: number;
  image: string;
  dataset: string;
  key: string;
  state: SlideState;
  reason: string;
  text: string;
  attempt: number;
  started: string | null;
  ended: string | null;
  /** Seconds by stage; `total` is all of them. */
  timings: Record<string, number>;
  log: string;
}
/** What a run would do, of which nothing was begun. */
export interface Foreseen {
  images: number;
  datasets: string[];
  waiting: number;
  reused: number;
  failed: number;
  erased: number;
  seconds: number;
  stages: Stage[];
}
/** On what: exactly one of the three. */
export type Target = { cohort: { id: string; version?: number } } | { dataset: string } | { images: string[] };
export type RunWanted = { algorithm: string; version?: string; parameters: Record<string, unknown> } & Target;

export interface AlgorithmOutput {
  name: string;
  kind: string;
  unit: string;
}
export interface AlgorithmCard {
  id: string;
  version: string;
  title: string;
  description: string;
  licence: string;
  /** Null: it is installed with the node. */
  owner: { display_name: string } | null;
  outputs: AlgorithmOutput[];
  research_use_only: string;
}
/** A parameter as its manifest writes it: a part of JSON Schema. */
export interface Parameter {
  type: "number" | "integer" | "string" | "boolean";
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  description?: string;
}
export interface AlgorithmVersion extends AlgorithmCard {
  digest: string;
  needs: { name: string; algorithm: string; version: string }[];
  parameters: Record<string, Parameter>;
  mpp: [number, number] | null;
  stains: string[];
  seconds: number;
  memory_bytes: number;
  /** Markdown. */
  card: string;
  run: { allowed: boolean; text: string };
}

const HERE = "/api/v1/runs";
const at = (id: string, more = "") => `${HERE}/${encodeURIComponent(id)}${more}`;
const signalled = (signal?: AbortSignal) => (signal ? { signal } : {});

export const getRuns = (after?: string | null, signal?: AbortSignal) => request<Page<Run>>(`${HERE}${query({ after })}`, signalled(signal));
export const getRun = (id: string, signal?: AbortSignal) => request<Run>(at(id), signalled(signal));
export const getRunSlides = (id: string, only: { state?: string; reason?: string }, after?: string | null, signal?: AbortSignal) =>
  request<Page<RunSlide>>(at(id, `/slides${query({ ...only, after })}`), signalled(signal));
export const foreseeRun = (wanted: RunWanted, signal?: AbortSignal) =>
  request<Foreseen>(`${HERE}/plan`, { method: "POST", body: wanted, ...signalled(signal) });
export const beginRun = (wanted: RunWanted) => request<Run>(HERE, { method: "POST", body: wanted });
export const cancelRun = (id: string) => request<Run>(at(id, "/cancel"), { method: "POST" });
export const provenanceAddress = (id: string, form: "zip" | "jsonld") => at(id, `/provenance?form=${form}`);

export const getAlgorithms = (signal?: AbortSignal) => request<{ items: AlgorithmCard[] }>("/api/v1/algorithms", signalled(signal));
export const getAlgorithmVersion = (id: string, version: string, signal?: AbortSignal) =>
  request<AlgorithmVersion>(`/api/v1/algorithms/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}`, signalled(signal));
