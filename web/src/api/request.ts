// One request to the node: JSON in, JSON or a problem out.
import { lostConnection, Problem } from "./problem";
import type { ProblemDocument } from "./types";

interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** JSON, or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function request<Answer>(path: string, options: Options = {}): Promise<Answer> {
  return (await exchange<Answer>(path, options)).answer;
}

/** A text as it comes. */
export async function requestText(path: string): Promise<string> {
  const answer = await reach(path, { headers: { Accept: "*/*" }, credentials: "same-origin" });
  if (!answer.ok) throw new Problem(answer.status, await problemDocument(answer));
  return answer.text();
}

/** As `request`, with the tag of the version that was answered. */
export async function exchange<Answer>(path: string, options: Options = {}): Promise<{ answer: Answer; etag: string }> {
  const { method = "GET", body, signal } = options;
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  // The node takes a cookie for a change only with this header, which a foreign page cannot send.
  if (method !== "GET") headers["X-Requested-With"] = "bigpicture";
  const isBytes = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isBytes ? "application/octet-stream" : "application/json";
  const answer = await reach(path, {
    method,
    headers,
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (!answer.ok) throw new Problem(answer.status, await problemDocument(answer));
  const etag = answer.headers.get("ETag") ?? "";
  if (answer.status === 204) return { answer: undefined as Answer, etag };
  return { answer: (await answer.json()) as Answer, etag };
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw lostConnection();
  }
}

async function problemDocument(answer: Response): Promise<ProblemDocument> {
  try {
    return (await answer.json()) as ProblemDocument;
  } catch {
    return { title: answer.statusText };
  }
}

/** `?a=1&b=2` of what is given; empty values are left out, lists repeat their name. */
export function query(values: Record<string, string | number | readonly string[] | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    if (typeof value === "object") for (const one of value) parameters.append(name, one);
    else parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
