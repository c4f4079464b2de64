// Proves an entry of the record here: that what is shown is in the tree whose root the node signed.
import type { EventProof } from "../api/record";
import type { RecordedEvent } from "../api/types";
import { canonical } from "./canonical";
import { climb, fromBase64, fromHex, leafHash, ProofError, same, sha256, toHex, type Step } from "./merkle";
import { readCheckpoint, type Checkpoint } from "./note";

export type Part = "actor" | "subject" | "details";
/** `erased`: value and salt were erased for good; the commitment stays, and says nothing. */
export type Opened = "fits" | "differs" | "erased";

export interface Proven {
  leaf: Uint8Array;
  steps: Step[];
  checkpoint: Checkpoint;
  index: number;
  /** The shown number, time and act are the leaf's. */
  isShown: boolean;
  parts: Record<Part, Opened>;
  /** The path ends at the root that was signed. */
  isRooted: boolean;
  isWhole: boolean;
}

const PARTS: Part[] = ["actor", "subject", "details"];
const bytes = new TextEncoder();

/** Throws `ProofError` where the proof cannot be one. */
export async function prove(event: RecordedEvent, proof: EventProof): Promise<Proven> {
  const checkpoint = readCheckpoint(proof.checkpoint);
  if (checkpoint.size !== proof.size) throw new ProofError("The proof is of another tree than the checkpoint.");
  const leaf = await leafHash(bytes.encode(canonical(proof.leaf)));
  const steps = await climb(leaf, proof.index, proof.size, proof.proof.map(fromBase64));
  const isRooted = same(steps.at(-1)?.made ?? leaf, checkpoint.root);
  const isShown =
    proof.leaf.seq === event.seq && proof.leaf.action === event.action && new Date(proof.leaf.time).getTime() === new Date(event.time).getTime();
  const opened = await Promise.all(PARTS.map(async (part) => [part, await open(part, event, proof)] as const));
  const parts = Object.fromEntries(opened) as Record<Part, Opened>;
  const isWhole = isRooted && isShown && !Object.values(parts).includes("differs");
  return { leaf, steps, checkpoint, index: proof.index, isShown, parts, isRooted, isWhole };
}

/** What the page shows against what the leaf committed to: SHA-256 over the salt and the value. */
async function open(part: Part, event: RecordedEvent, proof: EventProof): Promise<Opened> {
  const salt = proof.openings?.[part]?.salt;
  if (!salt) return "erased";
  const hashed = await sha256(fromHex(salt), bytes.encode(canonical(event[part])));
  return toHex(hashed) === proof.leaf[part] ? "fits" : "differs";
}
