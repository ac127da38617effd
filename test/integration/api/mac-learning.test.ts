/**
 * Goal: a port learns MAC addresses if its network's owner says so, and port security is off.
 * Method: real Redis; the owner of a network, another project with a port in it, and an operator.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let network: string;
const admin = callsOf(() => heddle, 'admin');
const bob = callsOf(() => heddle, 'bob');

const OPEN = { port_security_enabled: false };
const LEARNS = { ...OPEN, mac_learning_enabled: true };

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  network = (await admin.make('network', { shared: true })).id;
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const make = (more: object, who = admin) => who.make('port', { network_id: network, ...more });
const put = (id: string, port: object, who = admin) => who.put(`ports/${id}`, { port });
const refusal = ({ status, body }: Answer) => [status, body.NeutronError?.type];

test('a port does not learn unless it is told to, then and later', async () => {
  const port = await make(OPEN);
  expect(port.mac_learning_enabled).toBe(false);
  const learns = (await put(port.id, { mac_learning_enabled: true })).body.port;
  expect(learns).toMatchObject(LEARNS);
  expect((await admin.get(`ports/${port.id}`)).body.port).toEqual(learns);
  expect(heddle.topology.get('port', port.id)).toMatchObject(LEARNS);
  const { body } = await put(port.id, { mac_learning_enabled: 'false' });
  expect(body.port.mac_learning_enabled).toBe(false);
});

test('a new port may learn, in bulk as well, and is found by that', async () => {
  const ports = [LEARNS, OPEN].map((more) => ({ network_id: network, name: 'bulk', ...more }));
  expect((await admin.post('ports', { ports })).status).toBe(201);
  const found = await admin.get('ports?name=bulk&mac_learning_enabled=true');
  expect(found.body.ports).toHaveLength(1);
});

test('a port with port security does not learn', async () => {
  const { revision } = heddle.topology;
  const attributes = { network_id: network, mac_learning_enabled: true };
  const refused = [400, 'InvalidInput'];
  const answer = await admin.post('ports', { port: attributes });
  expect(refusal(answer)).toEqual(refused);
  expect(answer.body.NeutronError.message).toContain('MAC learning needs port security to be off');
  expect(heddle.topology.revision).toBe(revision);

  const secured = await make({ security_groups: [] });
  expect(refusal(await put(secured.id, { mac_learning_enabled: true }))).toEqual(refused);
  expect((await put(secured.id, LEARNS)).status).toBe(200);
  expect(refusal(await put(secured.id, { port_security_enabled: true }))).toEqual(refused);
  const back = { port_security_enabled: true, mac_learning_enabled: false };
  expect((await put(secured.id, back)).status).toBe(200);
});

test.each([['maybe'], [2], [null], [[]], [{}]])('%j says nothing', async (value) => {
  const port = { network_id: network, ...OPEN, mac_learning_enabled: value };
  expect((await admin.post('ports', { port })).status).toBe(400);
});

test('who has a port in the network of another has no say in that', async () => {
  const port = { network_id: network, ...LEARNS };
  expect(refusal(await bob.post('ports', { port }))).toEqual([403, 'PolicyNotAuthorized']);
  const theirs = await make({ ...OPEN, project_id: 'bob' });
  expect((await put(theirs.id, { mac_learning_enabled: true }, bob)).status).toBe(403);
  const own = await bob.make('network', {});
  expect(await bob.make('port', { ...port, network_id: own.id })).toMatchObject(LEARNS);
});

test('the extension is announced', async () => {
  const { extension } = (await admin.get('extensions/mac-learning')).body;
  expect(extension).toMatchObject({ alias: 'mac-learning', name: 'MAC Learning' });
});
