/**
 * Goal: Nova's live migration finds the calls of Neutron's `binding-extended`, with their statuses.
 * Method: real Redis; the calls in Nova's order, and those that are refused.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let network: string;
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  network = (await admin.make('network', {})).id;
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

/** A server's port on `h1`. */
async function make(attributes: object = {}): Promise<string> {
  const server = { device_owner: 'compute:nova', 'binding:host_id': 'h1', project_id: 'alice' };
  return (await admin.make('port', { network_id: network, ...server, ...attributes })).id;
}

const bind = (id: string, host: string, more: object = {}) =>
  admin.post(`ports/${id}/bindings`, { binding: { host, ...more } });
const activate = (id: string, host: string) =>
  admin.put(`ports/${id}/bindings/${host}/activate`, {});
const typeOf = ({ body }: Answer): string => body.NeutronError.type;

async function statuses(id: string): Promise<string[]> {
  const { body } = await admin.get(`ports/${id}/bindings`);
  return body.bindings.map((each: { host: string; status: string }) =>
    [each.host, each.status].join(' '),
  );
}

test('a server moves as Nova moves it', async () => {
  const id = await make();
  const profile = { migrating_to: 'h2' };
  const made = await bind(id, 'h2', { vnic_type: 'normal', profile });
  expect(made.status).toBe(201);
  expect(made.body.binding).toMatchObject({
    host: 'h2',
    status: 'INACTIVE',
    vif_type: 'ovs',
    vif_details: { port_filter: true },
    vnic_type: 'normal',
    profile,
  });
  expect(await statuses(id)).toEqual(['h1 ACTIVE', 'h2 INACTIVE']);
  expect((await activate(id, 'h2')).body.binding).toMatchObject({ host: 'h2', status: 'ACTIVE' });
  const { port } = (await admin.get(`ports/${id}`)).body;
  expect(port).toMatchObject({ 'binding:host_id': 'h2', 'binding:profile': profile });
  expect(port).not.toHaveProperty('inactive_bindings');
  expect(await statuses(id)).toEqual(['h2 ACTIVE', 'h1 INACTIVE']);
  expect((await admin.delete(`ports/${id}/bindings/h1`)).status).toBe(204);
  expect(await statuses(id)).toEqual(['h2 ACTIVE']);
});

test('the name of its VIF stays with a port that moves', async () => {
  const id = await make();
  const name = `vif-of-${id}`;
  const named = { port: { 'binding:profile': { 'iface-id': name } } };
  expect((await admin.put(`ports/${id}`, named)).status).toBe(200);
  await bind(id, 'h2');
  await activate(id, 'h2');
  await admin.delete(`ports/${id}/bindings/h1`);
  const { port } = (await admin.get(`ports/${id}`)).body;
  expect(port['binding:profile']).toEqual({ 'iface-id': name });
});

test('a move that is called off leaves what was', async () => {
  const id = await make();
  await bind(id, 'h2');
  expect((await admin.delete(`ports/${id}/bindings/h2`)).status).toBe(204);
  expect(await statuses(id)).toEqual(['h1 ACTIVE']);
  const { port } = (await admin.get(`ports/${id}`)).body;
  expect(port['binding:host_id']).toBe('h1');
});

test('one binding is shown and changed', async () => {
  const id = await make();
  await bind(id, 'h2');
  const changed = await admin.put(`ports/${id}/bindings/h2`, {
    binding: { profile: { x: 1 } },
  });
  expect(changed.body.binding).toMatchObject({ host: 'h2', profile: { x: 1 } });
  const { body } = await admin.get(`ports/${id}/bindings/h2`);
  expect(body.binding).toMatchObject({ host: 'h2', profile: { x: 1 }, status: 'INACTIVE' });
});

test('a port that is said to be on another host has no second binding to it', async () => {
  const id = await make();
  await bind(id, 'h2');
  await admin.put(`ports/${id}`, { port: { 'binding:host_id': 'h2' } });
  expect(await statuses(id)).toEqual(['h2 ACTIVE']);
});

test('a port without a host is bound to the first', async () => {
  const id = await make({ 'binding:host_id': '' });
  expect((await bind(id, 'h3')).body.binding.status).toBe('ACTIVE');
  expect(await statuses(id)).toEqual(['h3 ACTIVE']);
});

test('what Neutron refuses is refused', async () => {
  const id = await make();
  const refusals: [Answer, number, string][] = [
    [await bind(id, 'h1'), 409, 'PortBindingAlreadyExists'],
    [await activate(id, 'h1'), 409, 'PortBindingAlreadyActive'],
    [await activate(id, 'h9'), 404, 'PortBindingNotFound'],
    [await admin.delete(`ports/${id}/bindings/h9`), 404, 'PortBindingNotFound'],
    [await admin.get(`ports/${id}/bindings/h9`), 404, 'PortBindingNotFound'],
    [await admin.get('ports/none/bindings'), 404, 'PortNotFound'],
    [await bind(await make({ device_owner: '' }), 'h2'), 400, 'HTTPBadRequest'],
    [await alice.get(`ports/${id}/bindings`), 403, 'PolicyNotAuthorized'],
  ];
  for (const [answer, status, type] of refusals) {
    expect([answer.status, typeOf(answer)]).toEqual([status, type]);
  }
  expect((await admin.post(`ports/${id}/bindings`, { binding: {} })).status).toBe(400);
});

test('a port has so many bindings and no more', async () => {
  const id = await make();
  const answers: number[] = [];
  for (let number = 2; number <= 9; number++) {
    answers.push((await bind(id, `h${number}`)).status);
  }
  expect(answers).toEqual([201, 201, 201, 201, 201, 201, 201, 400]);
});

test('the extension is listed under the name that Nova looks for', async () => {
  const { body } = await admin.get('extensions/binding-extended');
  expect(body.extension.name).toBe('Port Bindings Extended');
});
