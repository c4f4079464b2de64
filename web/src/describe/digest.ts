// SHA-256 of files, in a worker, so that the page stays quick; what was digested once is remembered.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

type Told = { done?: number; sha256?: string; failed?: boolean };
const known = new Map<string, string>();

/** Raises where the file cannot be read any more; `progress` is told how many bytes are done. */
export function digestFile(file: File, progress: (done: number) => void, signal: AbortSignal): Promise<string> {
  const key = [file.webkitRelativePath, file.name, file.size, file.lastModified].join("\n");
  const before = known.get(key);
  if (before) {
    progress(file.size);
    return Promise.resolve(before);
  }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./digest_worker.ts", import.meta.url), { type: "module" });
    const end = (act: () => void) => {
      worker.terminate();
      act();
    };
    signal.addEventListener("abort", () => end(() => reject(new DOMException("Stopped.", "AbortError"))), { once: true });
    worker.onerror = () => end(() => reject(new Error("A slide could not be read.")));
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.done !== undefined) progress(data.done);
      if (data.failed) end(() => reject(new Error("A slide can no longer be read. Choose the files again.")));
      if (data.sha256) {
        known.set(key, data.sha256);
        end(() => resolve(data.sha256!));
      }
    };
    worker.postMessage(file);
  });
}

export const digestText = (text: Uint8Array) => bytesToHex(sha256(text));
