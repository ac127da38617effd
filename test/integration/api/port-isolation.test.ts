/**
 * Goal: the owner of a network sets its ports apart, and changes that; what could not be kept up on
 * other hosts is refused, and nothing is changed then.
 * Method: real Redis; projects as callers.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let network: string;
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  network = (await alice.make('network', {})).id;
  await alice.make('subnet', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' });
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const ISOLATED = { isolation: 'isolated' };
const WEB = { isolation: 'community', isolation_community: 'web' };
const NEITHER = { isolation: null, isolation_community: null };

const make = (attributes: object = {}) =>
  alice.make('port', { network_id: network, ...attributes });
const put = (id: string, port: object) => alice.put(`ports/${id}`, { port });
const post = (port: object) => alice.post('ports', { port: { network_id: network, ...port } });

test('a port is set apart from the start or later, and says so', async () => {
  expect(await make()).toMatchObject(NEITHER);
  const port = await make(WEB);
  expect(port).toMatchObject(WEB);
  for (const isolation of [
    { ...NEITHER, ...ISOLATED },
    WEB,
    { ...NEITHER, isolation: 'promiscuous' },
    NEITHER,
  ]) {
    const { status, body } = await put(port.id, isolation);
    expect(status).toBe(200);
    expect(body.port).toMatchObject(isolation);
  }
});

test.each([
  { isolation: 'community' },
  { isolation: 'community', isolation_community: '' },
  { isolation_community: 'web' },
  { isolation: 'isolated', isolation_community: 'web' },
  { isolation: 'promiscuous', isolation_community: 'web' },
  { isolation: 'sometimes' },
  { isolation: 7 },
  { isolation: 'community', isolation_community: 'x'.repeat(256) },
])('a community goes with its name alone: not %j', async (isolation) => {
  const { id } = await make();
  expect((await post(isolation)).status).toBe(400);
  expect((await put(id, isolation)).status).toBe(400);
  expect((await alice.get(`ports/${id}`)).body.port).toMatchObject(NEITHER);
});

test.each([ISOLATED, WEB])('port security stays on while a port is %j', async (isolation) => {
  const open = { port_security_enabled: false, security_groups: [] };
  expect((await post({ ...open, ...isolation })).error).toBe('IsolationAndPortSecurityRequired');
  const { id } = await make(isolation);
  expect((await put(id, open)).error).toBe('IsolationAndPortSecurityRequired');
  const opened = await make(open);
  expect((await put(opened.id, isolation)).error).toBe('IsolationAndPortSecurityRequired');
  expect((await put(id, { ...open, ...NEITHER })).status).toBe(200);
});

test('a port that is set apart has no MAC address but its own', async () => {
  const pairs = (mac_address?: string) => ({
    allowed_address_pairs: [{ ip_address: '10.0.0.200', ...(mac_address && { mac_address }) }],
  });
  const foreign = pairs('02:00:00:00:00:99');
  expect((await post({ ...ISOLATED, ...foreign })).error).toBe('IsolationAndForeignMac');
  const { id } = await make({ ...ISOLATED, ...pairs() });
  expect((await put(id, foreign)).error).toBe('IsolationAndForeignMac');
  expect((await put((await make(foreign)).id, WEB)).error).toBe('IsolationAndForeignMac');
});
