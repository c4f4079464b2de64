// The node's doors, one function each.
import { query, request, requestText } from "./request";
import type {
  Dataset,
  DatasetCard,
  FacetedPage,
  Image,
  ImageCard,
  MintedToken,
  NodeFacts,
  Page,
  Person,
  Review,
  ReviewStanding,
  Scope,
  Session,
  SessionListed,
  Submission,
  SubmissionDetail,
  SubmissionFile,
  Token,
  Tombstone,
} from "./types";

type Filters = Record<string, string | number | readonly string[] | null | undefined>;

const at = encodeURIComponent;

export const getNode = () => request<NodeFacts>("/api/v1/node");

export const getSession = () => request<Session>("/api/v1/sessions/current");
export const signIn = (name: string, password: string) =>
  request<Session>("/api/v1/sessions", { method: "POST", body: { name, password } });
export const signOut = () => request<void>("/api/v1/sessions/current", { method: "DELETE" });

export const getSessions = (after: string | null, signal?: AbortSignal) =>
  request<Page<SessionListed>>(`/api/v1/sessions${query({ after })}`, signal ? { signal } : {});
export const endSession = (id: string) => request<void>(`/api/v1/sessions/${at(id)}`, { method: "DELETE" });

export const getTokens = () => request<Page<Token>>("/api/v1/tokens");
export const mintToken = (label: string, days: number, scopes?: Scope[]) =>
  request<MintedToken>("/api/v1/tokens", { method: "POST", body: { label, days, ...(scopes ? { scopes } : {}) } });
export const dropToken = (id: string) => request<void>(`/api/v1/tokens/${at(id)}`, { method: "DELETE" });

export const getDatasets = (filters: Filters, signal?: AbortSignal) =>
  request<FacetedPage<DatasetCard>>(`/api/v1/datasets${query(filters)}`, signal ? { signal } : {});
export const getDataset = (accession: string) => request<Dataset | Tombstone>(`/api/v1/datasets/${at(accession)}`);
export const isGone = (found: Dataset | Tombstone): found is Tombstone => found.standing === "withdrawn";
export const getText = (address: string) => requestText(address);
export const getImages = (dataset: string, filters: Filters, signal?: AbortSignal) =>
  request<FacetedPage<ImageCard>>(
    `/api/v1/datasets/${at(dataset)}/images${query(filters)}`,
    signal ? { signal } : {},
  );
export const getImage = (accession: string) => request<Image>(`/api/v1/images/${at(accession)}`);

export const getSubmissions = (after?: string | null) =>
  request<Page<Submission>>(`/api/v1/submissions${query({ after })}`);
export const getSubmission = (accession: string) =>
  request<SubmissionDetail>(`/api/v1/submissions/${at(accession)}`);
export const getSubmissionFiles = (accession: string, after?: string | null) =>
  request<Page<SubmissionFile>>(`/api/v1/submissions/${at(accession)}/files${query({ after, limit: 500 })}`);
export const completeSubmission = (accession: string) =>
  request<Submission>(`/api/v1/submissions/${at(accession)}/complete`, { method: "POST" });
export const dropSubmission = (accession: string) =>
  request<void>(`/api/v1/submissions/${at(accession)}`, { method: "DELETE" });
export const getWaiting = (after?: string | null) =>
  request<Page<Submission>>(`/api/v1/submissions${query({ state: "reviewing", after })}`);
export const getReview = (accession: string, after?: string | null, signal?: AbortSignal) =>
  request<Review>(`/api/v1/submissions/${at(accession)}/review${query({ after })}`, signal ? { signal } : {});
export const decideReview = (accession: string, given: { decision: "release" | "refuse"; reason?: string; digest: string }) =>
  request<ReviewStanding>(`/api/v1/submissions/${at(accession)}/review`, { method: "POST", body: given });
export const submissionEvents = (accession: string) => `/api/v1/submissions/${at(accession)}/events`;

export const getPeople = () => request<Page<Person>>("/api/v1/people");
export const addPerson = (person: {
  name: string;
  display_name: string;
  organisation: string;
  roles: string[];
  password: string;
}) => request<Person>("/api/v1/people", { method: "POST", body: person });
