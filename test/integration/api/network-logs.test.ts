/**
 * Goal: logs of security groups, and what can be logged, are served as Neutron serves them: for
 * operators alone, of what is there, and gone with it.
 * Method: the HTTP application over a real Redis; an authenticator that believes a header.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/api/plugins/audit.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const audit: AuditRecord[] = [];
const ABSENT = '00000000-0000-4000-8000-000000000000';
const LOGS = 'log/logs';
const TYPE = { resource_type: 'security_group' };
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, {
    authenticator: believing,
    audit: { write: (record: AuditRecord) => void audit.push(record) },
  });
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const post = (attributes: object) => admin.post(LOGS, { log: { ...TYPE, ...attributes } });
const log = (attributes: object = {}) => admin.make('log', { ...TYPE, ...attributes }, LOGS);
const logs = async (query: string) => (await admin.get(`${LOGS}?${query}`)).body.logs;
const group = () => alice.make('security_group', {}, 'security-groups');

async function port(attributes: object = {}) {
  const { id: network_id } = await alice.make('network', {});
  return admin.make('port', { network_id, project_id: 'alice', ...attributes });
}

/** A group of Alice's and a port that is in it. */
async function pair() {
  const { id } = await group();
  return { resource_id: id, target_id: (await port({ security_groups: [id] })).id };
}

describe('a log', () => {
  test('is of everything that the project has when it says no more', async () => {
    const made = await log({ project_id: 'alice' });
    expect(made).toEqual({
      id: expect.any(String),
      project_id: 'alice',
      tenant_id: 'alice',
      name: '',
      description: '',
      enabled: true,
      resource_type: 'security_group',
      resource_id: null,
      target_id: null,
      event: 'ALL',
      revision_number: 1,
      created_at: expect.any(String),
      updated_at: made.created_at,
    });
    expect((await admin.get(`${LOGS}/${made.id}`)).body.log).toEqual(made);
  });

  test('is made of a group and a port, changed, and deleted', async () => {
    const ends = await pair();
    const made = await log({ ...ends, event: 'DROP', enabled: 'false', name: 'n' });
    expect(made).toMatchObject({ ...ends, event: 'DROP', enabled: false, name: 'n' });
    const change = { name: 'm', description: 'd', enabled: true };
    const path = `${LOGS}/${made.id}`;
    const changed = (await admin.put(path, { log: change })).body.log;
    expect(changed).toEqual({
      ...made,
      ...change,
      revision_number: 2,
      updated_at: expect.any(String),
    });
    expect((await admin.get(path)).body.log).toEqual(changed);
    expect((await admin.delete(path)).status).toBe(204);
    for (const answer of [
      await admin.get(path),
      await admin.put(path, { log: change }),
      await admin.delete(path),
    ]) {
      expect([answer.status, answer.error]).toEqual([404, 'LogResourceNotFound']);
    }
    const { body } = await admin.get(path);
    const message = `Log resource ${made.id} could not be found.`;
    expect(body.NeutronError.message).toBe(message);
    const records = audit.filter(({ resource_ids: ids }) => ids.includes(made.id));
    expect(records.map(({ action, resource, status }) => [action, resource, status])).toEqual([
      ['create', 'logs', 201],
      ['update', 'logs', 200],
      ['delete', 'logs', 204],
      ['update', 'logs', 404],
      ['delete', 'logs', 404],
    ]);
  });

  test.each([
    { event: 'DROP' },
    TYPE,
    { resource_id: ABSENT },
    { target_id: null },
    { project_id: 'bob' },
    { enabled: 'perhaps' },
    { enabled: null },
    { name: null },
    { description: 'd'.repeat(256) },
    { revision_number: 7 },
    { tags: [] },
  ])('is not changed by %j', async (change) => {
    const made = await log();
    const answer = await admin.put(`${LOGS}/${made.id}`, { log: change });
    expect(answer.status).toBe(400);
    expect((await admin.get(`${LOGS}/${made.id}`)).body.log).toEqual(made);
  });

  test('is changed as the client thinks that it is, or not at all', async () => {
    const { id } = await log();
    const rename = (name: string, revision: number) =>
      heddle.call(
        'PUT',
        `/v2.0/${LOGS}/${id}`,
        { log: { name } },
        { 'if-match': `revision_number=${revision}` },
      );
    expect((await rename('a', 1)).status).toBe(200);
    expect((await rename('b', 1)).error).toBe('RevisionNumberConstraintFailed');
    expect((await admin.get(`${LOGS}/${id}/tags`)).status).toBe(404);
  });

  test('is made with others, or none of them is', async () => {
    const ends = await pair();
    const made = await admin.post(LOGS, {
      logs: [
        { ...TYPE, ...ends, name: 'many' },
        { ...TYPE, name: 'many' },
      ],
    });
    expect(made.status).toBe(201);
    expect(await logs('name=many')).toHaveLength(2);
    const { revision } = heddle.topology;
    const refused = await admin.post(LOGS, {
      logs: [
        { ...TYPE, name: 'none' },
        { ...TYPE, target_id: ABSENT },
      ],
    });
    expect(refused.error).toBe('TargetResourceNotFound');
    expect(heddle.topology.revision).toBe(revision);
  });

  test('is found by each of its attributes, sorted, and in pages', async () => {
    const ends = await pair();
    const one = await log({ ...ends, name: 'one', project_id: 'seeker', event: 'ACCEPT' });
    const two = await log({ name: 'two', project_id: 'seeker', enabled: false });
    const found = async (query: string) =>
      (await logs(`project_id=seeker&${query}`)).map(({ id }: { id: string }) => id);
    expect(await found('sort_key=name&sort_dir=desc')).toEqual([two.id, one.id]);
    expect(await found(`resource_id=${ends.resource_id}`)).toEqual([one.id]);
    expect(await found(`target_id=${ends.target_id}`)).toEqual([one.id]);
    expect(await found('event=ACCEPT')).toEqual([one.id]);
    expect(await found('enabled=false')).toEqual([two.id]);
    expect(await found('resource_type=firewall_group')).toEqual([]);
    expect(await found('fields=id&sort_key=name&limit=1')).toEqual([one.id]);
    const page = `sort_key=name&limit=1&marker=${one.id}`;
    expect(await found(page)).toEqual([two.id]);
    expect((await admin.get(`${LOGS}?colour=red`)).status).toBe(400);
    expect((await admin.get(`${LOGS}?tags=red`)).status).toBe(400);
  });
});

describe('refused is a log', () => {
  test.each<[object, number, string]>([
    [{ resource_type: undefined }, 400, 'HTTPBadRequest'],
    [{ resource_type: 5 }, 400, 'HTTPBadRequest'],
    [{ resource_type: null }, 400, 'HTTPBadRequest'],
    [{ resource_type: 'x'.repeat(256) }, 400, 'HTTPBadRequest'],
    [{ resource_type: 'firewall_group' }, 400, 'InvalidLogResourceType'],
    [{ resource_type: '' }, 400, 'InvalidLogResourceType'],
    [{ event: 'drop' }, 400, 'HTTPBadRequest'],
    [{ event: null }, 400, 'HTTPBadRequest'],
    [{ enabled: 'perhaps' }, 400, 'InvalidInput'],
    [{ name: 'n'.repeat(256) }, 400, 'HTTPBadRequest'],
    [{ resource_id: 'x' }, 400, 'HTTPBadRequest'],
    [{ target_id: '' }, 400, 'HTTPBadRequest'],
    [{ tags: ['a'] }, 400, 'HTTPBadRequest'],
    [{ resource_id: ABSENT }, 404, 'ResourceNotFound'],
    [{ target_id: ABSENT }, 404, 'TargetResourceNotFound'],
    [{ resource_id: ABSENT, target_id: ABSENT }, 404, 'ResourceNotFound'],
  ])('with %j', async (attributes, status, error) => {
    const { revision } = heddle.topology;
    expect(await post(attributes)).toMatchObject({ status, error });
    expect(heddle.topology.revision).toBe(revision);
  });

  test('of a group at a port that is not in it', async () => {
    const { id: resource_id } = await group();
    const { id: target_id } = await port();
    const { status, error, body } = await post({ resource_id, target_id });
    expect([status, error]).toEqual([400, 'InvalidResourceConstraint']);
    expect(body.NeutronError.message).toBe(
      `Invalid resource constraint between resource (security_group ${resource_id}) ` +
        `and target resource (port ${target_id}).`,
    );
    // Either alone is there, and is no id of the other's kind.
    expect((await post({ resource_id: target_id })).error).toBe('ResourceNotFound');
    expect((await post({ target_id: resource_id })).error).toBe('TargetResourceNotFound');
  });

  test('at a port that no switch of ours serves', async () => {
    const { id: target_id } = await port({ 'binding:vnic_type': 'direct' });
    const { status, error, body } = await post({ target_id });
    expect([status, error]).toEqual([409, 'LoggingTypeNotSupported']);
    const message = `Logging type security_group is not supported on port ${target_id}.`;
    expect(body.NeutronError.message).toBe(message);
  });
});

describe('a log goes', () => {
  test('with its port, whoever deletes that', async () => {
    const ends = await pair();
    const gone = [await log({ target_id: ends.target_id }), await log({ ...ends, enabled: false })];
    const stays = [await log({ resource_id: ends.resource_id }), await log()];
    expect((await alice.delete(`ports/${ends.target_id}`)).status).toBe(204);
    for (const { id } of gone) expect((await admin.get(`${LOGS}/${id}`)).status).toBe(404);
    for (const { id } of stays) expect((await admin.get(`${LOGS}/${id}`)).status).toBe(200);
  });

  test('with its group, which it does not keep', async () => {
    const { id } = await group();
    const made = await log({ resource_id: id });
    const other = await log();
    expect((await alice.delete(`security-groups/${id}`)).status).toBe(204);
    expect((await admin.get(`${LOGS}/${made.id}`)).error).toBe('LogResourceNotFound');
    expect((await admin.get(`${LOGS}/${other.id}`)).status).toBe(200);
  });

  test('with the ports that go with a network', async () => {
    const { id: network_id } = await alice.make('network', {});
    const service = { network_id, device_owner: 'network:dhcp' };
    const { id: target_id } = await admin.make('port', service);
    const made = await log({ target_id });
    expect((await admin.delete(`networks/${network_id}`)).status).toBe(204);
    expect((await admin.get(`${LOGS}/${made.id}`)).status).toBe(404);
  });

  test('not with a group that is in use, nor when its port leaves the group', async () => {
    const ends = await pair();
    const { id } = await log(ends);
    const path = `security-groups/${ends.resource_id}`;
    expect((await alice.delete(path)).error).toBe('SecurityGroupInUse');
    await alice.put(`ports/${ends.target_id}`, { port: { security_groups: [] } });
    expect((await admin.get(`${LOGS}/${id}`)).body.log).toMatchObject(ends);
    expect((await alice.delete(path)).status).toBe(204);
    expect((await admin.get(`${LOGS}/${id}`)).status).toBe(404);
  });
});

describe('operators alone', () => {
  test('see and write logs, even those of a project', async () => {
    const { id } = await log({ project_id: 'alice' });
    const path = `${LOGS}/${id}`;
    expect((await alice.post(LOGS, { log: TYPE })).error).toBe('PolicyNotAuthorized');
    expect((await alice.get(LOGS)).body.logs).toEqual([]);
    expect((await alice.get(path)).error).toBe('LogResourceNotFound');
    expect((await alice.put(path, { log: { enabled: false } })).status).toBe(404);
    expect((await alice.delete(path)).status).toBe(404);
    expect((await admin.get(path)).body.log.enabled).toBe(true);
  });

  test('see what can be logged', async () => {
    const path = 'log/loggable-resources';
    const body = { loggable_resources: [{ type: 'security_group' }] };
    expect((await admin.get(path)).body).toEqual(body);
    expect((await alice.get(path)).body).toEqual({ loggable_resources: [] });
    expect((await admin.post(path, { loggable_resource: { type: 'x' } })).status).toBe(405);
    expect((await admin.get(`${path}?type=security_group`)).status).toBe(400);
  });

  test('and everybody sees that the extension is there', async () => {
    const { extension } = (await alice.get('extensions/logging')).body;
    expect(extension).toMatchObject({ name: 'Logging API Extension' });
    expect(extension.description).toContain('can be logged');
  });
});
