// Applications for access: the form, the draft, where it stands, and every command on it.
import { exchange, query, request } from "./request";
import type { Answer, PurposeGiven } from "./policies";
import { Problem } from "./problem";
import type { GrantUse } from "./grants";
import type { Page, PersonRef, ProblemDocument } from "./types";

export type ApplicationState =
  | "draft"
  | "submitted"
  | "in-review"
  | "returned"
  | "approved"
  | "rejected"
  | "withdrawn"
  | "closed"
  | "expired";

export interface AskedDataset {
  accession: string;
  title: string;
  committee: { id: string; name: string } | null;
  state: "asked" | "approved" | "refused" | "removed";
  /** What its policy says of the purpose, as advice. */
  opinion: "allow" | "deny" | "people" | null;
}

export interface ApplicationCard {
  id: string;
  title: string;
  state: ApplicationState;
  applicant: PersonRef;
  organisation: string;
  created: string;
  submitted: string | null;
  changed: string;
  deadline: string | null;
  is_overdue: boolean;
  datasets: AskedDataset[];
  cohort: { id: string; version: number; name: string } | null;
  waiting_for: string;
  /** Commands the reader may give now. */
  can: string[];
}

export interface Member extends PersonRef {
  country: string;
  accepted: { agreement: string; version: number | string; at: string }[];
  transfer: "none" | "adequate" | "needed" | "on-file";
}

export type DocumentKind = "ethics" | "dpia" | "transfer" | "agreement" | "other";

export interface ApplicationDocument {
  name: string;
  title: string;
  kind: DocumentKind;
  size: number;
  sha256: string;
  at: string;
  by: PersonRef | string;
}

export interface DatasetMatch {
  dataset: string;
  answer: Answer | "people";
  reasons: { clause: string; name: string; answer: Answer; text: string }[];
}

export interface Decision {
  dataset: string;
  committee: { id: string; name: string } | string;
  outcome: "approved" | "refused";
  at: string;
  reason: string;
  conditions: string[];
  /** Null: as asked. */
  uses: GrantUse[] | null;
  end: string | null;
}

export interface Vote {
  dataset: string;
  by: PersonRef;
  vote: "approve" | "refuse" | "abstain";
  reason: string;
  at: string;
}

export interface Declaration {
  by: PersonRef;
  has_conflict: boolean;
  text: string;
  at: string;
}

export interface InvitedReview {
  by?: PersonRef;
  invited?: PersonRef;
  text: string;
  recommendation: string;
  at: string | null;
}

export interface Question {
  id: string;
  by: { display_name: string };
  text: string;
  at: string;
  answer: { text: string; at: string } | null;
}

export interface Agreement {
  id: string;
  version: number | string;
  title: string;
  /** Markdown. */
  text: string;
  kind: "click" | "signed" | "code-of-conduct";
  accepted: boolean;
}

/** What the applicant answers; names beyond these are of a later form. */
export interface Answers {
  [name: string]: unknown;
  title?: string;
  purpose?: PurposeGiven;
}

export interface Application extends ApplicationCard {
  answers: Answers;
  form_version: number | string;
  etag: string;
  members: Member[];
  signatory: PersonRef | null;
  signed: { at: string; by: PersonRef | string } | null;
  documents: ApplicationDocument[];
  matches: DatasetMatch[];
  decisions: Decision[];
  votes: Vote[];
  declarations: Declaration[];
  reviews: InvitedReview[];
  questions: Question[];
  timeline: { at: string; what: string; by: string }[];
  agreements: Agreement[];
  grants: { id: string; person: string; dataset: string; state: string; start: string; end: string }[];
}

/** What changes of a draft; what is left out stays. */
export interface ApplicationChange {
  answers?: Answers;
  datasets?: string[];
  /** Sign-in names or ids; with a country where it is another than the purpose says. */
  members?: (string | { person: string; country: string })[];
  /** Empty takes them away. */
  signatory?: string;
}

/** A property of the form, in the words of JSON Schema 2020-12. */
export interface FormProperty {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: string[];
  items?: FormProperty;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  $ref?: string;
}
export interface ApplicationForm {
  version: number | string;
  schema: { properties: Record<string, FormProperty>; required?: string[] };
}

const at = encodeURIComponent;
const DOORS = "/api/v1/applications";

export const getForm = () => request<ApplicationForm>(`${DOORS}/form`);
export const getApplications = (view: "mine" | "desk" | "all", after?: string | null, state?: string, signal?: AbortSignal) =>
  request<Page<ApplicationCard>>(`${DOORS}${query({ view, after, state })}`, signal ? { signal } : {});
export const getApplication = (id: string) => request<Application>(`${DOORS}/${at(id)}`);
export const beginApplication = (datasets: string[], cohort: { id: string; version: number } | null) =>
  request<Application>(DOORS, { method: "POST", body: { datasets, cohort } });
export const saveApplication = async (
  id: string,
  etag: string,
  change: ApplicationChange,
): Promise<Application> => {
  const { answer, etag: tag } = await exchange<Application>(`${DOORS}/${at(id)}`, {
    method: "PATCH",
    body: change,
    headers: { "If-Match": etag },
  });
  return { ...answer, etag: tag || answer.etag };
};
export const command = (id: string, name: string, more: Record<string, unknown> = {}, etag?: string) =>
  request<Application>(`${DOORS}/${at(id)}/commands`, {
    method: "POST",
    body: { command: name, ...more },
    ...(etag ? { headers: { "If-Match": etag } } : {}),
  });

export const documentAddress = (id: string, name: string) => `${DOORS}/${at(id)}/documents/${at(name)}`;
export const dropDocument = (id: string, name: string) => request<unknown>(documentAddress(id, name), { method: "DELETE" }).then(() => undefined);

/** Send a document; `progress` is told the share that is on its way, from 0 to 1. `fetch` tells of no progress. */
export function putDocument(
  id: string,
  file: File,
  given: { name: string; title: string; kind: DocumentKind },
  progress: (share: number) => void,
): Promise<void> {
  const sending = new XMLHttpRequest();
  sending.open("PUT", documentAddress(id, given.name));
  sending.setRequestHeader("X-Requested-With", "bigpicture");
  sending.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  // A header carries Latin letters only; others travel as percent-encoded UTF-8.
  sending.setRequestHeader("X-Document-Title", at(given.title));
  sending.setRequestHeader("X-Document-Kind", given.kind);
  sending.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
  return new Promise((resolve, reject) => {
    sending.onload = () => (sending.status < 300 ? resolve() : reject(new Problem(sending.status, told(sending))));
    sending.onerror = () => reject(new Problem(0, { detail: "The node cannot be reached.", remedy: "Check your connection, then try again." }));
    sending.send(file);
  });
}

function told(sending: XMLHttpRequest): ProblemDocument {
  try {
    return JSON.parse(sending.responseText) as ProblemDocument;
  } catch {
    return { title: sending.statusText || "The document was not taken." };
  }
}
