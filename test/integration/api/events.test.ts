/**
 * Goal: `/v1/events` tells every commit to whoever watches, resumes where a client was, and says
 * so when it cannot.
 * Method: two controllers on one real Redis, a real HTTP connection, events read line by line.
 */
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let one: Controller;
let two: Controller;
let base: string;
const clients: Client[] = [];

beforeAll(async () => {
  redis = await startRedis();
  one = await startController(redis.address);
  two = await startController(redis.address);
  base = await one.app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.answer.destroy();
});

afterAll(async () => {
  await one.stop();
  await two.stop();
  await redis.stop();
});

interface Event {
  readonly revision: number;
  readonly changes: readonly Readonly<Record<string, unknown>>[];
}

interface Client {
  readonly answer: IncomingMessage;
  /** The next event; undefined at the end. */
  readonly next: () => Promise<Event | undefined>;
}

async function watch(query: string, headers = {}, at = base): Promise<Client> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${at}/v1/events${query}`, { headers }, resolve).on('error', reject);
  });
  const lines = createInterface(answer)[Symbol.asyncIterator]();
  const next = async (): Promise<Event | undefined> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) return undefined;
      if (String(value).startsWith('data: ')) return JSON.parse(String(value).slice(6)) as Event;
    }
  };
  const client = { answer, next };
  clients.push(client);
  return client;
}

test('a watcher sees what any controller commits, as the API shows it', async () => {
  const client = await watch('');
  expect(client.answer.headers['content-type']).toMatch('text/event-stream');
  const project = { 'x-project-id': 'watched' };
  const { body } = await two.call('POST', '/v2.0/networks', { network: {} }, project);
  const { network } = body;
  const path = '/v2.0/security-groups?project_id=watched';
  const groups = await two.call('GET', path, undefined, project);
  const first = await client.next();
  expect(first?.changes).toContainEqual({ type: 'put', kind: 'network', network });
  expect(first?.changes).toContainEqual({
    type: 'put',
    kind: 'security_group',
    security_group: groups.body.security_groups[0],
  });
  await two.call('DELETE', `/v2.0/networks/${network.id}`);
  expect(await client.next()).toMatchObject({
    changes: [{ type: 'delete', kind: 'network', id: network.id }],
  });
});

test('what is within another resource is seen like any other', async () => {
  const { id } = await one.make('router');
  const client = await watch('');
  const conntrack_helper = { protocol: 'udp', port: 69, helper: 'tftp' };
  await two.call('POST', `/v2.0/routers/${id}/conntrack_helpers`, { conntrack_helper });
  expect((await client.next())?.changes).toContainEqual(
    expect.objectContaining({
      type: 'put',
      kind: 'conntrack_helper',
      conntrack_helper: expect.objectContaining(conntrack_helper),
    }),
  );
});

test('a rule of a QoS policy is told by its kind, together with its policy', async () => {
  const client = await watch('');
  const made = await two.call('POST', '/v2.0/qos/policies', { policy: { name: 'gold' } });
  expect(await client.next()).toMatchObject({
    changes: [{ type: 'put', kind: 'qos_policy', qos_policy: { name: 'gold', rules: [] } }],
  });
  const { id } = made.body.policy;
  const rules = `/v2.0/qos/policies/${id}/dscp_marking_rules`;
  const rule = await two.call('POST', rules, { dscp_marking_rule: { dscp_mark: 8 } });
  const ruleId = rule.body.dscp_marking_rule.id;
  const news = await client.next();
  expect(news?.changes).toHaveLength(2);
  expect(news?.changes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'put', kind: 'qos_policy' }),
      expect.objectContaining({
        kind: 'qos_rule',
        qos_rule: expect.objectContaining({ id: ruleId, dscp_mark: 8, qos_policy_id: id }),
      }),
    ]),
  );
  await two.call('DELETE', `${rules}/${ruleId}`);
  expect((await client.next())?.changes).toContainEqual({
    type: 'delete',
    kind: 'qos_rule',
    id: ruleId,
  });
});

test('a client resumes after the last event that it has seen', async () => {
  const { network } = await makeSegment(one);
  const { revision } = await one.call('GET', '/v2.0/ports');
  const ports = [];
  for (let i = 0; i < 3; i += 1) ports.push(await one.make('port', { network_id: network.id }));
  const client = await watch(`?since=${revision}`);
  const first = await client.next();
  expect(first).toMatchObject({ revision: revision + 1, changes: [{ port: ports[0] }] });
  const resumed = await watch('', { 'last-event-id': String(first?.revision) });
  expect(await resumed.next()).toMatchObject({ changes: [{ port: ports[1] }] });
  expect(await resumed.next()).toMatchObject({ changes: [{ port: ports[2] }] });
});

test('a project is told of what it may see, and not even the ids of anything else', async () => {
  const guarded = await startController(redis.address, {
    authenticator: {
      authenticate: ({ 'x-user': user }) => {
        const name = String(user);
        return { userId: name, projectId: name, isAdmin: false };
      },
    },
  });
  const address = await guarded.app.listen({ host: '127.0.0.1', port: 0 });
  const as = (user: string) => ({ 'x-user': user });
  const post = (user: string, name: string) =>
    guarded.call('POST', '/v2.0/networks', { network: { name } }, as(user));
  // Its first network brings a project its default security group.
  await post('alice', 'first');
  const client = await watch('', as('alice'), address);
  const hidden = (await post('bob', 'his')).body.network;
  await guarded.call('DELETE', `/v2.0/networks/${hidden.id}`, undefined, as('bob'));
  const own = (await post('alice', 'hers')).body.network;
  await guarded.call('DELETE', `/v2.0/networks/${own.id}`, undefined, as('alice'));
  expect(await client.next()).toMatchObject({
    changes: [{ type: 'put', network: { id: own.id } }],
  });
  expect(await client.next()).toMatchObject({ changes: [{ type: 'delete', id: own.id }] });
  await guarded.stop();
});

test('a revision that is not kept, or not there yet, is refused', async () => {
  // A controller keeps what came after its start.
  const late = await startController(redis.address);
  expect(await late.call('GET', '/v1/events?since=0')).toMatchObject({
    status: 410,
    error: 'RevisionGone',
  });
  expect(await late.call('GET', '/v1/events?since=1000000')).toMatchObject({
    status: 410,
    error: 'RevisionGone',
  });
  expect((await late.call('GET', '/v1/events?since=x')).status).toBe(400);
  await late.stop();
});

test('the end of the controller ends the streams', async () => {
  const other = await startController(redis.address);
  const address = await other.app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await new Promise<IncomingMessage>((resolve) => {
    get(`${address}/v1/events`, resolve);
  });
  const ended = new Promise((resolve) => answer.resume().once('end', resolve));
  await other.stop();
  await ended;
});
