// Committees that decide on access, and the agreements that people accept.
import { query, request } from "./request";
import type { Page, PersonRef } from "./types";

export type Rule = "majority" | "no-block" | "unanimous";

export interface Committee {
  id: string;
  name: string;
  contact: string;
  rule: Rule;
  quorum: number;
  members: PersonRef[];
  datasets: { accession: string; title: string }[];
  is_mine: boolean;
}
export interface CommitteeGiven {
  name: string;
  contact: string;
  rule: Rule;
  quorum: number;
}

export type AgreementKind = "click" | "signed" | "code-of-conduct";
export interface AgreementText {
  id: string;
  version: number | string;
  kind: AgreementKind;
  title: string;
  text: string;
  digest: string;
  requires_reaccept: boolean;
  since: string;
  for_datasets: string[];
}
export interface AgreementGiven {
  id: string;
  kind: AgreementKind;
  title: string;
  text: string;
  requires_reaccept: boolean;
  for_datasets: string[];
}

const at = encodeURIComponent;
const COMMITTEES = "/api/v1/committees";

export const getCommittees = (after?: string | null) => request<Page<Committee>>(`${COMMITTEES}${query({ after, limit: 200 })}`);
export const addCommittee = (given: CommitteeGiven) => request<Committee>(COMMITTEES, { method: "POST", body: given });
export const changeCommittee = (id: string, given: CommitteeGiven) =>
  request<Committee>(`${COMMITTEES}/${at(id)}`, { method: "PATCH", body: given });
export const addMember = (id: string, person: string) =>
  request<Committee>(`${COMMITTEES}/${at(id)}/members/${at(person)}`, { method: "PUT" });
export const dropMember = (id: string, person: string) =>
  request<Committee>(`${COMMITTEES}/${at(id)}/members/${at(person)}`, { method: "DELETE" });
export const giveDataset = (id: string, accession: string) =>
  request<Committee>(`${COMMITTEES}/${at(id)}/datasets/${at(accession)}`, { method: "PUT" });
export const takeDataset = (id: string, accession: string) =>
  request<Committee>(`${COMMITTEES}/${at(id)}/datasets/${at(accession)}`, { method: "DELETE" });

/** The current version of each: all of them at once. */
export const getAgreements = () =>
  request<Pick<Page<AgreementText>, "items">>("/api/v1/agreements").then(({ items }): Page<AgreementText> => ({ items, next: null }));
export const writeAgreement = (given: AgreementGiven) =>
  request<AgreementText>("/api/v1/agreements", { method: "POST", body: given });
