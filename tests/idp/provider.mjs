// An OpenID provider on loopback for the tests of single sign-on: oidc-provider, which is certified, with
// people whose groups a test changes.
//
//   node provider.mjs PORT
//
// PUT /people/NAME {"email", "email_verified", "groups"} makes or changes somebody; who signs in is whom the
// form names, whatever the password. POST /reg registers a client (RFC 7591).
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

const provider = new Provider(issuer, {
  claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "email", "profile", "groups"],
  features: { registration: { enabled: true }, devInteractions: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: [randomUUID()] },
  findAccount: (_, name) => people.has(name) && { accountId: name, claims: async () => ({ sub: name, ...people.get(name) }) },
  // Who may ask for what is not what is tested: it is asked once, and given.
  loadExistingGrant: async (ctx) => {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email profile groups");
    await grant.save();
    return grant;
  },
});

const read = async (request) => {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
};
const answer = provider.callback();
createServer(async (request, response) => {
  const [, what, name] = request.url.split("/");
  if (what !== "people" || request.method !== "PUT") return answer(request, response);
  people.set(decodeURIComponent(name), JSON.parse(await read(request)));
  response.writeHead(204).end();
}).listen(port, "127.0.0.1");
