// A real OpenID Connect provider for the tests: any name signs in, with any password.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const { PORT, CALLBACK, VISAS, CLIENT, SECRET, CODE_SECONDS } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT,
      client_secret: SECRET,
      redirect_uris: CALLBACK.split(" "),
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username"],
    ga4gh_passport_v1: ["ga4gh_passport_v1"],
  },
  ttl: { AuthorizationCode: Number(CODE_SECONDS ?? 60), Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600 },
  pkce: { required: () => true },
  cookies: { keys: ["for tests only"] },
  async findAccount(_, id) {
    const visas = JSON.parse(readFileSync(VISAS, "utf8"))[id] ?? [];
    const said = { sub: id, name: `${id} of the tests`, preferred_username: id };
    return { accountId: id, claims: async () => ({ ...said, ga4gh_passport_v1: visas }) };
  },
});

provider.listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
