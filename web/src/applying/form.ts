// The form of an application in steps: which of the schema's questions stand where, and which are open.
import type { Answers, ApplicationForm, FormProperty } from "../api/applications";

export interface Step {
  id: "what" | "who" | "where" | "documents" | "send";
  title: string;
  about: string;
  names: string[];
}

/** Where the questions of the first form stand; those of a later one come at the end of its first step. */
const PLACES: [Step["id"], string, string, string[]][] = [
  ["what", "What and why", "What you want to find out, in words for everybody and in codes for the policies.", [
    "title", "lay_summary", "research_question", "purpose", "methods_summary",
  ]],
  ["who", "Who", "Everybody who would work with the data, and who signs for your organisation.", ["funding"]],
  ["where", "Where and how long", "How the data would be used, for how long, and how they are kept safe.", [
    "environment", "months", "data_minimisation", "security_measures", "publication_plan",
  ]],
  ["documents", "Documents", "Ethics approval, an impact assessment, whatever the policies ask for.", []],
  ["send", "Check and send", "", []],
];

export function stepsOf(form: ApplicationForm): Step[] {
  const known = new Set(PLACES.flatMap(([, , , names]) => names));
  const asked = Object.keys(form.schema.properties);
  const later = asked.filter((name) => !known.has(name));
  return PLACES.map(([id, title, about, names]) => ({
    id,
    title,
    about,
    names: [...names.filter((name) => asked.includes(name)), ...(id === "what" ? later : [])],
  }));
}

export const kindOf = (property: FormProperty): "many" | "one" | "number" | "yes" | "long" | "short" => {
  const type = Array.isArray(property.type) ? property.type.find((each) => each !== "null") : property.type;
  if (type === "array") return "many";
  if (property.enum) return "one";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "yes";
  return (property.maxLength ?? 0) > 300 ? "long" : "short";
};

export const titleOf = (name: string, property: FormProperty | undefined) =>
  property?.title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

export function isAnswered(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (typeof value === "string") return value.trim() !== "";
  if (Array.isArray(value)) return value.length > 0;
  return true;
}

/** The purpose is answered once it says what kind of use it is, and in which country. */
function isOpen(name: string, answers: Answers): boolean {
  if (name === "purpose") return !answers.purpose?.uses?.length || !answers.purpose.country;
  return !isAnswered(answers[name]);
}

/** Required questions without an answer, in the order of the form. */
export function missing(form: ApplicationForm, answers: Answers): { name: string; title: string; step: Step["id"] }[] {
  const required = new Set(form.schema.required ?? []);
  return stepsOf(form).flatMap((step) =>
    step.names
      .filter((name) => required.has(name) && isOpen(name, answers))
      .map((name) => ({ name, title: titleOf(name, form.schema.properties[name]), step: step.id })),
  );
}
