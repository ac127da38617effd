/**
 * Goal: subnets get prefixes of subnet pools as in Neutron: by length, by CIDR, by default, within
 * bounds, quotas and address scopes; what is in use stays; no prefix is given twice.
 * Method: real Redis, two controllers for the races; the refusals of a table, with status and type.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overlap, parseCidr, rangesOf } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let other: Controller;
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');
const bob = callsOf(() => heddle, 'bob');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  other = await startController(redis.address, { authenticator: believing });
});

afterAll(async () => {
  await heddle.stop();
  await other.stop();
  await redis.stop();
});

type Calls = typeof admin;

const pool = (who: Calls, attributes: object = {}) =>
  who.make('subnetpool', { name: 'pool', prefixes: ['10.10.0.0/16'], ...attributes });

const scope = (who: Calls, attributes: object = {}) =>
  who.make('address_scope', { name: 'scope', ip_version: 4, ...attributes }, 'address-scopes');

/** A subnet in a network of its own, or in a given one. */
async function subnetOf(who: Calls, attributes: object): Promise<Answer> {
  const { id } = await who.make('network', {});
  return who.post('subnets', { subnet: { network_id: id, ip_version: 4, ...attributes } });
}

const refusalOf = ({ status, error }: Answer) => [status, error];

describe('a subnet pool', () => {
  test('is created with defaults, shown, listed, changed and deleted', async () => {
    const made = await pool(alice, { prefixes: ['10.2.0.0/16', '10.0.0.0/16', '10.1.0.0/16'] });
    expect(made).toMatchObject({
      ip_version: 4,
      prefixes: ['10.0.0.0/15', '10.2.0.0/16'],
      min_prefixlen: '8',
      default_prefixlen: '8',
      max_prefixlen: '32',
      default_quota: null,
      address_scope_id: null,
      is_default: false,
      shared: false,
      project_id: 'alice',
      tenant_id: 'alice',
      description: '',
      tags: [],
      revision_number: 1,
    });
    expect(await pool(alice, { prefixes: ['2001:DB8::1/48'] })).toMatchObject({
      ip_version: 6,
      prefixes: ['2001:db8::/48'],
      min_prefixlen: '64',
      max_prefixlen: '128',
    });
    const path = `subnetpools/${made.id}`;
    const change = { name: 'new', default_prefixlen: '26', default_quota: 512 };
    expect((await alice.put(path, { subnetpool: change })).body.subnetpool).toMatchObject({
      ...change,
      revision_number: 2,
    });
    expect((await alice.get('subnetpools?name=new')).body.subnetpools).toHaveLength(1);
    expect((await alice.put(`${path}/tags`, { tags: ['red'] })).status).toBe(200);
    expect((await bob.get(path)).error).toBe('SubnetPoolNotFound');
    expect((await bob.delete(path)).status).toBe(404);
    expect((await alice.delete(path)).status).toBe(204);
    expect((await alice.get(path)).status).toBe(404);
  });

  const v4 = { prefixes: ['10.0.0.0/8'] };
  test.each([
    [{ prefixes: [] }, 'EmptySubnetPoolPrefixList'],
    [{ prefixes: ['10.0.0.0/8', '2001:db8::/32'] }, 'PrefixVersionMismatch'],
    [{ prefixes: ['10.0.0.0/33'] }, 'HTTPBadRequest'],
    [{ prefixes: '10.0.0.0/8' }, 'HTTPBadRequest'],
    [{ prefixes: ['10.0.0.0/8', '10.0.0.0/8'] }, 'HTTPBadRequest'],
    [{ prefixes: [null] }, 'HTTPBadRequest'],
    [{ ...v4, name: ' ' }, 'HTTPBadRequest'],
    [{ ...v4, min_prefixlen: 24, max_prefixlen: 16 }, 'IllegalSubnetPoolPrefixBounds'],
    [{ ...v4, max_prefixlen: 33 }, 'IllegalSubnetPoolPrefixBounds'],
    [{ ...v4, min_prefixlen: 24, default_prefixlen: 16 }, 'IllegalSubnetPoolPrefixBounds'],
    [{ ...v4, max_prefixlen: 24, default_prefixlen: 28 }, 'IllegalSubnetPoolPrefixBounds'],
    [{ ...v4, min_prefixlen: -1 }, 'HTTPBadRequest'],
    [{ ...v4, min_prefixlen: 'x' }, 'InvalidInput'],
    [{ ...v4, default_quota: -1 }, 'HTTPBadRequest'],
    [{ ...v4, ip_version: 4 }, 'HTTPBadRequest'],
    [{ ...v4, address_scope_id: 'x' }, 'HTTPBadRequest'],
  ])('of %j is refused', async (attributes, type) => {
    const answer = await alice.post('subnetpools', { subnetpool: { name: 'x', ...attributes } });
    expect(refusalOf(answer)).toEqual([400, type]);
  });

  test('needs a name and prefixes', async () => {
    expect((await alice.post('subnetpools', { subnetpool: { name: 'x' } })).status).toBe(400);
    expect((await alice.post('subnetpools', { subnetpool: v4 })).status).toBe(400);
  });

  test('keeps its prefixes and bounds in order when it is changed', async () => {
    const { id } = await pool(alice, { min_prefixlen: 20, default_prefixlen: 24 });
    const put = (subnetpool: object) => alice.put(`subnetpools/${id}`, { subnetpool });
    const more = { prefixes: ['10.10.0.0/16', '10.11.0.0/16'] };
    expect((await put(more)).body.subnetpool.prefixes).toEqual(['10.10.0.0/15']);
    expect((await put({ prefixes: ['10.10.0.0/16'] })).error).toBe('IllegalSubnetPoolPrefixUpdate');
    expect((await put({ prefixes: ['fe80::/48'] })).status).toBe(400);
    expect((await put({ min_prefixlen: 25 })).error).toBe('IllegalSubnetPoolPrefixBounds');
    expect((await put({ max_prefixlen: 23 })).error).toBe('IllegalSubnetPoolPrefixBounds');
    expect((await put({ shared: true })).status).toBe(400);
  });

  test('that is the default is one of each version, and an operator’s to make', async () => {
    const v6 = { prefixes: ['2001:db8:d::/48'] };
    expect((await alice.post('subnetpools', { subnetpool: { is_default: true } })).status).toBe(
      400,
    );
    const body = { subnetpool: { name: 'x', ...v4, is_default: true } };
    expect((await alice.post('subnetpools', body)).error).toBe('PolicyNotAuthorized');
    const first = await pool(admin, { is_default: true });
    const sixth = await pool(admin, { ...v6, is_default: true });
    const again = await admin.post('subnetpools', body);
    expect(refusalOf(again)).toEqual([400, 'InvalidInput']);
    expect(again.body.NeutronError.message).toContain('Only one default may exist per IP family');
    const second = await pool(admin);
    const turn = { subnetpool: { is_default: true } };
    expect((await admin.put(`subnetpools/${second.id}`, turn)).status).toBe(400);
    await admin.put(`subnetpools/${first.id}`, { subnetpool: { is_default: false } });
    expect((await admin.put(`subnetpools/${second.id}`, turn)).status).toBe(200);
    for (const { id } of [first, second, sixth]) await admin.delete(`subnetpools/${id}`);
  });

  test('counts on the quota', async () => {
    await admin.put('quotas/bob', { quota: { subnetpool: 1 } });
    await pool(bob);
    const answer = await bob.post('subnetpools', { subnetpool: { name: 'x', ...v4 } });
    expect(refusalOf(answer)).toEqual([409, 'OverQuota']);
    await admin.delete('quotas/bob');
  });
});

describe('a subnet of a pool', () => {
  test('gets the default length, or the one that it asks for, from where it fits best', async () => {
    const { id } = await pool(alice, { default_prefixlen: 26 });
    const take = async (more: object = {}) =>
      (await subnetOf(alice, { subnetpool_id: id, ...more })).body.subnet;
    expect(await take()).toMatchObject({
      cidr: '10.10.0.0/26',
      gateway_ip: '10.10.0.1',
      subnetpool_id: id,
      allocation_pools: [{ start: '10.10.0.2', end: '10.10.0.62' }],
    });
    // A /26 is the smallest block that is free, a /25 the next.
    expect((await take({ prefixlen: 24 })).cidr).toBe('10.10.1.0/24');
    expect((await take({ prefixlen: 27 })).cidr).toBe('10.10.0.64/27');
    expect((await take()).cidr).toBe('10.10.0.128/26');
  });

  test('of IPv6 has the second address for a gateway', async () => {
    const { id } = await pool(alice, { prefixes: ['2001:db8:1::/48'] });
    const { subnet } = (await subnetOf(alice, { ip_version: 6, subnetpool_id: id })).body;
    expect(subnet).toMatchObject({ cidr: '2001:db8:1::/64', gateway_ip: '2001:db8:1::1' });
  });

  test('gets the CIDR, the gateway and the pools that it names', async () => {
    const { id } = await pool(alice, { default_prefixlen: 24 });
    const named = { cidr: '10.10.7.0/25', gateway_ip: '10.10.7.9' };
    const allocation_pools = [{ start: '10.10.7.20', end: '10.10.7.30' }];
    const answer = await subnetOf(alice, { subnetpool_id: id, ...named, allocation_pools });
    expect(answer.body.subnet).toMatchObject({ ...named, allocation_pools, subnetpool_id: id });
    const by = await subnetOf(alice, { subnetpool_id: id, gateway_ip: '10.10.9.77' });
    expect(by.body.subnet).toMatchObject({ cidr: '10.10.9.0/24', gateway_ip: '10.10.9.77' });
    const none = await subnetOf(alice, { subnetpool_id: id, gateway_ip: null });
    expect(none.body.subnet.gateway_ip).toBeNull();
  });

  test('that asks for the default gets the default pool of its version', async () => {
    const use = { use_default_subnetpool: true };
    const missing = await subnetOf(alice, use);
    expect(missing.body.NeutronError).toMatchObject({
      type: 'BadRequest',
      message: 'Bad subnets request: No default subnetpool found for IPv4.',
    });
    const v4 = await pool(admin, { is_default: true, shared: true, default_prefixlen: 24 });
    const { subnet } = (await subnetOf(alice, use)).body;
    expect(subnet.subnetpool_id).toBe(v4.id);
    expect(subnet).not.toHaveProperty('use_default_subnetpool');
    expect((await admin.delete(`subnetpools/${v4.id}`)).error).toBe('SubnetPoolDeleteError');
    await alice.delete(`networks/${subnet.network_id}`);
    expect((await admin.delete(`subnetpools/${v4.id}`)).status).toBe(204);
  });

  test.each([
    [{}, 400, 'BadRequest'],
    [{ cidr: null }, 400, 'BadRequest'],
    [{ cidr: '10.10.0.0/24', prefixlen: 24 }, 400, 'BadRequest'],
    [{ subnetpool_id: 'POOL', use_default_subnetpool: true }, 400, 'BadRequest'],
    [{ subnetpool_id: 'POOL', ip_version: 6 }, 400, 'BadRequest'],
    [
      { subnetpool_id: 'POOL', allocation_pools: [{ start: '10.10.0.2', end: '10.10.0.3' }] },
      400,
      'BadRequest',
    ],
    [{ subnetpool_id: 'POOL', prefixlen: 15 }, 400, 'MinPrefixSubnetAllocationError'],
    [{ subnetpool_id: 'POOL', prefixlen: 29 }, 400, 'MaxPrefixSubnetAllocationError'],
    [{ subnetpool_id: 'POOL', cidr: '10.10.0.0/29' }, 400, 'MaxPrefixSubnetAllocationError'],
    [{ subnetpool_id: 'POOL', cidr: '10.20.0.0/24' }, 409, 'SubnetAllocationError'],
    [{ subnetpool_id: 'POOL', cidr: '10.10.0.0/24', gateway_ip: '10.10.0.0' }, 400, 'InvalidInput'],
    [{ subnetpool_id: 'no uuid' }, 400, 'HTTPBadRequest'],
    [{ subnetpool_id: '00000000-0000-4000-8000-000000000000' }, 404, 'SubnetPoolNotFound'],
    [{ subnetpool_id: 'BOBS' }, 404, 'SubnetPoolNotFound'],
    [{ subnetpool_id: 'POOL', prefixlen: 'x' }, 400, 'InvalidInput'],
    [{ subnetpool_id: 'POOL', prefixlen: -1 }, 400, 'HTTPBadRequest'],
  ])('that asks for %j is refused', async (wish, status, type) => {
    const bounds = { min_prefixlen: 16, default_prefixlen: 24, max_prefixlen: 28 };
    const ids: Record<string, string> = {
      POOL: (await pool(alice, bounds)).id,
      BOBS: (await pool(bob, bounds)).id,
    };
    const { subnetpool_id: name, ...rest } = wish as { subnetpool_id?: string };
    const subnetpool_id = name === undefined ? {} : { subnetpool_id: ids[name] ?? name };
    expect(refusalOf(await subnetOf(alice, { ...rest, ...subnetpool_id }))).toEqual([status, type]);
  });

  test('is refused when the pool is used up, and when its CIDR is given out', async () => {
    const { id } = await pool(alice, { prefixes: ['10.30.0.0/24'], default_prefixlen: 25 });
    const take = (more: object = {}) => subnetOf(alice, { subnetpool_id: id, ...more });
    expect((await take()).status).toBe(201);
    expect(refusalOf(await take({ cidr: '10.30.0.64/26' }))).toEqual([
      409,
      'SubnetAllocationError',
    ]);
    expect((await take()).status).toBe(201);
    expect(refusalOf(await take())).toEqual([409, 'SubnetAllocationError']);
    expect(refusalOf(await take({ prefixlen: 28 }))).toEqual([409, 'SubnetAllocationError']);
  });

  test('counts on the pool’s quota, each project on its own', async () => {
    const shared = { shared: true, default_prefixlen: 24, default_quota: 512 };
    const { id } = await pool(admin, shared);
    const take = (who: Calls) => subnetOf(who, { subnetpool_id: id });
    expect([(await take(alice)).status, (await take(alice)).status]).toEqual([201, 201]);
    expect(refusalOf(await take(alice))).toEqual([409, 'SubnetPoolQuotaExceeded']);
    expect((await take(bob)).status).toBe(201);
    await admin.put(`subnetpools/${id}`, { subnetpool: { default_quota: 0 } });
    expect((await take(alice)).status).toBe(201);
  });

  test('shares its network with subnets of the same pool only', async () => {
    const [one, two] = [await pool(alice), await pool(alice, { prefixes: ['10.40.0.0/16'] })];
    const { id: network_id } = await alice.make('network', {});
    const take = (more: object) =>
      alice.post('subnets', { subnet: { network_id, ip_version: 4, prefixlen: 24, ...more } });
    expect((await take({ subnetpool_id: one.id })).status).toBe(201);
    expect((await take({ subnetpool_id: one.id })).status).toBe(201);
    const affinity = [400, 'NetworkSubnetPoolAffinityError'];
    expect(refusalOf(await take({ subnetpool_id: two.id }))).toEqual(affinity);
    const plain = { prefixlen: undefined, cidr: '192.0.2.0/24' };
    expect(refusalOf(await take(plain))).toEqual(affinity);
    const v6 = { ip_version: 6, prefixlen: undefined, cidr: '2001:db8::/64' };
    expect((await take(v6)).status).toBe(201);
  });
});

describe('prefixes', () => {
  test('are added, and taken away where no subnet is', async () => {
    const { id } = await pool(alice, { default_prefixlen: 24 });
    await subnetOf(alice, { subnetpool_id: id });
    const act = (action: string, prefixes: unknown) =>
      alice.put(`subnetpools/${id}/${action}`, { prefixes });
    const added = await act('add_prefixes', ['192.0.2.0/24', '10.11.0.0/16']);
    expect([added.status, added.body]).toEqual([
      200,
      { prefixes: ['10.10.0.0/15', '192.0.2.0/24'] },
    ]);
    expect((await act('remove_prefixes', ['192.0.2.0/25', '10.11.0.0/16'])).body).toEqual({
      prefixes: ['10.10.0.0/16', '192.0.2.128/25'],
    });
    expect((await act('remove_prefixes', ['198.51.100.0/24'])).body.prefixes).toHaveLength(2);
    expect(refusalOf(await act('remove_prefixes', ['10.10.0.0/25']))).toEqual([
      400,
      'IllegalSubnetPoolPrefixUpdate',
    ]);
    for (const wrong of [undefined, [], 'x', ['x'], [1], [{}]]) {
      expect((await act('add_prefixes', wrong)).status).toBe(400);
      expect((await act('remove_prefixes', wrong)).status).toBe(400);
    }
    expect((await act('add_prefixes', ['2001:db8::/32'])).error).toBe('PrefixVersionMismatch');
    expect((await bob.put(`subnetpools/${id}/add_prefixes`, { prefixes: [] })).status).toBe(404);
  });

  test('of a network’s subnets come with them into a pool', async () => {
    const { id } = await pool(alice, { prefixes: ['10.50.0.0/24'], default_prefixlen: 24 });
    const { id: network_id } = await alice.make('network', {});
    const at = { network_id, ip_version: 4 };
    const made = await alice.make('subnet', { ...at, cidr: '10.51.0.0/24' });
    const sixth = await alice.make('subnet', { ...at, ip_version: 6, cidr: '2001:db8::/64' });
    const onboard = (who: Calls, body: object) =>
      who.put(`subnetpools/${id}/onboard_network_subnets`, body);
    const answer = await onboard(alice, { network_id });
    expect([answer.status, answer.body]).toEqual([200, [{ id: made.id, cidr: '10.51.0.0/24' }]]);
    expect((await alice.get(`subnets/${made.id}`)).body.subnet.subnetpool_id).toBe(id);
    expect((await alice.get(`subnets/${sixth.id}`)).body.subnet.subnetpool_id).toBeNull();
    expect((await alice.get(`subnetpools/${id}`)).body.subnetpool.prefixes).toEqual([
      '10.50.0.0/24',
      '10.51.0.0/24',
    ]);
    expect(refusalOf(await onboard(alice, { network_id }))).toEqual([
      400,
      'IllegalSubnetPoolUpdate',
    ]);
    expect((await onboard(alice, {})).status).toBe(400);
    expect((await onboard(alice, { network_id: 'x' })).error).toBe('NetworkNotFound');
    const foreign = await admin.make('network', { shared: true });
    expect((await onboard(alice, { network_id: foreign.id })).error).toBe('NotAuthorized');
  });
});

describe('an address scope', () => {
  test('is created, changed, and deleted when no pool is in it', async () => {
    const made = await scope(alice);
    expect(made).toEqual({
      id: made.id,
      name: 'scope',
      ip_version: 4,
      shared: false,
      project_id: 'alice',
      tenant_id: 'alice',
    });
    const path = `address-scopes/${made.id}`;
    const renamed = await alice.put(path, { address_scope: { name: 'new' } });
    expect(renamed.body.address_scope.name).toBe('new');
    expect((await alice.put(path, { address_scope: { ip_version: 6 } })).status).toBe(400);
    expect((await bob.get(path)).error).toBe('AddressScopeNotFound');
    const { id } = await pool(alice, { address_scope_id: made.id });
    expect(refusalOf(await alice.delete(path))).toEqual([409, 'AddressScopeInUse']);
    await alice.delete(`subnetpools/${id}`);
    expect((await alice.delete(path)).status).toBe(204);
    for (const wrong of [{}, { ip_version: 5 }, { ip_version: 'x' }, { ip_version: 4, name: 1 }]) {
      expect((await alice.post('address-scopes', { address_scope: wrong })).status).toBe(400);
    }
  });

  test('is shared by operators, and never unshared', async () => {
    const body = { address_scope: { name: 'x', ip_version: 4, shared: true } };
    expect((await alice.post('address-scopes', body)).error).toBe('PolicyNotAuthorized');
    const { id } = await scope(admin);
    const path = `address-scopes/${id}`;
    expect((await admin.put(path, { address_scope: { shared: true } })).status).toBe(200);
    expect((await bob.get(path)).body.address_scope.shared).toBe(true);
    expect(refusalOf(await admin.put(path, { address_scope: { shared: false } }))).toEqual([
      400,
      'AddressScopeUpdateError',
    ]);
  });

  test('takes pools of its version that do not overlap, and shows at the networks', async () => {
    const { id: address_scope_id } = await scope(alice);
    const six = await scope(alice, { ip_version: 6 });
    const one = await pool(alice, { address_scope_id, default_prefixlen: 24 });
    const create = (more: object) =>
      alice.post('subnetpools', { subnetpool: { name: 'x', prefixes: ['10.10.8.0/24'], ...more } });
    expect(refusalOf(await create({ address_scope_id }))).toEqual([
      409,
      'AddressScopePrefixConflict',
    ]);
    expect((await create({ address_scope_id: six.id })).error).toBe(
      'IllegalSubnetPoolIpVersionAssociationToAddressScope',
    );
    const hidden = await scope(bob);
    expect((await create({ address_scope_id: hidden.id })).error).toBe('AddressScopeNotFound');
    const two = await pool(alice, { prefixes: ['10.20.0.0/16'], default_prefixlen: 24 });
    const change = (more: object) => alice.put(`subnetpools/${two.id}`, { subnetpool: more });
    expect((await change({ address_scope_id })).status).toBe(200);
    const conflict = { prefixes: ['10.20.0.0/16', '10.10.0.0/24'] };
    expect((await change(conflict)).error).toBe('AddressScopePrefixConflict');

    // Pools of one scope share a network; it shows the scope.
    const { id: network_id } = await alice.make('network', {});
    const take = (subnetpool_id: string) =>
      alice.post('subnets', { subnet: { network_id, ip_version: 4, subnetpool_id } });
    expect((await take(one.id)).status).toBe(201);
    expect((await take(two.id)).status).toBe(201);
    const alone = await pool(alice, { prefixes: ['10.30.0.0/16'], default_prefixlen: 24 });
    expect((await take(alone.id)).error).toBe('NetworkAddressScopeAffinityError');
    expect((await alice.get(`networks/${network_id}`)).body.network).toMatchObject({
      ipv4_address_scope: address_scope_id,
      ipv6_address_scope: null,
    });
    expect((await change({ address_scope_id: null })).error).toBe(
      'NetworkAddressScopeAffinityError',
    );
  });

  test('of somebody else keeps a pool from being changed by its owner', async () => {
    const { id } = await scope(admin, { shared: true });
    const own = await pool(bob, { address_scope_id: id, prefixes: ['10.99.0.0/24'] });
    const change = { subnetpool: { name: 'new' } };
    expect(refusalOf(await bob.put(`subnetpools/${own.id}`, change))).toEqual([
      400,
      'IllegalSubnetPoolUpdate',
    ]);
    expect((await admin.put(`subnetpools/${own.id}`, change)).status).toBe(200);
  });
});

describe('an RBAC policy', () => {
  const policy = (object_type: string, object_id: string, target_tenant: string) => ({
    rbac_policy: { object_type, object_id, action: 'access_as_shared', target_tenant },
  });

  test('opens a pool to a project, and stays while that uses it', async () => {
    const { id } = await pool(alice, { default_prefixlen: 24 });
    const made = await alice.post('rbac-policies', policy('subnetpool', id, 'bob'));
    expect(made.status).toBe(201);
    const path = `rbac-policies/${made.body.rbac_policy.id}`;
    expect((await bob.get(`subnetpools/${id}`)).body.subnetpool.shared).toBe(true);
    expect((await bob.put(`subnetpools/${id}`, { subnetpool: { name: 'x' } })).status).toBe(403);
    const { subnet } = (await subnetOf(bob, { subnetpool_id: id })).body;
    expect(refusalOf(await alice.delete(path))).toEqual([409, 'RbacPolicyInUse']);
    await bob.delete(`subnets/${subnet.id}`);
    expect((await alice.delete(path)).status).toBe(204);
    expect((await bob.get(`subnetpools/${id}`)).status).toBe(404);
    const external = { rbac_policy: { ...policy('subnetpool', id, 'bob').rbac_policy } };
    external.rbac_policy.action = 'access_as_external';
    expect((await alice.post('rbac-policies', external)).status).toBe(400);
  });

  test('opens a scope likewise, and a pool only after its scope', async () => {
    const { id } = await scope(alice);
    const { id: poolId } = await pool(alice, { address_scope_id: id, prefixes: ['10.1.0.0/24'] });
    const early = await alice.post('rbac-policies', policy('subnetpool', poolId, 'bob'));
    expect(refusalOf(early)).toEqual([400, 'InvalidInput']);
    const made = await alice.post('rbac-policies', policy('address_scope', id, 'bob'));
    expect(made.status).toBe(201);
    expect((await bob.get(`address-scopes/${id}`)).body.address_scope.shared).toBe(true);
    const later = await alice.post('rbac-policies', policy('subnetpool', poolId, 'bob'));
    expect(later.status).toBe(201);
    const own = await pool(bob, { address_scope_id: id, prefixes: ['10.2.0.0/24'] });
    const path = `rbac-policies/${made.body.rbac_policy.id}`;
    expect(refusalOf(await alice.delete(path))).toEqual([409, 'RbacPolicyInUse']);
    await bob.delete(`subnetpools/${own.id}`);
    expect((await alice.delete(path)).status).toBe(204);
  });
});

describe('at the same time', () => {
  const post = (at: number, path: string, body: object) =>
    (at % 2 === 0 ? heddle : other).call('POST', `/v2.0/${path}`, body);

  /** Waits until the other controller's replica has what the first has acknowledged. */
  async function caughtUp(): Promise<void> {
    while (other.topology.revision < heddle.topology.revision) await new Promise(setImmediate);
  }

  test('40 subnets of one pool, made on two controllers, are apart and all there', async () => {
    const { id } = await pool(admin, { default_prefixlen: 28 });
    const networks = await Promise.all(Array.from({ length: 40 }, () => admin.make('network', {})));
    await caughtUp();
    const answers = await Promise.all(
      networks.map(({ id: network_id }, at) => {
        const length = { prefixlen: 24 + (at % 5) };
        const subnet = { network_id, ip_version: 4, subnetpool_id: id, ...length };
        return post(at, 'subnets', { subnet });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(201));
    const cidrs = answers.map(({ body }) => body.subnet.cidr as string);
    cidrs.forEach((cidr, at) => {
      expect(parseCidr(cidr)).toBeDefined();
      expect(overlap(rangesOf([cidr]), rangesOf(cidrs.slice(at + 1)))).toBe(false);
    });
  });

  test('two default pools are one', async () => {
    for (let round = 0; round < 5; round++) {
      await caughtUp();
      const body = { subnetpool: { name: 'd', prefixes: ['10.0.0.0/8'], is_default: true } };
      const answers = await Promise.all([0, 1].map((at) => post(at, 'subnetpools', body)));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 400]);
      for (const { body: made } of answers.filter(({ status }) => status === 201)) {
        await admin.delete(`subnetpools/${made.subnetpool.id}`);
      }
    }
  });

  test('two pools that overlap do not both get into a scope', async () => {
    for (let round = 0; round < 5; round++) {
      const { id: address_scope_id } = await scope(admin);
      await caughtUp();
      const body = { subnetpool: { name: 'p', prefixes: ['10.0.0.0/8'], address_scope_id } };
      const answers = await Promise.all([0, 1].map((at) => post(at, 'subnetpools', body)));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409]);
    }
  });

  test('a pool does not go while a subnet is made of it', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await pool(admin, { default_prefixlen: 24 });
      const { id: network_id } = await admin.make('network', {});
      await caughtUp();
      const subnet = { network_id, ip_version: 4, subnetpool_id: id };
      const [made, gone] = await Promise.all([
        post(round, 'subnets', { subnet }),
        (round % 2 === 0 ? other : heddle).call('DELETE', `/v2.0/subnetpools/${id}`),
      ]);
      expect([
        [201, 400],
        [404, 204],
      ]).toContainEqual([made.status, gone.status]);
    }
  });
});
