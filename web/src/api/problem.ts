// A problem: what the node, or the way to it, could not do, and what the reader can do about it.
import type { AccessReason, ProblemDocument } from "./types";

export class Problem extends Error {
  readonly status: number;
  readonly place: string;
  readonly rule: string;
  readonly remedy: string;
  readonly apply: string | null;
  readonly reason: AccessReason | null;

  constructor(status: number, document: ProblemDocument) {
    super(document.detail || document.title || `The node answered ${status}.`);
    this.status = status;
    this.place = document.place ?? "";
    this.rule = document.rule ?? "";
    this.remedy = document.remedy ?? "";
    this.apply = document.apply ?? null;
    this.reason = document.reason ?? (status === 401 ? "sign-in" : status === 403 ? "grant" : null);
  }

  /** The node could not be reached at all; asking again may help. */
  get isLostConnection(): boolean {
    return this.status === 0;
  }
}

export function lostConnection(): Problem {
  return new Problem(0, {
    detail: "The node cannot be reached.",
    remedy: "Check your connection, then try again.",
  });
}

/** Any thrown value as a problem, so that a page has one thing to show. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem(-1, { detail, remedy: "Reload the page; if it stays, tell the node's steward." });
}
