// Words of runs, as people read them.
import type { RunState, SlideState } from "../api/runs";
import type { Tone } from "./access";
import { many } from "./numbers";

export const RUN: Record<RunState, { text: string; tone: Tone }> = {
  running: { text: "Running", tone: "busy" },
  done: { text: "Done", tone: "good" },
  cancelled: { text: "Cancelled", tone: "past" },
};

export const SLIDE: Record<SlideState, { text: string; tone: Tone; means: string }> = {
  waiting: { text: "Waiting", tone: "past", means: "in line" },
  leased: { text: "Computing", tone: "busy", means: "being worked on" },
  done: { text: "Computed", tone: "good", means: "its results are kept" },
  reused: { text: "Known", tone: "good", means: "computed before, from the same of everything" },
  failed: { text: "Failed", tone: "bad", means: "the reason says how" },
  skipped: { text: "Skipped", tone: "waits", means: "nothing is wrong, and there is nothing to compute" },
  cancelled: { text: "Cancelled", tone: "past", means: "not computed" },
};

/** Slide states in the order of a bar: what is over first, what is to come last. */
export const ORDER: SlideState[] = ["done", "reused", "skipped", "failed", "cancelled", "leased", "waiting"];

/** Why a slide was not computed, from the node's closed lists, and what helps. */
export const WHY: Record<string, { text: string; helps: string }> = {
  hung: { text: "It took longer than it may", helps: "The algorithm’s manifest sets how long." },
  "out-of-memory": { text: "It needed more memory than it may", helps: "The algorithm’s manifest sets how much." },
  "too-many-processes": { text: "It started processes", helps: "Algorithms may start threads only." },
  network: { text: "It reached for the network", helps: "Algorithms have none; bring what it needs with it." },
  "outside-read": { text: "It read outside its slide and its folder", helps: "" },
  "outside-write": { text: "It wrote outside its scratch folder", helps: "" },
  "scratch-full": { text: "Its scratch folder was full", helps: "The algorithm’s manifest sets how large it is." },
  "bad-output": { text: "What it gave is not what its manifest says", helps: "Nothing of it was kept." },
  "bad-parameters": { text: "A parameter was wrong", helps: "" },
  "wrong-weights": { text: "Its weights are not those of its manifest", helps: "" },
  "wrong-mpp": { text: "The slide has another resolution than it was made for", helps: "" },
  "no-mpp": { text: "The slide does not say its resolution", helps: "" },
  crashed: { text: "It crashed", helps: "The log names the line of its code." },
  "slide-damaged": { text: "The slide could not be read", helps: "" },
  "refused-no-isolation": { text: "This node cannot isolate code of others", helps: "Ask the node’s steward." },
  "empty-glass": { text: "There is no tissue on the glass", helps: "" },
  "platform-fault": { text: "The node could not do it, after several tries", helps: "Run it again: the next run tries it anew." },
  "access-ended": { text: "Its dataset was not open to you any more", helps: "" },
  erased: { text: "The slide was erased", helps: "" },
  "cancelled-by-person": { text: "The run was cancelled", helps: "Run it again for the rest." },
};

export const why = (reason: string): string => WHY[reason]?.text ?? reason;

/** States and reasons that another run of the same computes. */
export const isTriedAgain = (state: SlideState, reason: string): boolean =>
  reason === "platform-fault" || (state === "cancelled" && (reason === "cancelled-by-person" || reason === "access-ended"));

/** `about 3 minutes left`; empty where nothing tells. */
export function timeLeft(seconds: number | null): string {
  if (!seconds) return "";
  if (seconds < 90) return `about ${many(Math.max(1, Math.round(seconds)), "second")} left`;
  if (seconds < 5400) return `about ${many(Math.round(seconds / 60), "minute")} left`;
  return `about ${(seconds / 3600).toFixed(1)} hours left`;
}

/** `40 ms`, `2.3 s`, `4 min 10 s`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
