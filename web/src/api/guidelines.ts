// The guidelines: what law, standards and the repository say at each step.
import { request, requestText } from "./request";

export type Mark = "law" | "standard" | "our advice";

export interface Statement {
  mark: Mark;
  text: string;
  sources: { cited: string; about: string }[];
  is_checked: boolean;
}

export interface GuideSection {
  name: string;
  heading: string;
  intro: string[];
  statements: Statement[];
}

export interface Guideline {
  name: string;
  title: string;
  intro: string[];
  sections: GuideSection[];
}

export interface Guidelines {
  items: { name: string; title: string; sections: { name: string; heading: string }[] }[];
  templates: { name: string; title: string; address: string }[];
  sources: Record<string, string>;
}

const HERE = "/api/v1/guidelines";
const held = new Map<string, Promise<Guideline>>();

export const getGuidelines = () => request<Guidelines>(HERE);
export const getTemplate = (address: string) => requestText(address);

/** One guideline; asked for once, as several notes of a page tell parts of the same. */
export function getGuideline(name: string): Promise<Guideline> {
  const known = held.get(name);
  if (known) return known;
  const asked = request<Guideline>(`${HERE}/${encodeURIComponent(name)}`);
  held.set(name, asked);
  asked.catch(() => held.delete(name));
  return asked;
}
