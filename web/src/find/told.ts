// A part of a question in plain words, for its chip.
import { fieldOf, spansOf, valuesOf, written, type Question } from "./question";
import { told } from "./spans";

export interface Part {
  /** What it is about; empty where it is about more than one thing. */
  subject: string;
  verb: string;
  opposite: string;
  values: string;
  isNot: boolean;
}

interface Words {
  said: (field: string, value: string) => string;
  named: (field: string) => string;
}

export function partOf(question: Question, { said, named }: Words): Part {
  const isNot = "not" in question;
  const inner = isNot ? question.not : question;
  if ("words" in inner) {
    const [verb, opposite] = isNot ? ["does not contain", "contains"] : ["contains", "does not contain"];
    return { subject: "Text", verb, opposite, values: inner.words.map((word) => `“${word}”`).join(" "), isNot };
  }
  const field = fieldOf(inner);
  const [verb, opposite] = isNot ? ["is not", "is"] : ["is", "is not"];
  if (field === null) return { subject: "", verb: isNot ? "not" : "all of", opposite: isNot ? "all of" : "not", values: written(inner), isNot };
  const values = [...valuesOf(inner).map((value) => said(field, value)), ...spansOf(inner).map(told)];
  const shown = values.length > 4 ? [...values.slice(0, 3), `${values.length - 3} more`] : values;
  return { subject: named(field), verb, opposite, values: shown.join(" or "), isNot };
}
