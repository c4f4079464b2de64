// Notices: what happened elsewhere that this person should know.
import { query, request } from "./request";
import type { Page } from "./types";

export interface Notice {
  id: string;
  at: string;
  kind: string;
  subject: string;
  text: string;
  link: string;
  is_read: boolean;
}
export interface Notices extends Page<Notice> {
  unread: number;
}

export const getNotices = (after?: string | null) => request<Notices>(`/api/v1/notices${query({ after })}`);
/** Null reads them all. */
export const readNotices = (ids: string[] | null) => request<void>("/api/v1/notices/read", { method: "POST", body: { ids } });
