// The record of acts: searched, and proven.
import { query, request } from "./request";
import type { EventPage } from "./types";

export interface EventsSought {
  who?: string;
  action?: string;
  thing?: string;
  mentioned?: string;
  since?: string;
  until?: string;
}

/** A leaf as it is hashed: who, to what and the details are committed to, not told. */
export interface Leaf {
  format: number;
  seq: number;
  id: string;
  time: string;
  action: string;
  actor: string;
  subject: string;
  details: string;
}
export interface EventProof {
  event: number;
  index: number;
  size: number;
  leaf: Leaf;
  /** Base64, like the proof. */
  leaf_hash: string;
  proof: string[];
  checkpoint: string;
  openings: Record<string, { value: unknown; salt: string }> | null;
}

/** The newest first. */
export const getEvents = (sought: EventsSought, after?: string | null, signal?: AbortSignal) =>
  request<EventPage>(`/api/v1/events${query({ first: "newest", after, ...sought })}`, signal ? { signal } : {});
export const proveEvent = (seq: number) => request<EventProof>(`/api/v1/ledger/proof${query({ event: seq, openings: "true" })}`);
