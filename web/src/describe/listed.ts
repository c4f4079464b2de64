// The drafts of a person, from this browser and from the node, each once.
import { dropDraft, getDraft, getDrafts } from "../api/described";
import { forget, keptDrafts, recall, type Kept } from "./kept";

export interface Listed {
  id: string;
  title: string;
  changed: string;
  isHere: boolean;
  isAtNode: boolean;
}

export async function listDrafts(person: string, mayAsk: boolean): Promise<Listed[]> {
  const here = await keptDrafts(person).catch(() => [] as Kept[]);
  const there = mayAsk ? await getDrafts().then((list) => list.items, () => []) : [];
  const found = new Map<string, Listed>();
  for (const one of there) found.set(one.id, { ...one, isHere: false, isAtNode: true });
  for (const one of here) {
    const other = found.get(one.id);
    found.set(one.id, { id: one.id, title: one.title, changed: other && other.changed > one.changed ? other.changed : one.changed, isHere: true, isAtNode: other !== undefined });
  }
  return [...found.values()].sort((a, b) => b.changed.localeCompare(a.changed));
}

/** The newest version of a draft: the browser's, unless the node's was changed elsewhere since. */
export async function openDraft(id: string, person: string, mayAsk: boolean): Promise<Kept | null> {
  const here = await recall(id, person).catch(() => null);
  if (!mayAsk) return here;
  const there = await getDraft(id).catch(() => null);
  if (!there) return here && { ...here, etag: "", isAtNode: false };
  if (here && (here.etag === there.etag || !here.isAtNode)) return here;
  const changed = new Date().toISOString();
  if (here) await forget(id);
  return { ...there.answer, id, person, changed, etag: there.etag, isAtNode: true, slides: here?.slides ?? null };
}

export async function deleteDraft(draft: Listed): Promise<void> {
  if (draft.isHere) await forget(draft.id);
  if (draft.isAtNode) await dropDraft(draft.id);
}
