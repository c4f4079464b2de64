// What the node says: every type of the HTTP contract, in one place.

/** A page of a list; `next` is the key to ask for the following one. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** RFC 9457, with our place, rule and remedy. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  place?: string;
  rule?: string;
  remedy?: string;
  reason?: AccessReason;
  apply?: string | null;
}

export interface NodeFacts {
  name: string;
  version: string;
  center: string;
  intake: "deidentified" | "identified";
  counts: { datasets: number; images: number };
  /** Everything is shut: see the seals. */
  is_sealed?: boolean;
}

export type Role = "contributor" | "steward" | "committee" | "researcher" | "auditor";

export interface Person {
  id: string;
  name: string;
  display_name: string;
  organisation: string;
  roles: Role[];
  permissions: string[];
}

/** A person as others see them. */
export interface PersonRef {
  id: string;
  display_name: string;
  organisation: string;
}

export interface Session {
  person: Person | null;
  expires?: string | null;
  /** Begun with a second factor. */
  is_strong?: boolean;
  /** Some roles do not count before a second factor is enrolled. */
  must_enrol?: boolean;
  /** What is missing before there is a session, and the ticket that goes with it. */
  needs?: "code" | null;
  ticket?: string | null;
}

/** One of a person's own sessions. */
export interface SessionListed {
  id: string;
  created: string;
  expires: string;
  /** To some minutes. */
  last_used: string | null;
  is_strong: boolean;
  /** Who signed the person in; null: this node. */
  issuer: string | null;
  /** The one that asks. */
  is_this: boolean;
}

/** What a token may be used for, of all that its person may do. */
export type Scope = "read" | "download" | "submit" | "govern";

export interface Token {
  id: string;
  label: string;
  created?: string;
  expires: string;
  scopes?: Scope[];
  /** To the hour. */
  last_used?: string | null;
}

export interface MintedToken {
  id: string;
  token: string;
  expires: string;
}

export type Tier = "open" | "registered" | "controlled" | "compute-only";
export type AccessReason =
  | "sign-in"
  | "grant"
  | "pending"
  | "suspended"
  | "use"
  | "compute-only"
  | "scope"
  | "sealed"
  | "withdrawn";

export interface Access {
  may_open: boolean;
  reason: AccessReason | null;
  text: string;
  apply: string | null;
}

export interface FacetValue {
  value: string;
  label: string;
  count: number;
}

export type Facets = Record<string, FacetValue[]>;

export interface FacetedPage<Item> extends Page<Item> {
  total: number;
  facets: Facets;
  /** Of images only: the variables of companion tables. */
  companion?: CompanionFacet[];
}

/** Images by the values of one variable of a companion table. */
export interface CompanionFacet {
  name: string;
  label: string;
  unit: string;
  entity: string;
  established: string;
  values: FacetValue[];
}

export interface VariableCode {
  code: string;
  scheme: string;
  meaning: string;
}

/** A column of a companion table, as its dictionary describes it. */
export interface Variable {
  name: string;
  companion: string;
  entity: string;
  label: string;
  description: string;
  type: string;
  unit: string;
  code: VariableCode | null;
  established: string;
  categories: string[];
}

/** What a companion table says of an image; without a value `missing` says why. */
export interface Label {
  name: string;
  label: string;
  value: string | null;
  meaning: string | null;
  missing: string;
  unit: string;
  established: string;
  on: string;
}

/** Null where they are of few beings, to one who may not open the dataset. */
export interface Counts {
  images: number | null;
  beings: number | null;
  cases: number | null;
  observations: number | null;
  annotations: number | null;
}

export interface DatasetCard {
  accession: string;
  alias: string;
  title: string;
  short_name: string;
  description: string;
  version: string | number;
  type: "clinical" | "non-clinical";
  dataset_type: string;
  tier: Tier;
  published: string;
  counts: Counts;
  organs: string[];
  stains: string[];
  species: string[];
  diagnoses: string[];
  keywords: string[];
  access: Access;
  thumbnails: string[];
  standing?: "released" | "embargoed";
  /** Others may not know of it before. */
  embargo_until?: string | null;
}

/** What stays of a dataset that was withdrawn. */
export interface Tombstone {
  accession: string;
  title: string;
  version: string;
  doi: string | null;
  published: string;
  standing: "withdrawn";
  withdrawn: string;
  reason: string;
}

export interface Policy {
  title: string;
  dataset_type: string;
  tier: Tier;
  type_of_access: string;
  allowed_uses: string[];
  geography: string;
  duration: string;
  research_question_required: boolean;
  text: string;
  acknowledgement: string;
  citation: string;
  restrictions: string[];
}

export interface Landing {
  center_name: string;
  keywords: string[];
  citations: string[];
  references: string[];
  changelog: string;
  contact_email: string;
  geographical_areas: string[];
  year_of_submission: string | number | null;
  doi: string | null;
}

export interface Citation {
  text: string;
  /** What the citation names: the DOI, else the landing page. */
  address: string;
  /** How the contributors ask to be cited. */
  wordings: string[];
  forms: { form: string; label: string; media_type: string; address: string }[];
}

/** Counts as they may be told: `1,204`, `<5`, `of <5 beings`. */
export interface DatasetVersion {
  what: "published" | "erased" | "stated";
  version: string;
  date: string | null;
  note: string;
  counts: Record<string, string>;
  changes: Record<string, number>;
  erased: string;
}

export interface Spread {
  field: string;
  label: string;
  unit: string;
  groups: { label: string; percent: number }[];
}

/** In percent of the images; null, and no groups, where fewer than five beings would show. */
export interface Quality {
  images: string;
  is_withheld: boolean;
  shares: { field: string; label: string; percent: number | null }[];
  spreads: Spread[];
}

export interface Dataset extends DatasetCard {
  policy: Policy;
  landing: Landing;
  metadata_standard: string;
  size_bytes: number;
  /** Micrometres per pixel at level 0. */
  resolutions: number[];
  variables: Variable[];
  citation: Citation;
  versions: DatasetVersion[];
  quality: Quality;
}

export interface Diagnosis {
  code: string;
  scheme: string;
  meaning: string;
  qualifier: "confirmed" | "candidate";
}

export interface ImageCard {
  accession: string;
  alias: string;
  stain: string;
  organ: string;
  species: string;
  diagnoses: Diagnosis[];
  columns: number;
  rows: number;
  mpp_x: number | null;
  mpp_y: number | null;
  magnification: number | null;
  thumbnail: string | null;
}

/** One resolution; level 0 is the finest. `mpp` is of this level. */
export interface Level {
  level: number;
  columns: number;
  rows: number;
  tile_columns: number;
  tile_rows: number;
  mpp_x: number | null;
  mpp_y: number | null;
  media_type: string;
}

/** What light a channel shows; `name` is empty where the slide does not say, `colour` is #rrggbb. */
export interface Channel {
  name: string;
  colour: string;
}

export interface Code {
  tag: string;
  code: string;
  scheme: string;
  meaning: string;
}

export interface Observation {
  kind: string;
  status: string;
  on: string;
  text: string;
  codes: Code[];
  qualifier: string | null;
}

export interface Image extends ImageCard {
  dataset: { accession: string; title: string; short_name: string; tier: Tier };
  being: { alias: string; sex: string | null; species: string | null; strain: string | null; control: string | null };
  case: { alias: string } | null;
  specimens: {
    alias: string;
    site: string | null;
    extraction: string | null;
    fixation: string | null;
    age: string | null;
  }[];
  block: { alias: string; preparation: string | null } | null;
  slide: { alias: string };
  staining: { label: string; method: string | null; target: string | null } | null;
  observations: Observation[];
  labels: Label[];
  annotations: { alias: string; path: string; address: string }[];
  levels: Level[];
  focal_planes: number;
  /** None of a slide in colour. */
  channels: Channel[];
  /** `/tiles/{image}/{level}/{column}_{row}`, the accession filled in. */
  tiles: string;
  scanner: { manufacturer: string | null; model: string | null } | null;
  access: Access;
}

export type SubmissionState =
  | "receiving"
  | "checking"
  | "cleaning"
  | "converting"
  | "reviewing"
  | "accepting"
  | "publishing"
  | "published"
  | "refused"
  | "failed"
  | "replaced";

export type FileState =
  | "expected"
  | "receiving"
  | "received"
  | "checked"
  | "cleaned"
  | "converted"
  | "accepted"
  | "published"
  | "refused";

export interface Finding {
  what: string;
  place?: string;
  rule?: string;
  remedy?: string;
  severity?: string;
  expected?: string;
  entity?: string;
}

export interface Submission {
  accession: string;
  alias: string;
  title: string;
  state: SubmissionState;
  problem: Finding | null;
  findings: Finding[];
  created: string;
  changed: string;
  files: FileSummary;
  dataset: string | null;
  /** While it waits for people to release it. */
  review?: { released: number; needed: number } | null;
}

export interface ReviewedField {
  name: string;
  action: string;
  reason: string;
  count: number;
}

export interface ImageReport {
  sha256: string;
  fields: ReviewedField[];
  by_action: Record<string, number>;
  left_out: { flavour: string; columns: number; rows: number; why: string }[];
  scan: { strings: number; patterns: number; bytes: number; encodings: string[]; findings: number };
  /** None where no detector looked. */
  marks: Record<string, unknown>[] | null;
  remarks: string[];
  protections: string[];
  software: string;
}

export interface ReviewedImage {
  alias: string;
  format: string;
  instances: number;
  bytes: number;
  columns: number;
  rows: number;
  preview: string | null;
  /** Published images whose finest level is the same, frame by frame. */
  twins: { dataset: string; image: string }[];
  /** None of an image that arrived as DICOM. */
  report: ImageReport | null;
}

export interface Review extends Page<ReviewedImage> {
  submission: string;
  state: SubmissionState;
  needed: number;
  releases: { person: string; name: string; time: string }[];
  digest: string;
  /** Where metadata and slides differ, and slides that are here already. */
  findings: Finding[];
  may_decide: boolean;
}

export interface ReviewStanding {
  state: SubmissionState;
  released: number;
  needed: number;
}

export interface FileSummary {
  total: number;
  bytes: number;
  received_bytes: number;
  by_state: Partial<Record<FileState, number>>;
}

/** One submission: its files are listed where there are few, else summed up and paged under `/files`. */
export interface SubmissionDetail extends Omit<Submission, "files"> {
  files: FileSummary | SubmissionFile[];
}

export interface SubmissionFile {
  id: string;
  path: string;
  role: string;
  size: number;
  received: number;
  /** Where its bytes go (tus). */
  upload?: string;
  state: FileState;
  problem: Finding | string | null;
}

/** One message of a submission's event stream. */
export interface SubmissionEvent {
  state: SubmissionState;
  problem: Finding | null;
  files: Partial<Record<FileState, number>>;
  progress: { done: number; total: number } | null;
  review?: { released: number; needed: number } | null;
}

/** One recorded act, `subject:action`; `actor` is a person's id or `node`. */
export interface RecordedEvent {
  seq: number;
  time: string;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
}

export interface EventPage extends Page<RecordedEvent> {
  /** Display names of the people in these events, by id. */
  names: Record<string, string>;
}
