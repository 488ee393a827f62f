// A real OpenID provider on this machine: PORT says where, REDIRECTS where its clients come back to. Each line that it
// reads is an order, {"rotate": true} or {"account": …, "claims": {…}}, which it answers with a line of its own.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';

const port = Number(process.env.PORT);
const redirects = JSON.parse(process.env.REDIRECTS);
const accounts = new Map();
let generation = 0;

const key = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  kid: `${alg} ${generation}`,
  use: 'sig',
  alg,
});

const client = (id, more) => ({
  client_id: id,
  redirect_uris: redirects,
  application_type: 'native',
  ...more,
});

function provider() {
  generation += 1;
  return new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      client('salesloop', { client_secret: 'a secret: with % and + in it', id_token_signed_response_alg: 'RS256' }),
      client('app', { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' }),
      client('another', { client_secret: 'of somebody else', id_token_signed_response_alg: 'RS256' }),
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['a key of the tests'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) }),
    jwks: {
      keys: [key('rsa', { modulusLength: 2048 }, 'RS256'), key('ec', { namedCurve: 'P-256' }, 'ES256')],
    },
    pkce: { required: () => true },
  });
}

let current = provider().callback();

const orders = {
  rotate: () => {
    current = provider().callback();
  },
  account: ({ account, claims }) => {
    accounts.set(account, claims);
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  orders[Object.keys(order)[0]](order);
  console.log('done');
});

createServer((request, response) => current(request, response)).listen(port, '127.0.0.1', () => console.log('ready'));
