// RFC 6962: from a leaf to the root of the tree, computed in this browser from what the node gave.
import { sha256 as slowly } from "@noble/hashes/sha2.js";

/** One step of the path: what is beside it, on which side, and what both make. */
export interface Step {
  sibling: Uint8Array;
  isLeft: boolean;
  made: Uint8Array;
  /** The leaves under what both make: from the first up to, but without, the last. */
  from: number;
  to: number;
}

export class ProofError extends Error {}

/** By the browser's own SHA-256; it has none on a page that did not come by HTTPS. */
export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = joined(parts);
  if (!globalThis.crypto?.subtle) return slowly(whole);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole as Uint8Array<ArrayBuffer>));
}

export const leafHash = (entry: Uint8Array) => sha256(Uint8Array.of(0), entry);
export const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);

/**
 * The steps from a leaf to the root (RFC 9162, 2.1.3.2). Throws `ProofError` where the proof has
 * not the length that a tree of this size asks for.
 */
export async function climb(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Promise<Step[]> {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new ProofError("The tree has no such entry.");
  const steps: Step[] = [];
  let [position, last, made, height] = [index, size - 1, leaf, 0];
  for (const sibling of proof) {
    if (sibling.length !== 32) throw new ProofError("A hash in the proof has not 32 bytes.");
    if (last === 0) throw new ProofError("The proof is too long for a tree of this size.");
    const isLeft = position % 2 === 1 || position === last;
    // The right edge of the tree has no partner at some heights: it goes up as it is.
    while (isLeft && position % 2 === 0 && position > 0) {
      [position, last] = [half(position), half(last)];
      height += 1;
    }
    made = isLeft ? await nodeHash(sibling, made) : await nodeHash(made, sibling);
    [position, last] = [half(position), half(last)];
    height += 1;
    const width = 2 ** height;
    steps.push({ sibling, isLeft, made, from: position * width, to: Math.min(size, (position + 1) * width) });
  }
  if (last !== 0) throw new ProofError("The proof is too short for a tree of this size.");
  return steps;
}

/** Beyond 32 bits, where `>>` would lose what is above. */
const half = (value: number) => Math.floor(value / 2);

export const same = (one: Uint8Array, other: Uint8Array) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export const fromBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
export const fromHex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const toHex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
