/**
 * Goal: a project that asks for its network gets one that is whole, once, whoever asks at once; what
 * it lacks is told by name; the one default external network is one; nobody gets another's.
 * Method: real Redis and inject(), as an operator and as projects; storms on two controllers.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/api/index.ts';
import type { AuditRecord } from '../../../src/api/plugins/audit.ts';
import { NO_QUOTAS } from '../../../src/controller/neutron/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf, type Who } from './people.ts';
import { caughtUp } from './storms.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let one: Controller;
let two: Controller;
let audit: AuditRecord[] = [];
let regions = 0;

/** As everybody, and with `x-reader` only to look. */
const authenticator: Authenticator = {
  authenticate: async (headers) => ({
    ...(await believing.authenticate(headers)),
    isReadOnly: headers['x-reader'] !== undefined,
  }),
};

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await one.stop();
  await two.stop();
  await redis.stop();
});
beforeEach(async () => {
  if (regions > 0) await Promise.all([one.stop(), two.stop()]);
  regions += 1;
  audit = [];
  const options = {
    region: `region${regions}`,
    authenticator,
    audit: { write: (record: AuditRecord) => void audit.push(record) },
    quotaDefaults: { ...NO_QUOTAS, router: 3 },
  };
  one = await startController(redis.address, options);
  two = await startController(redis.address, options);
});

const as = (who: Who, controller: () => Controller = () => one) => callsOf(controller, who);
const admin = as('admin');
const alice = as('alice');
const bob = as('bob');

const path = (project: string) => `auto-allocated-topology/${project}`;

const POOLS = {
  4: { prefixes: ['10.0.0.0/16'], default_prefixlen: 24 },
  6: { prefixes: ['2001:db8::/48'], default_prefixlen: 64 },
} as const;

function makePool(version: 4 | 6, more: object = {}) {
  const pool = { name: `v${version}`, ...POOLS[version], is_default: true, shared: true, ...more };
  return admin.make('subnetpool', pool);
}

async function makeOutside(more: object = { is_default: true }) {
  const network = await admin.make('network', { 'router:external': true, ...more });
  const cidr = '203.0.113.0/24';
  await admin.make('subnet', { network_id: network.id, ip_version: 4, cidr, enable_dhcp: false });
  return network;
}

/** All that a project has. */
async function belongings(who: Who) {
  const kinds = ['networks', 'subnets', 'routers', 'ports'] as const;
  const lists = kinds.map(async (kind) => {
    const answer = await admin.get(`${kind}?project_id=${who}`);
    return [kind, answer.body[kind]];
  });
  return Object.fromEntries(await Promise.all(lists)) as Record<(typeof kinds)[number], Item[]>;
}

type Item = ReturnType<typeof JSON.parse>;

const counts = async (who: Who) =>
  Object.values(await belongings(who)).map((items) => items.length);

describe('asking for one’s network', () => {
  test('makes it with subnets, a router, its interfaces and a gateway, in one commit', async () => {
    const outside = await makeOutside();
    const [v4, v6] = [await makePool(4), await makePool(6)];
    await alice.get('security-groups');
    const before = one.topology.revision;
    const answer = await alice.get(path('alice'));
    expect(one.topology.revision).toBe(before + 1);
    expect(answer).toMatchObject({ status: 200, revision: before + 1 });

    const { networks, subnets, routers, ports } = await belongings('alice');
    const [network] = networks;
    const id = network?.id;
    expect(answer.body).toEqual({
      auto_allocated_topology: { id, tenant_id: 'alice', project_id: 'alice' },
    });
    expect(networks).toHaveLength(1);
    expect(network).toMatchObject({
      name: 'auto_allocated_network',
      admin_state_up: true,
      shared: false,
      'router:external': false,
      is_default: false,
    });
    expect(new Map(subnets.map(({ name, subnetpool_id }) => [name, subnetpool_id]))).toEqual(
      new Map([
        ['auto_allocated_subnet_v4', v4.id],
        ['auto_allocated_subnet_v6', v6.id],
      ]),
    );
    expect(routers).toEqual([
      expect.objectContaining({
        name: 'auto_allocated_router',
        admin_state_up: true,
        external_gateway_info: expect.objectContaining({ network_id: outside.id }),
      }),
    ]);
    const addresses = ports.flatMap(({ fixed_ips }) => fixed_ips.map((it: Item) => it.ip_address));
    expect(new Set(addresses)).toEqual(new Set(subnets.map(({ gateway_ip }) => gateway_ip)));
    for (const port of ports) {
      const inside = { network_id: id, device_id: routers[0]?.id };
      expect(port).toMatchObject({ ...inside, device_owner: 'network:router_interface' });
    }
  });

  test('again changes nothing, and tells the same', async () => {
    await makeOutside();
    await makePool(4);
    const first = await alice.get(path('alice'));
    const { revision } = one.topology;
    for (const project of ['alice', 'None', 'null']) {
      expect((await alice.get(path(project))).body).toEqual(first.body);
    }
    expect(one.topology.revision).toBe(revision);
    await caughtUp(two, one);
    expect((await as('alice', () => two).get(path('alice'))).body).toEqual(first.body);
  });

  test('is recorded when it made something, and only then', async () => {
    await makeOutside();
    await makePool(4);
    audit = [];
    const { body } = await alice.get(path('alice'));
    await alice.get(path('alice'));
    expect(body.auto_allocated_topology.id).toBeDefined();
    expect(audit).toEqual([
      expect.objectContaining({
        action: 'create',
        resource: 'auto-allocated-topology',
        resource_ids: ['alice'],
        user_id: 'alice',
        status: 200,
      }),
    ]);
  });

  test('by the headers alone makes nothing', async () => {
    await makeOutside();
    await makePool(4);
    const answer = await one.app.inject({
      method: 'HEAD',
      url: `/v2.0/${path('alice')}`,
      headers: { 'x-user': 'alice' },
    });
    expect(answer.statusCode).toBe(405);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });

  test('is an operator’s for others, and nobody else’s', async () => {
    await makeOutside();
    await makePool(4);
    const refused = await bob.get(path('alice'));
    expect([refused.status, refused.error]).toEqual([403, 'NotAuthorized']);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
    expect((await admin.get(path('alice'))).status).toBe(200);
    expect(await counts('alice')).toEqual([1, 1, 1, 1]);
    expect((await bob.delete(path('alice'))).error).toBe('NotAuthorized');
  });

  test('makes nothing for who may only read, and shows what there is', async () => {
    await makeOutside();
    await makePool(4);
    const get = () =>
      one.call('GET', `/v2.0/${path('alice')}`, undefined, { 'x-user': 'alice', 'x-reader': '1' });
    const refused = await get();
    expect([refused.status, refused.error]).toEqual([403, 'PolicyNotAuthorized']);
    const made = await alice.get(path('alice'));
    expect((await get()).body).toEqual(made.body);
    const gone = await one.call('DELETE', `/v2.0/${path('alice')}`, undefined, {
      'x-user': 'alice',
      'x-reader': '1',
    });
    expect(gone.error).toBe('PolicyNotAuthorized');
  });
});

describe('what is lacking is told', () => {
  const check = (who = alice) => who.get(`${path('None')}?fields=dry-run`);
  const message = ({ body }: Answer): string => body.NeutronError.message;

  test('before anything is made, and nothing by the check', async () => {
    const { revision } = one.topology;
    const noNetwork = await check();
    expect([noNetwork.status, noNetwork.error]).toEqual([409, 'AutoAllocationFailure']);
    expect(message(noNetwork)).toBe('Deployment error: No default router:external network.');
    expect(one.topology.revision).toBe(revision);
    await makeOutside();
    expect(message(await check())).toBe('Deployment error: No default subnetpools defined.');
    await makePool(6);
    expect((await check()).body).toEqual({
      auto_allocated_topology: { id: 'dry-run=pass', tenant_id: 'alice', project_id: 'alice' },
    });
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });

  test('by the names of fields', async () => {
    const answer = await alice.get(`${path('alice')}?fields=id`);
    expect([answer.status, answer.error]).toEqual([400, 'BadRequest']);
    expect(message(answer)).toBe('Bad auto_allocate request: Unrecognized field.');
  });

  test('when the pool is not for the project, has nothing left, or a quota is used up', async () => {
    await makeOutside();
    const pool = await makePool(4, { shared: false });
    expect(message(await check())).toBe('Deployment error: No default subnetpools defined.');
    const refused = await alice.get(path('alice'));
    const nothing = 'Deployment error: Unable to provide tenant private network.';
    expect([refused.error, message(refused)]).toEqual(['AutoAllocationFailure', nothing]);
    await admin.delete(`subnetpools/${pool.id}`);

    await makePool(4, { prefixes: ['10.0.0.0/28'], default_prefixlen: 28 });
    expect((await bob.get(path('bob'))).status).toBe(200);
    expect(message(await alice.get(path('alice')))).toBe(nothing);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });

  test('when a quota is used up, and nothing is left of what was begun', async () => {
    await makeOutside();
    await makePool(4);
    for (let at = 0; at < 3; at++) await alice.make('router', {});
    const refused = await alice.get(path('alice'));
    expect([refused.status, refused.error]).toEqual([409, 'OverQuota']);
    expect(await counts('alice')).toEqual([0, 0, 3, 0]);
  });

  test('when the outside has no address for another router', async () => {
    const outside = await admin.make('network', { 'router:external': true, is_default: true });
    const cidr = '203.0.113.0/30';
    const where = { network_id: outside.id, ip_version: 4, enable_dhcp: false };
    await admin.make('subnet', { ...where, cidr });
    await makePool(4);
    expect((await bob.get(path('bob'))).status).toBe(200);
    expect((await alice.get(path('alice'))).error).toBe('IpAddressGenerationFailure');
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });

  test('when its addresses are those of the outside', async () => {
    await makeOutside();
    await makePool(4, { prefixes: ['203.0.113.0/24'], default_prefixlen: 26 });
    const refused = await alice.get(path('alice'));
    const text = 'Deployment error: Unable to provide external connectivity.';
    expect([refused.error, message(refused)]).toEqual(['AutoAllocationFailure', text]);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });
});

describe('taking it away', () => {
  const start = async (): Promise<string> => {
    await makeOutside();
    await makePool(4);
    await makePool(6);
    return (await alice.get(path('alice'))).body.auto_allocated_topology.id;
  };

  test('takes all of it, in one commit, and may be asked for again', async () => {
    const id = await start();
    await alice.make(
      'rbac_policy',
      {
        object_type: 'network',
        object_id: id,
        action: 'access_as_shared',
        target_tenant: 'bob',
      },
      'rbac-policies',
    );
    const { revision } = one.topology;
    expect((await alice.delete(path('None'))).status).toBe(204);
    expect(one.topology.revision).toBe(revision + 1);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
    expect((await alice.get('rbac-policies')).body.rbac_policies).toEqual([]);
    expect((await alice.delete(path('alice'))).status).toBe(204);
    const again = await alice.get(path('alice'));
    expect(again.body.auto_allocated_topology.id).not.toBe(id);
    expect(await counts('alice')).toEqual([1, 2, 1, 2]);
  });

  test('is refused, as a whole, while something else uses it', async () => {
    const id = await start();
    const port = await alice.make('port', { network_id: id });
    const before = await belongings('alice');
    const refused = await alice.delete(path('alice'));
    expect([refused.status, refused.error]).toEqual([409, 'NetworkInUse']);
    expect(await belongings('alice')).toEqual(before);
    await alice.delete(`ports/${port.id}`);

    const other = await alice.make('network', {});
    const where = { network_id: other.id, ip_version: 4, cidr: '192.168.0.0/24' };
    const subnet = await alice.make('subnet', where);
    const [router] = before.routers;
    const add = { subnet_id: subnet.id };
    await alice.put(`routers/${router?.id}/add_router_interface`, add);
    expect((await alice.delete(path('alice'))).error).toBe('RouterInUse');
    await alice.put(`routers/${router?.id}/remove_router_interface`, add);
    expect((await alice.delete(path('alice'))).status).toBe(204);
  });

  test('is what the deletion of the network amounts to', async () => {
    const id = await start();
    const { routers, subnets } = await belongings('alice');
    const router = routers[0]?.id;
    for (const subnet of subnets) {
      const remove = { subnet_id: subnet.id };
      await alice.put(`routers/${router}/remove_router_interface`, remove);
    }
    expect((await alice.delete(`networks/${id}`)).status).toBe(204);
    const again = await alice.get(path('alice'));
    expect(again.body.auto_allocated_topology.id).not.toBe(id);
    expect(await counts('alice')).toEqual([1, 2, 2, 2]);
  });

  test('goes on without the router when somebody has deleted that', async () => {
    const id = await start();
    const { routers, subnets } = await belongings('alice');
    const router = routers[0]?.id;
    for (const subnet of subnets) {
      const remove = { subnet_id: subnet.id };
      await alice.put(`routers/${router}/remove_router_interface`, remove);
    }
    expect((await alice.delete(`routers/${router}`)).status).toBe(204);
    expect((await alice.get(path('alice'))).body.auto_allocated_topology.id).toBe(id);
    expect((await alice.delete(path('alice'))).status).toBe(204);
    expect(await counts('alice')).toEqual([0, 0, 0, 0]);
  });
});

describe('the default external network', () => {
  test('is one, whether it is made or becomes it', async () => {
    const first = await makeOutside();
    const message = `A default external network already exists: ${first.id}.`;
    const body = { network: { 'router:external': true, is_default: true } };
    const refused = await admin.post('networks', body);
    expect([refused.status, refused.error]).toEqual([409, 'DefaultExternalNetworkExists']);
    expect(refused.body.NeutronError.message).toBe(message);
    const second = await makeOutside({});
    const change = { network: { is_default: true } };
    expect((await admin.put(`networks/${second.id}`, change)).error).toBe(refused.error);
    expect((await admin.put(`networks/${first.id}`, change)).status).toBe(200);
    await admin.put(`networks/${first.id}`, { network: { is_default: false } });
    expect((await admin.put(`networks/${second.id}`, change)).body.network.is_default).toBe(true);
    expect((await admin.put(`networks/${first.id}`, change)).status).toBe(409);
    await admin.delete(`networks/${second.id}`);
    expect((await admin.put(`networks/${first.id}`, change)).status).toBe(200);
  });

  test('is no default any more when it is external no more', async () => {
    const inside = await admin.make('network', { is_default: true });
    expect(inside.is_default).toBe(false);
    const { id } = await makeOutside();
    const external = (value: boolean) =>
      admin.put(`networks/${id}`, { network: { 'router:external': value } });
    expect((await external(false)).body.network.is_default).toBe(false);
    expect((await external(true)).body.network.is_default).toBe(false);
    expect((await makeOutside()).is_default).toBe(true);
  });

  test('is one, too, for whom two controllers are asked at once', async () => {
    const body = { network: { 'router:external': true, is_default: true } };
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        [one, two, one, two].map((at) => as('admin', () => at).post('networks', body)),
      );
      const won = answers.filter(({ status }) => status === 201);
      expect(won).toHaveLength(1);
      const others = answers.filter(({ status }) => status !== 201);
      expect(new Set(others.map(({ error }) => error))).toEqual(
        new Set(['DefaultExternalNetworkExists']),
      );
      await caughtUp(one, two);
      await admin.delete(`networks/${won[0]?.body.network.id}`);
      await caughtUp(two, one);
    }
  });
});

describe('many at once, on two controllers', () => {
  test('get one topology a project', async () => {
    await makeOutside();
    await makePool(4);
    await makePool(6);
    await caughtUp(two, one);
    const people = ['alice', 'bob', 'dora', 'erik'] as const;
    const asked = Array.from({ length: 6 }, (_, at) => [one, two][at % 2] as Controller);
    const answers = await Promise.all(
      people.flatMap((who) => asked.map((at) => as(who, () => at).get(path(who)))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ids = new Set(answers.map(({ body }) => body.auto_allocated_topology.id));
    expect(ids.size).toBe(people.length);
    await caughtUp(one, two);
    for (const who of people) expect(await counts(who)).toEqual([1, 2, 1, 2]);
    const cidrs = (await admin.get('subnets')).body.subnets.map(({ cidr }: Item) => cidr);
    expect(new Set(cidrs).size).toBe(cidrs.length);
  });

  test('and some who take it away leave a whole one, or none', async () => {
    await makeOutside();
    await makePool(4);
    await caughtUp(two, one);
    for (let round = 0; round < 8; round++) {
      const answers = await Promise.all([
        alice.get(path('alice')),
        as('alice', () => two).delete(path('alice')),
        as('alice', () => two).get(path('alice')),
        alice.delete(path('alice')),
      ]);
      for (const { status } of answers) expect([200, 204]).toContain(status);
      await caughtUp(one, two);
      await caughtUp(two, one);
      const isThere = one.topology.get('auto_allocated_topology', 'alice') !== undefined;
      expect(await counts('alice')).toEqual(isThere ? [1, 1, 1, 1] : [0, 0, 0, 0]);
    }
  });
});

test('hostile paths and queries are refused or taken, and never a fault', async () => {
  await makeOutside();
  await makePool(4);
  const projects = [
    '%00',
    '%F0%9F%92%A9',
    'a%2Fb',
    '..%2f..',
    "'--",
    'x'.repeat(255),
    '%20',
    '__proto__',
  ];
  for (const project of projects) {
    for (const tail of [
      '',
      '?fields=dry-run',
      '?fields=%00',
      '?fields=dry-run&fields=id',
      '?x=y',
    ]) {
      const answer = await admin.get(path(project) + tail);
      expect([200, 400, 404, 409]).toContain(answer.status);
    }
    expect([204, 400, 404]).toContain((await admin.delete(path(project))).status);
    expect((await alice.get(path(project))).status).not.toBe(200);
  }
  expect((await admin.put(path('x'), {})).status).toBe(405);
});
