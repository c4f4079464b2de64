// Words of the standard, as a visitor reads them.
import type { FileState, Role, SubmissionState, Tier } from "../api/types";

export const TIER: Record<Tier, string> = {
  open: "Open",
  registered: "Registered",
  controlled: "Controlled",
  "compute-only": "Compute only",
};

export const FACET: Record<string, string> = {
  organ: "Organ",
  stain: "Stain",
  species: "Species",
  diagnosis: "Diagnosis",
  type: "Study",
  tier: "Access",
  companion: "Also recorded",
};

/** What the columns of a described dataset are about. */
export const ENTITY: Record<string, string> = {
  image: "Image",
  slide: "Slide",
  block: "Block",
  specimen: "Specimen",
  case: "Case",
  being: "Patient or animal",
  staining: "Stain",
  observation: "Diagnosis or finding",
  observer: "Who stated it",
  dataset: "Dataset",
};

export const VALUE: Record<string, string> = {
  clinical: "Clinical",
  "non-clinical": "Non-clinical",
  ...TIER,
};

export const ROLE: Record<Role, string> = {
  contributor: "Contributor",
  steward: "Steward",
  committee: "Access committee",
  researcher: "Researcher",
  auditor: "Auditor",
};

export const STATE: Record<SubmissionState, string> = {
  receiving: "Receiving",
  checking: "Checking",
  cleaning: "Cleaning",
  converting: "Converting",
  reviewing: "Waiting for review",
  accepting: "Accepting",
  publishing: "Publishing",
  published: "Published",
  refused: "Needs mending",
  failed: "Stopped",
  replaced: "Replaced",
};

export const FILE_STATE: Record<FileState, string> = {
  expected: "Waiting for upload",
  receiving: "Uploading",
  received: "Received",
  checked: "Checked",
  cleaned: "Cleaned",
  converted: "Converted",
  accepted: "Accepted",
  published: "Published",
  refused: "Needs mending",
};

export const FILE_ROLE: Record<string, string> = {
  metadata: "Metadata",
  image: "Images",
  annotation: "Annotations",
  landing_page: "Landing page",
  thumbnail: "Thumbnails",
  private: "Private",
  companion: "Companion tables",
};

/** The steps of a submission in order, and what each does for the contributor. */
export const STEPS: { name: string; state: SubmissionState; does: string }[] = [
  { name: "Receive", state: "receiving", does: "Files arrive, each part sealed before it counts." },
  { name: "Check", state: "checking", does: "Checksums are compared, metadata read against the standard." },
  { name: "Clean", state: "cleaning", does: "The node repeats the de-identification check of every header." },
  { name: "Convert", state: "converting", does: "Scanner files, where the node takes them, become DICOM." },
  { name: "Accept", state: "accepting", does: "Sealed and kept, digest by digest." },
  { name: "Publish", state: "publishing", does: "Accessions are given; the dataset is found." },
];

/** Why a reader may refuse, as the node knows it and as a reader says it. */
export const REASON: Record<string, string> = {
  identifying: "Something may still identify a person",
  pixels: "An image does not show what it should",
  metadata: "The metadata do not fit the images",
  misplaced: "It does not belong on this node",
  unlawful: "Its legal or ethical basis is not clear",
};

/** What the node did with a field of a scanner's file. */
export const ACTION: Record<string, string> = {
  keep: "Kept",
  given: "Given anew",
  drop: "Removed",
  pseudonym: "Pseudonym",
  date: "Date moved or left out",
  stop: "Stops the slide",
};

