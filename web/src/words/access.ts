// Words of applications, grants, duties and seals, as people read them.
import type { ApplicationState, DocumentKind } from "../api/applications";
import type { AgreementKind, Rule } from "../api/committees";
import type { Duty, GrantState, GrantUse, Hold } from "../api/grants";
import type { SealScope } from "../api/seals";

export type Tone = "good" | "bad" | "busy" | "waits" | "past";
type Told = { text: string; tone: Tone };

export const APPLICATION: Record<ApplicationState, Told> = {
  draft: { text: "Draft", tone: "past" },
  submitted: { text: "Submitted", tone: "busy" },
  "in-review": { text: "In review", tone: "busy" },
  returned: { text: "Returned", tone: "waits" },
  approved: { text: "Approved", tone: "good" },
  rejected: { text: "Refused", tone: "bad" },
  withdrawn: { text: "Withdrawn", tone: "past" },
  closed: { text: "Closed", tone: "past" },
  expired: { text: "Expired", tone: "past" },
};

export const GRANT: Record<GrantState, Told> = {
  "pending-terms": { text: "Not begun", tone: "waits" },
  future: { text: "Begins later", tone: "waits" },
  active: { text: "Active", tone: "good" },
  suspended: { text: "Suspended", tone: "bad" },
  expired: { text: "Ended", tone: "past" },
  revoked: { text: "Revoked", tone: "past" },
  superseded: { text: "Replaced", tone: "past" },
};

export const DUTY: Record<Duty["state"], Told> = {
  open: { text: "Open", tone: "busy" },
  overdue: { text: "Overdue", tone: "bad" },
  done: { text: "Done", tone: "good" },
  waived: { text: "Waived", tone: "past" },
};

export const ASKED: Record<string, Told> = {
  asked: { text: "Not decided", tone: "busy" },
  approved: { text: "Approved", tone: "good" },
  refused: { text: "Refused", tone: "bad" },
  removed: { text: "Taken out", tone: "past" },
};

/** Advice of the policy, never a decision. */
export const OPINION: Record<string, Told> = {
  allow: { text: "Fits the policy", tone: "good" },
  people: { text: "For people to judge", tone: "waits" },
  "needs-human": { text: "For people to judge", tone: "waits" },
  deny: { text: "Against the policy", tone: "bad" },
};

export const USE: Record<GrantUse, string> = {
  view: "View",
  stream: "Stream",
  download: "Download",
  compute: "Compute",
};
export const USE_MEANS: Record<GrantUse, string> = {
  view: "Look at slides in the viewer, one after another",
  stream: "Read many tiles and regions by program, for training",
  download: "Take files to your own machines",
  compute: "Send algorithms to the data; nothing leaves",
};
export const USES = Object.keys(USE) as GrantUse[];

/** Why a grant is held, and what opens it. */
export const HOLD: Record<Hold, { text: string; remedy: string }> = {
  terms: { text: "Agreements are not accepted yet", remedy: "Read and accept them on the application's page." },
  signature: { text: "Your signatory has not signed", remedy: "Ask the person who signs for your organisation to do so." },
  transfer: { text: "A transfer assessment is missing", remedy: "The committee records it once the clauses are on file." },
  duty: { text: "A duty is overdue", remedy: "Do it below; access opens again at once." },
  affiliation: { text: "Your affiliation is not confirmed", remedy: "Sign in through your organisation again." },
  steward: { text: "A steward has suspended it", remedy: "Ask the node's steward; the reason is on record." },
};

export const DOCUMENT: Record<DocumentKind, string> = {
  ethics: "Ethics approval",
  dpia: "Impact assessment (DPIA)",
  transfer: "Transfer assessment",
  agreement: "Signed agreement",
  other: "Other",
};

export const RULE: Record<Rule, string> = {
  majority: "Majority",
  "no-block": "Approved unless one refuses",
  unanimous: "All agree",
};

export const AGREEMENT: Record<AgreementKind, string> = {
  click: "Accepted by each member",
  signed: "Signed for the organisation",
  "code-of-conduct": "Code of conduct",
};

export const SCOPE: Record<SealScope, { text: string; means: string }> = {
  node: { text: "The whole node", means: "Nobody reads anything. Stewards can still sign in and unseal." },
  site: { text: "A contributing site", means: "Every dataset that this organisation contributed." },
  dataset: { text: "A dataset", means: "Every image and file of it, for everybody." },
  committee: { text: "A committee", means: "Every dataset that this committee decides." },
  person: { text: "A person", means: "Everything this person could open." },
  grant: { text: "A grant", means: "What this one grant opens." },
  issuer: { text: "An issuer of identities", means: "Sign-ins and visas that it issued." },
};
export const SCOPES = Object.keys(SCOPE) as SealScope[];

export const APPROVED_USE: Record<string, Told> = {
  current: { text: "Current", tone: "good" },
  ended: { text: "Ended", tone: "past" },
  "ended-early": { text: "Ended early", tone: "waits" },
};
