// The doors of identity: issuers, the second factor, who one is elsewhere, service accounts.
import { request } from "./request";
import type { MintedToken, Page, Role, Scope, Session, Token } from "./types";

const at = encodeURIComponent;

export interface Issuer {
  id: string;
  label: string;
  begin: string;
}

export interface Factor {
  is_confirmed: boolean;
  recovery_left: number;
  is_required: boolean;
}

export interface Enrolment {
  secret: string;
  address: string;
  /** SVG, made by the node. */
  picture: string;
}

export interface Identity {
  issuer: string;
  label: string;
  subject: string;
  created: string;
}

export interface Visa {
  digest: string;
  issuer: string;
  type: string;
  value: string;
  source: string;
  by: string;
  expires: string;
  trouble: string;
}

export interface Visas {
  items: Visa[];
  registered_until: string | null;
}

export interface ServiceAccount {
  id: string;
  name: string;
  display_name: string;
  organisation: string;
  purpose: string;
  roles: Role[];
  owner_name: string;
  created: string;
}

export const getIssuers = () => request<{ items: Issuer[] }>("/api/v1/identity/issuers");
export const beginAt = (issuer: string, next: string, link = false) =>
  `/api/v1/identity/${at(issuer)}/begin?next=${at(next)}${link ? "&link=true" : ""}`;

export const showFactor = (ticket: string, code: string) =>
  request<Session>("/api/v1/sessions/second-factor", { method: "POST", body: { ticket, code } });
export const getFactor = () => request<Factor>("/api/v1/second-factor");
export const beginFactor = () => request<Enrolment>("/api/v1/second-factor", { method: "POST" });
export const confirmFactor = (code: string) =>
  request<{ codes: string[] }>("/api/v1/second-factor/confirm", { method: "POST", body: { code } });
export const dropFactor = (code: string) =>
  request<void>("/api/v1/second-factor", { method: "DELETE", body: { code } });

export const changePassword = (old: string, password: string, endsTokens: boolean) =>
  request<{ ended: number }>("/api/v1/people/me/password", { method: "POST", body: { old, password, ends_tokens: endsTokens } });

export const getIdentities = () => request<{ items: Identity[] }>("/api/v1/people/me/identities");
export const dropIdentity = (issuer: string) =>
  request<void>(`/api/v1/people/me/identities/${at(issuer)}`, { method: "DELETE" });
export const getVisas = () => request<Visas>("/api/v1/people/me/visas");

const SERVICE = "/api/v1/service-accounts";
export const getServiceAccounts = () => request<Page<ServiceAccount>>(SERVICE);
export const addServiceAccount = (body: { name: string; organisation: string; purpose: string; roles: Role[] }) =>
  request<ServiceAccount>(SERVICE, { method: "POST", body });
export const getServiceTokens = (account: string) => request<Page<Token>>(`${SERVICE}/${at(account)}/tokens`);
export const mintServiceToken = (account: string, body: { label: string; days: number; scopes: Scope[] }) =>
  request<MintedToken>(`${SERVICE}/${at(account)}/tokens`, { method: "POST", body });
export const dropServiceToken = (account: string, token: string) =>
  request<void>(`${SERVICE}/${at(account)}/tokens/${at(token)}`, { method: "DELETE" });
