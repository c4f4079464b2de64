// GA4GH's standard types of visas, as a visitor reads them.

export const VISA: Record<string, string> = {
  AffiliationAndRole: "Affiliation",
  AcceptedTermsAndPolicies: "Accepted terms",
  ResearcherStatus: "Researcher status",
  ControlledAccessGrants: "Access to a dataset",
  LinkedIdentities: "Linked identities",
};
