// Digests one file beside the page, a piece at a time.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const PIECE = 8 << 20;

self.onmessage = async (message: MessageEvent<File>) => {
  const file = message.data;
  const sum = sha256.create();
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      sum.update(piece);
      self.postMessage({ done: Math.min(at + PIECE, file.size) });
    }
    self.postMessage({ sha256: bytesToHex(sum.digest()) });
  } catch {
    self.postMessage({ failed: true });
  }
};
