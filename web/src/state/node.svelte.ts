// The node this portal belongs to.
import { getNode } from "../api/doors";
import type { NodeFacts } from "../api/types";

let facts = $state<NodeFacts | null>(null);
let isReachable = $state(true);

export const node = {
  get facts() {
    return facts;
  },
  get isReachable() {
    return isReachable;
  },
};

export async function meetNode(): Promise<void> {
  try {
    facts = await getNode();
    isReachable = true;
  } catch {
    isReachable = false;
  }
}
