// A checkpoint: a signed note (C2SP signed-note, tlog-checkpoint) of how many entries, under which root.
import { fromBase64, joined, sha256, toHex } from "./merkle";

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
  /** What is signed. */
  text: string;
  signatures: { name: string; id: string; signature: Uint8Array }[];
}

/** Throws where it is no checkpoint. */
export function readCheckpoint(note: string): Checkpoint {
  const [head, tail] = note.split("\n\n");
  const [origin, size, root] = (head ?? "").split("\n");
  if (!origin || !/^\d+$/.test(size ?? "") || !root || !tail) throw new Error("The node gave no checkpoint.");
  const signatures = [...tail.matchAll(/^— (\S+) ([A-Za-z0-9+/]+=*)$/gm)].map(([, name, encoded]) => {
    const bytes = fromBase64(encoded!);
    return { name: name!, id: toHex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  return { origin, size: Number(size), root: fromBase64(root), text: `${head}\n`, signatures };
}

export type Signed = "signed" | "forged" | "other-key" | "unable";

/**
 * Whether the key `NAME+HASH+KEY` signed it. `unable` where this browser has no Ed25519, or the page
 * came by another way than HTTPS.
 */
export async function checkSignature(checkpoint: Checkpoint, vkey: string): Promise<Signed> {
  const [name, id, ...rest] = vkey.trim().split("+");
  const material = fromBase64(rest.join("+"));
  if (!name || material.length !== 33 || material[0] !== 1) throw new Error("This is no key: NAME+HASH+KEY, as the node's keeper prints it.");
  const bytes = new TextEncoder();
  const hashed = await sha256(joined([bytes.encode(`${name}\n`), material]));
  if (toHex(hashed.slice(0, 4)) !== id) throw new Error("This is no key: its hash is of another one.");
  const found = checkpoint.signatures.find((one) => one.name === name && one.id === id);
  if (!found) return "other-key";
  if (!globalThis.crypto?.subtle) return "unable";
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", material.slice(1) as Uint8Array<ArrayBuffer>, "Ed25519", false, ["verify"]);
  } catch {
    return "unable";
  }
  const isGood = await crypto.subtle.verify("Ed25519", key, found.signature as Uint8Array<ArrayBuffer>, bytes.encode(checkpoint.text));
  return isGood ? "signed" : "forged";
}
