// Why an issuer's answer did not sign anybody in: the node's short words, as a visitor reads them.

export const REFUSED: Record<string, string> = {
  refused: "The issuer did not sign you in. Try again, or sign in another way.",
  state: "That answer belongs to another sign-in, or to another browser. Sign in again here.",
  issuer: "Another issuer answered than was asked. Sign in again; if it stays, tell the node's steward.",
  token: "What the issuer said of you could not be verified. Sign in again; if it stays, tell the node's steward.",
  code: "The issuer's answer was used before, or is too old. Sign in again.",
  late: "The sign-in took too long. Sign in again.",
  unknown: "Nobody here has this identity. Sign in with your account and link it there, or ask a steward for one.",
  taken: "This identity belongs to another account of this node.",
  unreached: "The issuer does not answer. Try again in a moment, or sign in another way.",
  sealed: "This way in is closed now. Ask the node's stewards.",
};
