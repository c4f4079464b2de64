// How far a submission has come, told from its files where its state no longer says.
import type { FileState } from "../api/types";

const REACHED: Partial<Record<FileState, number>> = {
  expected: 0,
  receiving: 0,
  received: 1,
  checked: 2,
  cleaned: 3,
  converted: 4,
  accepted: 5,
  published: 6,
};

/** The step (0 is receive) at which a stopped submission stands: where its slowest file that was not refused waits. */
export function stepReached(states: FileState[]): number {
  const reached = states.map((state) => REACHED[state]).filter((step) => step !== undefined);
  return reached.length ? Math.min(...reached) : 1;
}

/** The page of a published submission; the node may name it by the API's address. */
export function datasetAddress(dataset: string | null, accession: string): string {
  const name = dataset?.split("/").filter(Boolean).at(-1) ?? accession;
  return `/datasets/${name}`;
}
