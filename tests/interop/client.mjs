// An OpenID client of somebody else's making. Talks with the test over lines of JSON: reads what it
// is registered as, prints the address that a browser is to be sent to, reads where the browser was
// sent back, and prints what it came to.
//
// { issuer, client_id, secret | key, redirect_uri, scope, dpop, par } ->
// { authorize } -> { back } -> { scope, sub, info, refreshed, introspected, after_revocation }
import { createInterface } from 'node:readline';
import { webcrypto } from 'node:crypto';
import * as oidc from 'openid-client';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const say = (what) => console.log(JSON.stringify(what));

async function authentication(told) {
  if (told.secret) return oidc.ClientSecretBasic(told.secret);
  if (!told.key) return oidc.None();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await webcrypto.subtle.importKey('jwk', told.key, algorithm, false, ['sign']);
  return oidc.PrivateKeyJwt({ key, kid: told.key.kid });
}

async function main() {
  const told = await read();
  const config = await oidc.discovery(
    new URL(told.issuer), told.client_id, { id_token_signed_response_alg: 'ES256' },
    await authentication(told), { execute: [oidc.allowInsecureRequests] },
  );
  const DPoP = told.dpop ? oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) : undefined;
  const [verifier, state, nonce] =
    [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const parameters = {
    redirect_uri: told.redirect_uri, scope: told.scope, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  };
  const authorize = told.par
    ? await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
    : oidc.buildAuthorizationUrl(config, parameters);
  say({ authorize: authorize.href });

  const { back } = await read();
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
  const tokens = await oidc.authorizationCodeGrant(config, new URL(back), checks, undefined, { DPoP });
  const { sub } = tokens.claims();
  const info = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  const confidential = told.secret || told.key;
  const introspect = async () =>
    confidential ? oidc.tokenIntrospection(config, refreshed.access_token) : {};
  const introspected = await introspect();
  await oidc.tokenRevocation(config, refreshed.refresh_token);
  const after_revocation = await introspect();
  say({
    scope: tokens.scope, token_type: tokens.token_type, sub, info,
    refreshed: refreshed.scope, introspected, after_revocation,
  });
}

main().then(() => process.exit(0), (error) => {
  say({ error: `${error.code ?? ''} ${error.stack} ${JSON.stringify(error.cause ?? {})}` });
  process.exit(1);
});
