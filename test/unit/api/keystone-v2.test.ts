/**
 * Goal: oVirt's engine gets a token for its one user, the API takes that token on every controller,
 * and nobody else gets one.
 * Method: the requests that the engine's client sends, through inject; a clock that the test moves.
 */
import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Authenticator,
  buildKeystoneV2,
  type ShimUser,
  Tickets,
  ticketsOr,
} from '../../../src/api/index.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const USER: ShimUser = { name: 'admin@internal', password: 'right-secret', project: 'ovirt' };
const HOURS_MS = 3_600_000;

let clock: VirtualClock;
let tickets: Tickets;
let app: FastifyInstance;
let audited: object[];

beforeEach(() => {
  clock = new VirtualClock();
  tickets = new Tickets(USER, clock);
  audited = [];
  app = buildKeystoneV2({
    user: USER,
    tickets,
    networkUrl: 'http://192.0.2.1:9696',
    clock,
    random: systemRandom,
    log: nullLogger,
    audit: { write: (record) => audited.push(record) },
  });
});

const login = (password: string, username = USER.name) =>
  app.inject({
    method: 'POST',
    url: '/v2.0/tokens',
    headers: { host: 'heddle:35357' },
    payload: { auth: { tenantName: 'any', passwordCredentials: { username, password } } },
  });

const nobody: Authenticator = {
  authenticate: () => {
    throw new Error('not a ticket');
  },
};

/** Whom another controller with the same settings lets in with a token. */
function admits(token: string, user = USER): unknown {
  const other = ticketsOr(nobody, new Tickets(user, clock), user);
  try {
    return other.authenticate({ 'x-auth-token': token });
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the right password', () => {
  test('gets a token and the address of the network API', async () => {
    const answer = await login(USER.password);
    expect(answer.statusCode).toBe(200);
    const { token, user, serviceCatalog } = answer.json().access;
    expect(token).toMatchObject({
      expires: '2026-01-01T10:00:00Z',
      tenant: { id: 'ovirt', name: 'ovirt', enabled: true },
    });
    expect(user).toMatchObject({ name: USER.name, roles: [{ name: 'admin' }] });
    const network = serviceCatalog.find(({ type }: { type: string }) => type === 'network');
    expect(network.endpoints[0].publicURL).toBe('http://192.0.2.1:9696');
    const identity = serviceCatalog.find(({ type }: { type: string }) => type === 'identity');
    expect(identity.endpoints[0].publicURL).toBe('http://heddle:35357/v2.0');
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/);
  });

  test('gets a token that every controller takes for ten hours', async () => {
    const { id } = (await login(USER.password)).json().access.token;
    expect(admits(id)).toEqual({ userId: USER.name, projectId: 'ovirt', isAdmin: true });
    clock.advance(10 * HOURS_MS);
    expect(admits(id)).toContain('requires authentication');
  });

  test('gets tokens that end when it is changed', async () => {
    const { id } = (await login(USER.password)).json().access.token;
    expect(admits(id, { ...USER, password: 'new' })).toContain('requires authentication');
  });
});

describe('a token', () => {
  test('that was tampered with is nobody’s', async () => {
    const { id } = (await login(USER.password)).json().access.token as { id: string };
    const [prefix, expires = '', nonce, signature] = id.split('.');
    const later = (Number.parseInt(expires, 36) + HOURS_MS).toString(36);
    for (const forged of [
      [prefix, later, nonce, signature].join('.'),
      [prefix, expires, 'other', signature].join('.'),
      `${prefix}.${expires}.${nonce}.`,
      `${prefix}.`,
      `${id}x`,
    ]) {
      expect(admits(forged), forged).toContain('requires authentication');
    }
    expect(admits('something else')).toBe('not a ticket');
  });

  test('shows the tenants, and is exchanged for itself', async () => {
    const { id } = (await login(USER.password)).json().access.token;
    const headers = { 'x-auth-token': id };
    const tenants = await app.inject({ url: '/v2.0/tenants', headers });
    expect(tenants.json().tenants).toMatchObject([{ name: 'ovirt' }]);
    expect((await app.inject({ url: '/v2.0/tenants' })).statusCode).toBe(401);
    const payload = { auth: { token: { id } } };
    const again = await app.inject({ method: 'POST', url: '/v2.0/tokens', payload });
    expect(again.json().access.token.id).toBe(id);
    const forged = { auth: { token: { id: `${id}x` } } };
    const refused = await app.inject({ method: 'POST', url: '/v2.0/tokens', payload: forged });
    expect(refused.statusCode).toBe(401);
  });
});

describe('a wrong password', () => {
  test('gets 401 in Keystone’s form', async () => {
    for (const answer of [await login('wrong'), await login(USER.password, 'root')]) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json().error).toMatchObject({ code: 401 });
    }
  });

  test('can be tried a few times, then slowly', async () => {
    for (let times = 0; times < 10; times += 1) {
      expect((await login('wrong')).statusCode).toBe(401);
    }
    const refused = await login(USER.password);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '5']);
    clock.advance(5_000);
    expect((await login(USER.password)).statusCode).toBe(200);
  });

  test('is audited, and no password ever is', async () => {
    await login('wrong-secret');
    await login(USER.password);
    expect(audited).toMatchObject([
      { action: 'create', resource: 'tokens', status: 401, error: 'HTTPUnauthorized' },
      { action: 'create', resource: 'tokens', status: 200 },
    ]);
    expect(JSON.stringify(audited)).not.toContain('secret');
  });
});

test.each([
  '{',
  '[]',
  'null',
  '{}',
  '{"auth":7}',
  '{"auth":{"passwordCredentials":[]}}',
  '{"auth":{"passwordCredentials":{"username":["a"],"password":{}}}}',
  '{"auth":{"__proto__":{}}}',
  `{"auth":"${'x'.repeat(20_000)}"}`,
])('the body %s is refused without a fault', async (payload) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/v2.0/tokens', headers, payload });
  expect([400, 413]).toContain(answer.statusCode);
  expect(answer.json().error.code).toBe(answer.statusCode);
});

test('the version is found at both of its places', async () => {
  expect((await app.inject({ url: '/v2.0/' })).json().version.id).toBe('v2.0');
  expect((await app.inject({ url: '/' })).json().versions.values[0].id).toBe('v2.0');
  expect((await app.inject({ url: '/v3' })).statusCode).toBe(404);
});
