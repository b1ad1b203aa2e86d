// An OpenID provider of somebody else's making, on loopback: `node provider.mjs <redirect_uri>`.
// Prints its issuer as one line of JSON. Whoever comes is signed in as `stranger-7` without being
// asked. `POST /rotate` lets another key sign; the old one is published no more.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider, interactionPolicy } from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);

function signingKey(kid) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}

function provider(issuer, kid, adapter) {
  const made = new Provider(issuer, {
    adapter,
    clients: [{
      client_id: 'countinghouse',
      client_secret: 'a secret: with = signs & a + plus',
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      id_token_signed_response_alg: 'ES256',
    }],
    jwks: { keys: [signingKey(kid)] },
    cookies: { keys: ['for tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { policy: interactionPolicy.base(), url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    pkce: { required: () => true },
  });
  return made;
}

// What it remembers outlives the change of its keys.
const memory = new Map();
class Adapter {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload) {
    memory.set(this.key(id), payload);
    if (payload.uid) memory.set(`uid:${payload.uid}`, id);
  }
  async find(id) { return memory.get(this.key(id)); }
  async findByUid(uid) { return this.find(memory.get(`uid:${uid}`)); }
  async findByUserCode() { return undefined; }
  async destroy(id) { memory.delete(this.key(id)); }
  async consume(id) { const found = memory.get(this.key(id)); if (found) found.consumed = Date.now() / 1000; }
  async revokeByGrantId(grantId) {
    for (const [key, value] of memory) if (value?.grantId === grantId) memory.delete(key);
  }
}

async function interact(current, request, response) {
  const { prompt, params, session, grantId } = await current.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return current.interactionFinished(request, response, { login: { accountId: 'stranger-7' } });
  }
  const grant = grantId
    ? await current.Grant.find(grantId)
    : new current.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  const consent = { grantId: await grant.save() };
  return current.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

let current;
const server = createServer(async (request, response) => {
  try {
    if (request.url === '/rotate' && request.method === 'POST') {
      current = provider(current.issuer, 'second', Adapter);
      return response.end();
    }
    if (request.url.startsWith('/interaction/')) return await interact(current, request, response);
    return await current.callback()(request, response);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  current = provider(issuer, 'first', Adapter);
  console.log(JSON.stringify({ issuer }));
});
