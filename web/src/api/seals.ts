// Seals: what is shut at once, by whom and why, and who has begun to open it.
import { request } from "./request";
import type { Page, PersonRef } from "./types";

export type SealScope = "node" | "site" | "dataset" | "committee" | "person" | "grant" | "issuer";

export interface Seal {
  id: string;
  scope: SealScope;
  of: string;
  of_shown: string;
  reason: string;
  since: string;
  by: PersonRef | null;
  /** The first of the two who open it. */
  unseal: { by: PersonRef; at: string } | null;
}

export const getSeals = () => request<Pick<Page<Seal>, "items">>("/api/v1/seals").then(({ items }): Page<Seal> => ({ items, next: null }));
export const setSeal = (given: { scope: SealScope; of: string; reason: string }) =>
  request<Seal>("/api/v1/seals", { method: "POST", body: given });
export const unseal = (id: string, reason: string) =>
  request<{ is_open?: boolean }>(`/api/v1/seals/${encodeURIComponent(id)}/unseal`, { method: "POST", body: { reason } });
