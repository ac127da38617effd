/**
 * Goal: projects see and change what is theirs, and of others what was opened to them; operators
 * see and change everything; quotas hold.
 * Method: an authenticator that believes a header, so that a test can be anybody; real Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUOTA_DEFAULTS } from '../../../src/controller/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing } from './people.ts';
import { type Controller, startController } from './world.ts';

type Who = 'admin' | 'alice' | 'bob';

let redis: RedisServer;
let heddle: Controller;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, {
    authenticator: believing,
    quotaDefaults: { ...QUOTA_DEFAULTS, rbac_policy: 3 },
  });
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const as = (who: Who) => ({
  get: (path: string) => heddle.call('GET', `/v2.0/${path}`, undefined, { 'x-user': who }),
  post: (path: string, body: object) =>
    heddle.call('POST', `/v2.0/${path}`, body, { 'x-user': who }),
  put: (path: string, body: object, headers = {}) =>
    heddle.call('PUT', `/v2.0/${path}`, body, { 'x-user': who, ...headers }),
  delete: (path: string, headers = {}) =>
    heddle.call('DELETE', `/v2.0/${path}`, undefined, { 'x-user': who, ...headers }),
});

async function network(who: Who, attributes: object = {}) {
  const answer = await as(who).post('networks', { network: attributes });
  expect(answer.status).toBe(201);
  return answer.body.network;
}

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

describe('what is another project’s', () => {
  test('is not there: not listed, not shown, not changed, not deleted', async () => {
    const { id } = await network('alice');
    expect(ids((await as('bob').get('networks')).body.networks)).not.toContain(id);
    expect((await as('bob').get(`networks/${id}`)).error).toBe('NetworkNotFound');
    expect((await as('bob').put(`networks/${id}`, { network: { name: 'x' } })).status).toBe(404);
    expect((await as('bob').delete(`networks/${id}`)).status).toBe(404);
    expect((await as('admin').get(`networks/${id}`)).status).toBe(200);
  });

  test('cannot be made in its name', async () => {
    const body = { network: { project_id: 'alice' } };
    expect(await as('bob').post('networks', body)).toMatchObject({
      status: 403,
      error: 'PolicyNotAuthorized',
    });
    expect((await as('admin').post('networks', body)).body.network.project_id).toBe('alice');
  });

  test('takes no subnet of others', async () => {
    const { id } = await network('alice');
    const subnet = { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' };
    expect((await as('bob').post('subnets', { subnet })).status).toBe(403);
  });
});

describe('what only operators may say', () => {
  test.each([
    { shared: true },
    { 'router:external': true },
    { 'provider:network_type': 'vxlan' },
    { 'provider:segmentation_id': 77 },
  ])('is refused in %j', async (attributes) => {
    const answer = await as('alice').post('networks', { network: attributes });
    expect([answer.status, answer.error]).toEqual([403, 'PolicyNotAuthorized']);
    expect(answer.body.NeutronError.message).toContain(
      `create_network:${Object.keys(attributes)[0]}`,
    );
  });

  test('is hidden from others', async () => {
    const own = await network('alice');
    expect(own).not.toHaveProperty('provider:segmentation_id');
    const listed = (await as('alice').get(`networks?id=${own.id}`)).body.networks[0];
    expect(listed).not.toHaveProperty('provider:network_type');
    const seen = (await as('admin').get(`networks/${own.id}`)).body.network;
    expect(seen).toHaveProperty('provider:segmentation_id');
  });
});

describe('an RBAC policy', () => {
  const share = (object_id: string, target_tenant: string) => ({
    rbac_policy: { object_type: 'network', object_id, action: 'access_as_shared', target_tenant },
  });

  test('opens a network to one project, to use but not to change', async () => {
    const { id } = await network('alice');
    const made = await as('alice').post('rbac-policies', share(id, 'bob'));
    expect(made.status).toBe(201);
    expect((await as('bob').get(`networks/${id}`)).body.network.shared).toBe(true);
    expect((await as('alice').get(`networks/${id}`)).body.network.shared).toBe(false);
    expect((await as('bob').put(`networks/${id}`, { network: { name: 'x' } })).status).toBe(403);
    const port = await as('bob').post('ports', { port: { network_id: id } });
    expect(port.status).toBe(201);
    // Its owner sees the port, and may take it away.
    expect((await as('alice').get(`ports/${port.body.port.id}`)).status).toBe(200);
    expect((await as('alice').delete(`rbac-policies/${made.body.rbac_policy.id}`)).error).toBe(
      'RbacPolicyInUse',
    );
    expect((await as('alice').delete(`ports/${port.body.port.id}`)).status).toBe(204);
    expect((await as('alice').delete(`rbac-policies/${made.body.rbac_policy.id}`)).status).toBe(
      204,
    );
    expect((await as('bob').get(`networks/${id}`)).status).toBe(404);
  });

  test('is its owner’s affair, for everybody an operator’s, and there once', async () => {
    const { id } = await network('alice');
    expect((await as('bob').post('rbac-policies', share(id, 'bob'))).status).toBe(404);
    expect((await as('alice').post('rbac-policies', share(id, '*'))).status).toBe(403);
    expect((await as('admin').post('rbac-policies', share(id, '*'))).status).toBe(201);
    expect((await as('admin').post('rbac-policies', share(id, '*'))).error).toBe(
      'DuplicateRbacPolicy',
    );
    expect((await as('admin').put(`networks/${id}`, { network: { shared: false } })).status).toBe(
      200,
    );
    expect((await as('bob').get(`networks/${id}`)).status).toBe(404);
  });

  test('goes with its network', async () => {
    const { id } = await network('admin', { shared: true, 'router:external': true });
    const policies = () => as('admin').get(`rbac-policies?object_id=${id}`);
    expect((await policies()).body.rbac_policies).toHaveLength(2);
    expect((await as('bob').get(`networks/${id}`)).body.network).toMatchObject({
      shared: true,
      'router:external': true,
    });
    expect((await as('admin').delete(`networks/${id}`)).status).toBe(204);
    expect((await policies()).body.rbac_policies).toEqual([]);
  });
});

describe('a quota', () => {
  test('is counted, raised by operators, and reset', async () => {
    const quota = 'quotas/bob';
    expect((await as('bob').get(quota)).body.quota.rbac_policy).toBe(3);
    expect((await as('bob').put(quota, { quota: { network: 1 } })).status).toBe(403);
    expect((await as('alice').get(quota)).status).toBe(403);
    await as('admin').put(quota, { quota: { network: 1 } });
    await network('bob');
    const over = await as('bob').post('networks', { network: {} });
    expect([over.status, over.error]).toEqual([409, 'OverQuota']);
    const bulk = await as('alice').post('networks', { networks: Array(101).fill({}) });
    expect(bulk.error).toBe('OverQuota');
    const details = (await as('bob').get(`${quota}/details.json`)).body.quota;
    expect(details.network).toEqual({ limit: 1, used: 1, reserved: 0 });
    expect((await as('admin').get('quotas')).body.quotas).toMatchObject([
      { project_id: 'bob', network: 1 },
    ]);
    expect((await as('admin').delete(quota)).status).toBe(204);
    expect((await as('admin').delete(quota)).error).toBe('TenantQuotaNotFound');
    await network('bob');
  });

  test.each([{ network: -2 }, { network: 'x' }, { network: 1.5 }, { nonsense: 1 }])(
    'like %j is refused',
    async (quota) => {
      expect((await as('admin').put('quotas/alice', { quota })).status).toBe(400);
    },
  );
});

describe('a tag', () => {
  test('is put, listed by, and taken away', async () => {
    const { id } = await network('alice');
    const tags = `networks/${id}/tags`;
    expect((await as('alice').put(tags, { tags: ['red', 'blue', 'red'] })).body.tags).toEqual([
      'red',
      'blue',
    ]);
    const listed = async (query: string) =>
      ids((await as('alice').get(`networks?${query}`)).body.networks).includes(id);
    expect(await listed('tags=red,blue')).toBe(true);
    expect(await listed('tags=red,green')).toBe(false);
    expect(await listed('tags-any=red,green')).toBe(true);
    expect(await listed('not-tags=red,green')).toBe(true);
    expect(await listed('not-tags-any=red,green')).toBe(false);
    expect((await as('alice').put(`${tags}/green`, {})).status).toBe(201);
    expect((await as('alice').get(`${tags}/green`)).status).toBe(204);
    expect((await as('alice').delete(`${tags}/red`)).status).toBe(204);
    expect((await as('alice').get(`${tags}/red`)).error).toBe('TagNotFound');
    expect((await as('alice').get(tags)).body.tags).toEqual(['blue', 'green']);
    expect((await as('alice').delete(tags)).status).toBe(204);
    expect((await as('bob').get(tags)).status).toBe(404);
    expect((await as('alice').put(tags, { tags: [1] })).status).toBe(400);
    expect((await as('alice').put(tags, { tags: 'red' })).status).toBe(400);
  });
});

describe('If-Match', () => {
  test('makes a write conditional', async () => {
    const { id, revision_number } = await network('alice');
    const at = (revision: number) => ({ 'if-match': `revision_number=${revision}` });
    const change = { network: { description: 'new' } };
    expect((await as('alice').put(`networks/${id}`, change, at(revision_number))).status).toBe(200);
    expect(await as('alice').put(`networks/${id}`, change, at(revision_number))).toMatchObject({
      status: 412,
      error: 'RevisionNumberConstraintFailed',
    });
    expect((await as('alice').delete(`networks/${id}`, at(1))).status).toBe(412);
    expect((await as('alice').put(`networks/${id}`, change, { 'if-match': 'x' })).status).toBe(400);
    expect((await as('alice').delete(`networks/${id}`, at(2))).status).toBe(204);
  });
});

describe('a list', () => {
  test('of ports has one’s own in any network, and whosever are in one’s own', async () => {
    const [hers, his] = [await network('alice'), await network('bob')];
    const put = async (network_id: string, project_id: string) =>
      (await as('admin').post('ports', { port: { network_id, project_id } })).body.port.id;
    const [inHers, inHis] = [await put(hers.id, 'bob'), await put(his.id, 'alice')];
    const ofThird = await put(his.id, 'admin');
    const seen = async (who: Who) =>
      ids((await as(who).get('ports')).body.ports).filter((id) =>
        [inHers, inHis, ofThird].includes(id),
      );
    expect(new Set(await seen('alice'))).toEqual(new Set([inHers, inHis]));
    expect(new Set(await seen('bob'))).toEqual(new Set([inHers, inHis, ofThird]));
  });
});
