/**
 * Goal: with `--auth keystone` whoever Keystone vouches for is let in, with the roles that Keystone
 * says, for as long as Keystone says so, and nobody else, whatever becomes of Keystone.
 * Method: the real API and client over HTTP to a stand-in Keystone that checks how it is asked; a
 * clock that tests move; real Redis.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KeystoneAuthenticator } from '../../../src/api/index.ts';
import { createHttpClient, type HttpClient } from '../../../src/lib/http-client.ts';
import type { LogFields } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import { KeystoneTokens, ServiceSession } from '../../../src/openstack/index.ts';
import { KeystoneServer, SERVICE_USER } from '../../support/keystone-server.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { type Controller, startController } from './world.ts';

const REVALIDATE_MS = 30_000;

let redis: RedisServer;
let keystone: KeystoneServer;
let heddle: Controller;
let http: HttpClient;
let clock: VirtualClock;
let logged: LogFields[];

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  keystone = await new KeystoneServer().start();
  clock = new VirtualClock(Date.now());
  logged = [];
  http = createHttpClient({
    clock: systemClock,
    timeoutMs: 500,
    answerBytesMax: 64 * 1024,
    socketsMax: 8,
  });
  const credentials = {
    ...SERVICE_USER,
    url: keystone.url,
    userDomain: 'default',
    projectDomain: 'name:Services',
  };
  const authenticator = new KeystoneAuthenticator({
    validator: new KeystoneTokens(new ServiceSession({ http, clock, credentials })),
    clock,
    log: recordingLogger(logged),
    publicUrl: 'https://keystone.example:5000',
    revalidateMs: REVALIDATE_MS,
    serviceRoles: ['service'],
  });
  heddle = await startController(redis.address, { authenticator });
});

afterEach(async () => {
  await heddle.stop();
  http.close();
  await keystone.stop();
  expect(keystone.mistakes).toEqual([]);
  expect(JSON.stringify(logged)).not.toContain(SERVICE_USER.password);
});

const list = (headers: Readonly<Record<string, string>> = {}) =>
  heddle.app.inject({ url: '/v2.0/networks', headers });
const as = (token: string) => ({ 'x-auth-token': token });
const create = (token: string, network: object = {}) =>
  heddle.call('POST', '/v2.0/networks', { network }, as(token));

describe('a request', () => {
  test('with a token is its user’s, in its project', async () => {
    const answer = await create(keystone.issue({ project: 'p7' }));
    expect(answer.status).toBe(201);
    expect(answer.body.network.project_id).toBe('p7');
  });

  test.each([
    {},
    { 'x-auth-token': '' },
    { 'x-auth-token': 'unknown' },
    { 'x-auth-token': 'two words' },
    { 'x-auth-token': 'ü' },
    { authorization: 'Bearer x' },
  ])('with %j is nobody’s, and is told where tokens come from', async (headers) => {
    const answer = await list(headers as Record<string, string>);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Keystone uri="https://keystone.example:5000"');
    expect(answer.json().NeutronError.type).toBe('HTTPUnauthorized');
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
  });

  test('for the versions or the health needs no token', async () => {
    for (const url of ['/', '/v1/health']) {
      expect((await heddle.app.inject({ url })).statusCode).toBe(200);
    }
    expect(keystone.http.received).toEqual([]);
  });
});

describe('roles', () => {
  test('of a member allow what is the project’s own', async () => {
    const token = keystone.issue();
    expect((await create(token)).status).toBe(201);
    expect((await create(token, { 'provider:segmentation_id': 7 })).status).toBe(403);
    expect((await heddle.call('GET', '/v1/hosts', undefined, as(token))).status).toBe(403);
  });

  test('of an administrator allow everything', async () => {
    const token = keystone.issue({ roles: ['Admin'], project: 'ops' });
    const answer = await create(token, { project_id: 'p1', shared: true });
    expect([answer.status, answer.body.network.project_id]).toEqual([201, 'p1']);
    expect((await heddle.call('GET', '/v1/hosts', undefined, as(token))).status).toBe(200);
  });

  test('of a reader allow no write at all', async () => {
    const { id } = (await create(keystone.issue())).body.network;
    const token = keystone.issue({ roles: ['reader'] });
    const path = `/v2.0/networks/${id}`;
    expect((await heddle.call('GET', path, undefined, as(token))).status).toBe(200);
    const answers = [
      await create(token),
      await heddle.call('PUT', path, { network: { name: 'x' } }, as(token)),
      await heddle.call('DELETE', path, undefined, as(token)),
      await heddle.call('PUT', `${path}/tags`, { tags: ['x'] }, as(token)),
      await heddle.call('PUT', `${path}/tags/x`, {}, as(token)),
      await heddle.call('PUT', '/v2.0/quotas/p1', { quota: { port: 1 } }, as(token)),
    ];
    expect(answers.map(({ status, error }) => [status, error])).toEqual(
      answers.map(() => [403, 'PolicyNotAuthorized']),
    );
    expect((await heddle.call('GET', path, undefined, as(token))).body.network.name).toBe('');
  });

  test('in the whole system: administrators do, readers see everything', async () => {
    const { id } = (await create(keystone.issue())).body.network;
    const system = { project: undefined, isSystem: true };
    const reader = as(keystone.issue({ ...system, roles: ['reader'] }));
    const shown = await heddle.call('GET', `/v2.0/networks/${id}`, undefined, reader);
    expect(shown.body.network).toHaveProperty('provider:segmentation_id');
    const change = { network: { name: 'x' } };
    expect((await heddle.call('PUT', `/v2.0/networks/${id}`, change, reader)).status).toBe(403);
    const admin = as(keystone.issue({ ...system, roles: ['admin'] }));
    expect((await heddle.call('PUT', `/v2.0/networks/${id}`, change, admin)).status).toBe(200);
  });

  test.each([
    { roles: [] },
    { roles: ['heat_stack_owner'] },
    { project: undefined, roles: ['admin'] },
  ])('%j let nobody in', async (options) => {
    const answer = await list(as(keystone.issue(options)));
    expect([answer.statusCode, answer.json().NeutronError.type]).toEqual([403, 'HTTPForbidden']);
  });
});

describe('a token', () => {
  test('is asked about once in a while, however many requests come', async () => {
    const token = keystone.issue();
    const answers = await Promise.all(Array.from({ length: 50 }, () => list(as(token))));
    expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
    await list(as(token));
    expect([keystone.validations, keystone.logins]).toEqual([1, 1]);
    clock.advance(REVALIDATE_MS);
    await list(as(token));
    expect(keystone.validations).toBe(2);
  });

  test('that is revoked ends within the time for which it is believed', async () => {
    const token = keystone.issue();
    expect((await list(as(token))).statusCode).toBe(200);
    keystone.revoke(token);
    clock.advance(REVALIDATE_MS);
    expect((await list(as(token))).statusCode).toBe(401);
  });

  test('ends when it says so, though it was believed a moment ago', async () => {
    const token = keystone.issue({ expiresAt: Date.now() + 5_000 });
    expect((await list(as(token))).statusCode).toBe(200);
    clock.advance(6_000);
    expect((await list(as(token))).statusCode).toBe(401);
    expect(keystone.validations).toBe(1);
  });

  test('that is nobody’s is not asked about again at once', async () => {
    for (let times = 0; times < 5; times += 1) await list(as('nobody'));
    expect(keystone.validations).toBe(1);
    clock.advance(REVALIDATE_MS);
    await list(as('nobody'));
    expect(keystone.validations).toBe(2);
  });
});

describe('a service', () => {
  const both = (user: string, service: string) => ({ ...as(user), 'x-service-token': service });
  const expired = () => keystone.issue({ expiresAt: Date.now() - 60_000 });

  test('may act with a token that has expired meanwhile', async () => {
    const user = expired();
    const service = keystone.issue({ roles: ['service'], project: 'service' });
    expect((await list(as(user))).statusCode).toBe(401);
    expect((await list(both(user, service))).statusCode).toBe(200);
    expect((await list(both(user, service))).statusCode).toBe(200);
    // Alone the token is still worth nothing.
    expect((await list(as(user))).statusCode).toBe(401);
  });

  test('is who has its role: the token of another user changes nothing', async () => {
    const other = keystone.issue({ roles: ['admin'] });
    expect((await list(both(expired(), other))).statusCode).toBe(401);
    expect((await list(both(keystone.issue(), other))).statusCode).toBe(200);
  });

  test('whose own token is nobody’s is refused with any token', async () => {
    expect((await list(both(keystone.issue(), 'nobody'))).statusCode).toBe(401);
  });
});

describe('our own token', () => {
  test('is renewed when Keystone does not know it any more', async () => {
    await list(as(keystone.issue()));
    keystone.forgetServices();
    expect((await list(as(keystone.issue()))).statusCode).toBe(200);
    expect(keystone.logins).toBe(2);
  });

  test('is renewed before it ends', async () => {
    keystone.ownLifeMs = 60_000;
    await list(as(keystone.issue()));
    clock.advance(31_000);
    await list(as(keystone.issue()));
    expect(keystone.logins).toBe(2);
    expect(keystone.validations).toBe(2);
  });

  test('that is refused us is not asked for with every request', async () => {
    keystone.password = 'changed';
    for (let times = 0; times < 5; times += 1) {
      expect((await list(as(keystone.issue()))).statusCode).toBe(503);
    }
    expect(keystone.logins).toBe(1);
    expect(logged).toHaveLength(1);
    keystone.password = SERVICE_USER.password;
    clock.advance(200);
    expect((await list(as(keystone.issue()))).statusCode).toBe(200);
  });
});

describe('while Keystone', () => {
  test.each(['silent', 'broken', 'nonsense', 'huge'] as const)(
    'is %s, nobody new is let in, and whoever is known is for a while',
    async (fault) => {
      const known = keystone.issue();
      await list(as(known));
      keystone.fault = fault;
      const answer = await list(as(keystone.issue()));
      expect(answer.statusCode).toBe(503);
      expect(answer.json().NeutronError.type).toBe('HTTPServiceUnavailable');
      expect(answer.headers['retry-after']).toBeDefined();
      expect((await list(as(known))).statusCode).toBe(200);
      clock.advance(REVALIDATE_MS);
      expect((await list(as(known))).statusCode).toBe(503);
      keystone.fault = 'none';
      expect((await list(as(known))).statusCode).toBe(200);
    },
  );

  test('is away, nobody is let in; when it is back, everybody is', async () => {
    const token = keystone.issue();
    await list(as(keystone.issue()));
    await keystone.stop();
    expect((await list(as(token))).statusCode).toBe(503);
    expect((await create(token)).status).toBe(503);
    await keystone.start();
    expect((await list(as(token))).statusCode).toBe(200);
  });

  test('closes connections between requests, requests are served on', async () => {
    await list(as(keystone.issue()));
    keystone.http.hangUp();
    expect((await list(as(keystone.issue()))).statusCode).toBe(200);
  });
});
