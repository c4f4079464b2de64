// One request to the node: JSON in, JSON or a problem out.
import { lostConnection, Problem } from "./problem";
import type { ProblemDocument } from "./types";

interface Options {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

export async function request<Answer>(path: string, options: Options = {}): Promise<Answer> {
  const { method = "GET", body, signal } = options;
  const headers: Record<string, string> = { Accept: "application/json" };
  // The node takes a cookie for a change only with this header, which a foreign page cannot send.
  if (method !== "GET") headers["X-Requested-With"] = "bigpicture";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await reach(path, {
    method,
    headers,
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (!answer.ok) throw new Problem(answer.status, await problemDocument(answer));
  if (answer.status === 204) return undefined as Answer;
  return (await answer.json()) as Answer;
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
