// The doors of questions: images of every dataset that one may open, and what their fields hold.
import type { Question } from "../find/question";
import { query, request } from "./request";
import type { CompanionFacet, FacetValue, ImageCard, Page } from "./types";

export interface Field {
  name: string;
  label: string;
  kind: "term" | "number" | "either";
  group: string;
  is_facet: boolean;
  is_default: boolean;
  is_hierarchical: boolean;
  unit: string;
  about: string;
}

export interface Value extends FacetValue {
  /** The value above it, where the field is hierarchical. */
  parent?: string | null;
}

export interface FoundImage extends ImageCard {
  dataset: string;
  dataset_title: string;
  sex: string;
  /** Years at extraction. */
  age: number | null;
  scanner: string;
  /** Of publication. */
  year: number | null;
}

export interface ClosedDataset {
  accession: string;
  title: string;
  /** `<5` where a number would tell too much. */
  beings: string;
}

/** A word that no image has, and what was looked for in its place. */
export interface Understood {
  given: string;
  taken: string[];
}

export interface Found extends Page<FoundImage> {
  total: number;
  beings: number;
  datasets: number;
  facets: Record<string, Value[]>;
  /** By field: how many values there are beyond those told. */
  more: Record<string, number>;
  companion: CompanionFacet[];
  question: string;
  question_json: Question;
  understood: Understood[];
  closed: number;
  closed_datasets: ClosedDataset[];
  hints: string[];
}

export const SORTS = { dataset: "Dataset", newest: "Newest", largest: "Largest", finest: "Finest" } as const;
export type Sort = keyof typeof SORTS;

interface Asking {
  sort?: Sort;
  /** None asked for: the node's default ones. */
  facets?: readonly string[] | null;
  after?: string;
  limit?: number;
  /** False: words are taken as they are written. */
  mend?: boolean;
}

const HERE = "/api/v1/images";

/** By the question's text, as an address holds it. */
export const findImages = (where: string, asking: Asking, signal?: AbortSignal) =>
  request<Found>(
    `${HERE}${query({
      where,
      sort: asking.sort,
      facets: asking.facets?.join(","),
      after: asking.after,
      limit: asking.limit,
      mend: asking.mend === false ? "false" : null,
    })}`,
    signal ? { signal } : {},
  );

/** By the question's tree; an empty list of facets asks for none. */
export const findByTree = (question: Question, asking: Asking, signal?: AbortSignal) => {
  const { mend, ...rest } = asking;
  const body = { question, ...rest, ...(mend === false ? { mend } : {}) };
  return request<Found>(`${HERE}/find`, { method: "POST", body, ...(signal ? { signal } : {}) });
};

export const getValues = (field: string, words: string, where: string, signal?: AbortSignal) =>
  request<{ items: Value[] }>(`${HERE}/values${query({ field, words, where, limit: 20 })}`, signal ? { signal } : {});
export const getFields = () => request<Field[]>("/api/v1/fields");

export const saveCohort = (cohort: { name: string; question: Question; notes: string }) =>
  request<{ id: string }>("/api/v1/cohorts", { method: "POST", body: cohort });
