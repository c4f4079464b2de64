// Parameters of a run: their form from the manifest's schemas, and what is wrong with a value.
import type { Parameter } from "../api/runs";

export type Values = Record<string, unknown>;

export const defaults = (parameters: Record<string, Parameter>): Values =>
  Object.fromEntries(Object.entries(parameters).flatMap(([name, schema]) => ("default" in schema ? [[name, schema.default]] : [])));

/** What the node would refuse, in a sentence; empty where the value is right. */
export function wrong(schema: Parameter, value: unknown): string {
  const { type, minimum = -Infinity, maximum = Infinity } = schema;
  if (value === undefined || value === "") return type === "string" && value === "" ? "" : "This has no default: say what it should be.";
  if (schema.enum) return schema.enum.includes(value) ? "" : "This is none of the choices.";
  if (type === "boolean") return typeof value === "boolean" ? "" : "Say yes or no.";
  if (type === "string") return typeof value === "string" ? "" : "This is no text.";
  if (typeof value !== "number" || !Number.isFinite(value)) return "This is no number.";
  if (type === "integer" && !Number.isInteger(value)) return "This is no whole number.";
  if (value < minimum || value > maximum) return `It must be ${range(schema)}.`;
  return "";
}

/** `from 0 to 255`, `at least 1`; empty where any number will do. */
export function range({ minimum, maximum }: Parameter): string {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? "" : `at most ${maximum}`;
}
