// Sends one file over tus 1.0.0 in pieces, and goes on where it stopped.
import { Problem } from "../api/problem";
import type { ProblemDocument } from "../api/types";

const PIECE = 16 << 20;
const PATIENCE = [500, 1000, 2000, 4000, 8000, 15000, 30000];
const HEADERS = { "Tus-Resumable": "1.0.0", "X-Requested-With": "bigpicture" };

/** `progress` is told how many bytes are durable. A broken connection is waited for, about a minute. */
export async function sendFile(address: string, file: Blob, progress: (done: number) => void, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      let offset = await ask(address, { method: "HEAD", signal });
      progress(offset);
      while (offset < file.size) {
        offset = await ask(address, {
          method: "PATCH",
          signal,
          body: file.slice(offset, offset + PIECE),
          headers: { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
        });
        failures = 0;
        progress(offset);
      }
      return;
    } catch (thrown) {
      if (signal.aborted || !mayPass(thrown) || failures >= PATIENCE.length) throw thrown;
      await rest(PATIENCE[failures]!, signal);
    }
  }
}

/** What passes by itself: no connection, a busy node, another one who wrote meanwhile. */
function mayPass(thrown: unknown): boolean {
  return thrown instanceof TypeError || (thrown instanceof Problem && [409, 429, 502, 503, 504].includes(thrown.status));
}

async function ask(address: string, init: RequestInit & { headers?: Record<string, string> }): Promise<number> {
  const answer = await fetch(address, { ...init, credentials: "same-origin", headers: { ...HEADERS, ...init.headers } });
  if (!answer.ok) {
    const told = (await answer.json().catch(() => ({}))) as ProblemDocument;
    throw new Problem(answer.status, { detail: "The node did not take a piece of a slide.", ...told });
  }
  return Number(answer.headers.get("Upload-Offset"));
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
