// The stages of an application, from the first word to open data: which are past, and which is now.
import type { Application } from "../api/applications";

export interface Stage {
  name: string;
  is: "past" | "now" | "next" | "bad";
  at: string | null;
  note: string;
}

const REACHED: Record<string, number> = {
  draft: 0,
  submitted: 1,
  returned: 1,
  "in-review": 2,
  approved: 3,
};
const ENDED: Record<string, string> = {
  rejected: "Refused",
  withdrawn: "Withdrawn",
  closed: "Closed",
  expired: "Expired",
};

export function stagesOf(application: Application): Stage[] {
  const { state, grants, decisions } = application;
  const isOpen = grants.some((grant) => grant.state === "active");
  const decided = decisions.map((one) => one.at).sort().at(-1) ?? null;
  const reached = state === "approved" && isOpen ? 4 : (REACHED[state] ?? -1);
  if (reached < 0) return ended(application, decided);
  const names: [string, string | null, string][] = [
    ["Written", application.created, ""],
    [state === "returned" ? "Returned" : "Submitted", application.submitted, "then it is checked"],
    ["In review", null, "committees decide"],
    ["Decided", decided, state === "approved" ? "terms to accept" : "with a reason"],
    ["Open", grants.find((grant) => grant.state === "active")?.start ?? null, "once terms are accepted"],
  ];
  return names.map(([name, at, note], index) => ({
    name,
    at: index <= reached ? at : null,
    note: index === reached && !at ? "now" : index < reached ? "" : note,
    is: index < reached || (index === reached && index === 4) ? "past" : index === reached ? "now" : "next",
  }));
}

function ended({ state, created, submitted, changed }: Application, decided: string | null): Stage[] {
  const stages: Stage[] = [{ name: "Written", is: "past", at: created, note: "" }];
  if (submitted) stages.push({ name: "Submitted", is: "past", at: submitted, note: "" });
  const isBad = state === "rejected";
  return [...stages, { name: ENDED[state] ?? state, is: isBad ? "bad" : "past", at: (isBad && decided) || changed, note: "" }];
}
