// The doors of describing a dataset, and what they say.
import { exchange, query, request } from "./request";

export type Audience = "clinical" | "non-clinical";

export interface Choice {
  text: string;
  code: string;
  scheme: string;
  words: string[];
}

export interface FormColumn {
  name: string;
  heading: string;
  help: string;
  example: string;
  entity: string;
  kind: "identifier" | "term" | "number" | "text";
  is_required: boolean;
  is_identifying: boolean;
  choices: Choice[];
  /** Every heading that means it, as `bare` writes headings. */
  names: string[];
}

export interface FormField {
  name: string;
  heading: string;
  help: string;
  example: string;
  is_required: boolean;
  values: string[];
  default: string;
  expected: string;
  many: boolean;
  is_long: boolean;
  is_day: boolean;
  /** Of choosing the terms of use; empty for what is no term. */
  step: string;
}

export interface Form {
  columns: FormColumn[];
  fields: FormField[];
  most_rows: number;
}

export interface Decision {
  column: string;
  local: string;
  code: string;
  scheme: string;
  meaning: string;
}

/** What a person fills in. */
export interface Sheet {
  columns: string[];
  rows: string[][];
  fields: Record<string, string>;
  mapping: Decision[];
  /** Whose form it is while the type of dataset is not said. */
  audience: Audience;
}

export interface GridCell {
  row: number;
  column: string;
}

export interface SheetFinding {
  severity: "error" | "warning" | "repaired";
  rule: string;
  what: string;
  expected: string;
  remedy: string;
  sheet: string;
  column: string;
  cells: GridCell[];
}

export interface Proposal {
  text: string;
  code: string;
  scheme: string;
  meaning: string;
}

export interface Undecided {
  column: string;
  local: string;
  count: number;
  cells: GridCell[];
  proposals: Proposal[];
}

export interface Filled {
  name: string;
  entity: string;
  needed: number;
  filled: number;
}

export interface Judged {
  can_be_made: boolean;
  findings: SheetFinding[];
  undecided: Undecided[];
  planned: Record<string, number>;
  filled: Filled[];
  left_over: string[];
}

export interface FileFinding {
  severity: SheetFinding["severity"];
  what: string;
  expected: string;
  remedy: string;
  cells: string[];
}

/** A file as a grid takes it. */
export interface ReadTable {
  columns: string[];
  rows: string[][];
  fields: Record<string, string>;
  findings: FileFinding[];
}

export interface DraftCard {
  id: string;
  title: string;
  changed: string;
  etag: string;
}

export interface DraftBody extends Sheet {
  title: string;
}

const HERE = "/api/v1/preparations";
const at = encodeURIComponent;

export const getForm = (audience: Audience) => request<Form>(`${HERE}/form${query({ audience })}`);
export const templateAddress = (audience: Audience, format: "xlsx" | "csv" | "dataset.csv") =>
  `${HERE}/template${query({ audience, format })}`;
export const readTable = (file: File) =>
  request<ReadTable>(`${HERE}/read${query({ name: file.name.slice(-300) })}`, { method: "POST", body: file });
export const checkSheet = (sheet: Sheet, slides: string[] | null, signal: AbortSignal) =>
  request<Judged>(`${HERE}/check`, { method: "POST", body: { ...sheet, slides }, signal });

export const getDrafts = () => request<{ items: DraftCard[] }>(`${HERE}/drafts`);
export const getDraft = (id: string) => exchange<DraftBody>(`${HERE}/drafts/${at(id)}`);
export const putDraft = (id: string, body: DraftBody, etag: string) =>
  exchange<DraftCard>(`${HERE}/drafts/${at(id)}`, {
    method: "PUT",
    body,
    headers: etag ? { "If-Match": etag } : {},
  });
export const dropDraft = (id: string) => request<void>(`${HERE}/drafts/${at(id)}`, { method: "DELETE" });

/** What a node makes of a sheet and the digests of its slides; `keys` says which alias is whose. */
export interface MadeDataset {
  alias: string;
  title: string;
  documents: { path: string; text: string }[];
  images: { file: string; path: string }[];
  keys: string;
}

export const makeDataset = (sheet: Sheet, slides: { file: string; size: number; sha256: string }[]) =>
  request<MadeDataset>(`${HERE}/dataset`, { method: "POST", body: { ...sheet, slides } });
export const openSubmission = (wanted: { alias: string; title: string; files: { path: string; size: number; sha256: string }[]; embargo_until?: string }) =>
  request<{ accession: string }>("/api/v1/submissions", { method: "POST", body: wanted });
