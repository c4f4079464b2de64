// Grants as their holder, a steward and a contributor see them; duties that come with them.
import { query, request } from "./request";
import type { Page, PersonRef } from "./types";

export type GrantUse = "view" | "stream" | "download" | "compute";
export type GrantState = "pending-terms" | "future" | "active" | "suspended" | "expired" | "revoked" | "superseded";
export type Hold = "terms" | "signature" | "transfer" | "duty" | "affiliation" | "steward";

export interface Grant {
  id: string;
  person: string;
  dataset: string;
  start?: string;
  end: string;
  reason?: string;
  revoked?: string | null;
  state?: GrantState;
  holds?: Hold[];
  uses?: GrantUse[];
  conditions?: string[];
  application?: string;
  person_shown?: PersonRef;
  dataset_title?: string;
}

export interface DatasetUse {
  grant: string;
  person: PersonRef;
  application: { id: string; title: string } | null;
  state: GrantState;
  uses: GrantUse[];
  start: string;
  end: string;
  last_read: string | null;
  images_read: number;
  files_delivered: number;
}

/** Somebody who may not apply for a dataset after a misuse. */
export interface Barred {
  person: PersonRef;
  since: string;
  by: PersonRef;
  reason: string;
  grant: string;
}

export interface Duty {
  id: string;
  grant: string;
  dataset: { accession: string; title: string };
  person: PersonRef;
  kind: string;
  text: string;
  clause: string;
  due: string | null;
  state: "open" | "done" | "overdue" | "waived";
  evidence: string | null;
  done_at: string | null;
  consequence: string;
}

/** An approved use, as everybody may read of it. */
export interface ApprovedUse {
  id: string;
  title: string;
  lay_summary: string;
  organisation: string;
  datasets: { accession: string; title: string }[];
  start: string;
  end: string;
  state: "current" | "ended" | "ended-early";
}

const at = encodeURIComponent;
const post = (path: string, body: unknown) => request<unknown>(path, { method: "POST", body });

type Filters = Record<string, string | null | undefined>;
export const getGrants = (filters: Filters = {}, signal?: AbortSignal) =>
  request<Page<Grant>>(`/api/v1/grants${query(filters)}`, signal ? { signal } : {});
export const recordGrant = (grant: {
  person: string;
  dataset: string;
  end: string;
  reason: string;
  uses?: GrantUse[];
  conditions?: string[];
}) => request<Grant>("/api/v1/grants", { method: "POST", body: grant });
export const revokeGrant = (id: string, reason: string, isMisuse = false) =>
  request<void>(`/api/v1/grants/${at(id)}`, { method: "DELETE", body: isMisuse ? { reason, is_misuse: true } : { reason } });
export const holdGrant = (id: string, reason: string) => post(`/api/v1/grants/${at(id)}/hold`, { reason });
export const releaseGrant = (id: string, reason: string) => post(`/api/v1/grants/${at(id)}/release`, { reason });

export const getDatasetUses = (accession: string, after?: string | null) =>
  request<Page<DatasetUse>>(`/api/v1/datasets/${at(accession)}/uses${query({ after })}`);

export const getBarred = (accession: string, after?: string | null) =>
  request<Page<Barred>>(`/api/v1/datasets/${at(accession)}/barred${query({ after })}`);
export const liftBar = (accession: string, person: string, reason: string) =>
  request<void>(`/api/v1/datasets/${at(accession)}/barred/${at(person)}`, { method: "DELETE", body: { reason } });

export const getDuties = (view: "mine" | "all", after?: string | null) =>
  request<Page<Duty>>(`/api/v1/duties${query({ view, after })}`);
export const finishDuty = (id: string, evidence: string) => post(`/api/v1/duties/${at(id)}/done`, { evidence });
export const waiveDuty = (id: string, reason: string) => post(`/api/v1/duties/${at(id)}/waive`, { reason });

export const getApprovedUses = (after?: string | null, signal?: AbortSignal) =>
  request<Page<ApprovedUse>>(`/api/v1/uses${query({ after, limit: 200 })}`, signal ? { signal } : {});
