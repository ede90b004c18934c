// A web application that logs its users in with an OpenID provider: openid-client, unmodified,
// which is certified by the OpenID Foundation as a relying party.
//
// Arguments: PORT ISSUER CLIENT_ID CLIENT_SECRET SCOPE. Prints `ready` when it listens.
//   /        the claims of whoever is logged in, as JSON; {} before the login
//   /login   begins a login: code flow, PKCE S256, state and nonce
// The library is looked up in PICOMESH_TEST_NODE_PEERS, as npm installs it outside this folder.

import { randomUUID, webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto; // Node 18, as Debian 12 has it
const library = `${process.env.PICOMESH_TEST_NODE_PEERS}/node_modules/openid-client/build/index.js`;
const client = await import(pathToFileURL(library));

const [port, issuer, clientId, clientSecret, scope] = process.argv.slice(2);
const base = `http://localhost:${port}`;
const sessions = new Map();

// Asked at the first login, as the provider's metadata carries the URL of a server that may start later.
let configuration;
const provider = async () =>
  (configuration ??= await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: [client.allowInsecureRequests], // everything is on the loopback interface
  }));

const cookieOf = (request) => /rp_session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];

async function login(_request, response) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const id = randomUUID();
  sessions.set(id, { verifier, state, nonce });
  const target = client.buildAuthorizationUrl(await provider(), {
    redirect_uri: `${base}/callback`,
    scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  response.setHeader("Set-Cookie", `rp_session=${id}; HttpOnly; SameSite=Lax; Path=/`);
  response.writeHead(302, { Location: target.href }).end();
}

async function callback(request, response) {
  const session = sessions.get(cookieOf(request));
  if (!session) throw new Error("no session in this browser");
  const tokens = await client.authorizationCodeGrant(await provider(), new URL(request.url, base), {
    pkceCodeVerifier: session.verifier,
    expectedState: session.state,
    expectedNonce: session.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(await provider(), tokens.access_token, claims.sub);
  session.login = { id_token: claims, userinfo };
  response.writeHead(200, { "Content-Type": "text/html" }).end("<h1 id=logged-in>logged in</h1>");
}

function home(request, response) {
  const body = JSON.stringify(sessions.get(cookieOf(request))?.login ?? {});
  response.writeHead(200, { "Content-Type": "application/json" }).end(body);
}

const routes = { "/": home, "/login": login, "/callback": callback };

createServer(async (request, response) => {
  const route = routes[new URL(request.url, base).pathname];
  if (!route) return response.writeHead(404).end();
  try {
    await route(request, response);
  } catch (error) {
    console.error(error);
    const text = `${error.name}: ${error.message}`.replaceAll("<", "&lt;");
    response.writeHead(500, { "Content-Type": "text/html" }).end(`<h1 id=failed>${text}</h1>`);
  }
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
