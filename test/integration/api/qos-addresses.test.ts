/**
 * Goal: floating IPs and gateways of routers are given QoS policies, and lose them, as with Neutron;
 * a policy that one of them has stays, whoever is faster.
 * Method: real Redis and inject(), as an operator and as projects; two controllers for the races.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { caughtUp } from './storms.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let one: Controller;
let two: Controller;
let outside: string;
const ABSENT = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  redis = await startRedis();
  one = await startController(redis.address, { authenticator: believing });
  two = await startController(redis.address, { authenticator: believing });
  outside = await makeOutside();
});
afterAll(async () => {
  await one.stop();
  await two.stop();
  await redis.stop();
});

const admin = callsOf(() => one, 'admin');
const alice = callsOf(() => one, 'alice');

async function makeOutside(cidr = '203.0.113.0/24', more: object = {}): Promise<string> {
  const { id } = await admin.make('network', { 'router:external': true, ...more });
  await admin.make('subnet', { network_id: id, ip_version: 4, cidr, enable_dhcp: false });
  return id;
}

async function policy(more: object = { shared: true }): Promise<string> {
  return (await admin.make('policy', more, 'qos/policies')).id;
}

const removal = async (id: string) => {
  const answer = await admin.delete(`qos/policies/${id}`);
  return answer.body?.NeutronError.message ?? answer.status;
};

describe('a floating IP', () => {
  const make = (more: object = {}) =>
    alice.make('floatingip', { floating_network_id: outside, ...more });
  const change = async (id: string, floatingip: object) =>
    alice.put(`floatingips/${id}`, { floatingip });

  test('has no policy, or the one that it is given, and keeps it from being deleted', async () => {
    expect(await make()).toMatchObject({ qos_policy_id: null, qos_network_policy_id: null });
    const [first, second] = [await policy(), await policy()];
    const fip = await make({ qos_policy_id: first });
    expect(fip.qos_policy_id).toBe(first);
    expect(await removal(first)).toBe(`QoS Policy ${first} is used by fip ${fip.id}.`);
    const listed = await alice.get(`floatingips?qos_policy_id=${first}&fields=id`);
    expect(listed.body.floatingips).toEqual([{ id: fip.id }]);
    expect((await change(fip.id, { qos_policy_id: second })).body.floatingip.qos_policy_id).toBe(
      second,
    );
    expect(await removal(first)).toBe(204);
    expect((await change(fip.id, { description: 'x' })).body.floatingip.qos_policy_id).toBe(second);
    expect(
      (await change(fip.id, { qos_policy_id: null })).body.floatingip.qos_policy_id,
    ).toBeNull();
    expect(await removal(second)).toBe(204);
  });

  test('lets its policy go with it', async () => {
    const id = await policy();
    const fip = await make({ qos_policy_id: id });
    expect((await alice.delete(`floatingips/${fip.id}`)).status).toBe(204);
    expect(await removal(id)).toBe(204);
  });

  test('shows the policy of its network', async () => {
    const id = await policy();
    const network = await makeOutside('198.51.100.0/24', { qos_policy_id: id });
    const fip = await make({ floating_network_id: network });
    expect(fip).toMatchObject({ qos_policy_id: null, qos_network_policy_id: id });
  });

  test('keeps its association when only its policy changes', async () => {
    const network = await alice.make('network', {});
    const where = { network_id: network.id, ip_version: 4, cidr: '10.7.0.0/24' };
    const subnet = await alice.make('subnet', where);
    const router = await alice.make('router', { external_gateway_info: { network_id: outside } });
    await alice.put(`routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
    const port = await alice.make('port', { network_id: network.id });
    const fip = await make({ port_id: port.id });
    const after = await change(fip.id, { qos_policy_id: await policy() });
    expect(after.body.floatingip).toMatchObject({ port_id: port.id, router_id: router.id });
  });

  test.each([
    ['one that does not exist', async () => ABSENT, 404, 'QosPolicyNotFound'],
    ['one that cannot be seen', () => policy({}), 404, 'QosPolicyNotFound'],
    ['no id', async () => 'x', 400, 'HTTPBadRequest'],
    ['something else', async () => ({ a: [null] }), 400, 'HTTPBadRequest'],
  ])('is not given %s', async (_, wanted, status, type) => {
    const qos_policy_id = await wanted();
    const fip = await make();
    const post = { floatingip: { floating_network_id: outside, qos_policy_id } };
    const answers = [
      await alice.post('floatingips', post),
      await change(fip.id, { qos_policy_id }),
    ];
    for (const answer of answers) expect([answer.status, answer.error]).toEqual([status, type]);
    const own = await change(fip.id, { qos_network_policy_id: await policy() });
    expect(own.status).toBe(400);
  });

  test('may keep a policy that an operator gave it, unseen', async () => {
    const id = await policy({});
    const fip = await make();
    await admin.put(`floatingips/${fip.id}`, { floatingip: { qos_policy_id: id } });
    expect((await change(fip.id, { qos_policy_id: id })).status).toBe(200);
  });
});

describe('the gateway of a router', () => {
  const info = (more: object = {}) => ({ external_gateway_info: { network_id: outside, ...more } });
  const make = (more: object = {}) => alice.make('router', info(more));
  const change = async (id: string, router: object) => {
    const answer = await alice.put(`routers/${id}`, { router });
    return answer.body.router?.external_gateway_info ?? answer.body.NeutronError ?? null;
  };

  test('has the policy that it is given, until it is told otherwise', async () => {
    expect((await make()).external_gateway_info).not.toHaveProperty('qos_policy_id');
    const id = await policy();
    const router = await make({ qos_policy_id: id });
    expect(router.external_gateway_info).toMatchObject({ network_id: outside, qos_policy_id: id });
    expect(await removal(id)).toBe(`QoS Policy ${id} is used by router ${router.id}.`);
    expect(await change(router.id, info())).toMatchObject({ qos_policy_id: id });
    expect(await change(router.id, { name: 'x' })).toMatchObject({ qos_policy_id: id });
    const other = await policy();
    expect(await change(router.id, info({ qos_policy_id: other }))).toMatchObject({
      qos_policy_id: other,
    });
    expect(await removal(id)).toBe(204);
    const none = await change(router.id, info({ qos_policy_id: null }));
    expect(none).not.toHaveProperty('qos_policy_id');
    expect(await removal(other)).toBe(204);
  });

  test('takes its policy with it', async () => {
    const [id, other] = [await policy(), await policy()];
    const [cleared, deleted] = [
      await make({ qos_policy_id: id }),
      await make({ qos_policy_id: other }),
    ];
    expect(await change(cleared.id, { external_gateway_info: null })).toBeNull();
    expect(await change(cleared.id, info())).not.toHaveProperty('qos_policy_id');
    expect(await removal(id)).toBe(204);
    await alice.delete(`routers/${deleted.id}`);
    expect(await removal(other)).toBe(204);
  });

  test('shows that it has none of its own where its network has one', async () => {
    const network = await makeOutside('192.0.2.0/24', { qos_policy_id: await policy() });
    const router = await make({ network_id: network });
    expect(router.external_gateway_info).toMatchObject({ qos_policy_id: null });
  });

  test.each([
    ['one that does not exist', async () => ABSENT, 404, 'QosPolicyNotFound'],
    ['one that cannot be seen', () => policy({}), 404, 'QosPolicyNotFound'],
    ['no id', async () => 7, 400, 'HTTPBadRequest'],
  ])('is not given %s', async (_, wanted, status, type) => {
    const qos_policy_id = await wanted();
    const router = await make();
    const answers = [
      await alice.post('routers', { router: info({ qos_policy_id }) }),
      await alice.put(`routers/${router.id}`, { router: info({ qos_policy_id }) }),
    ];
    for (const answer of answers) expect([answer.status, answer.error]).toEqual([status, type]);
  });
});

describe('a policy', () => {
  test('stays shared while what has it needs that', async () => {
    const id = await policy();
    await alice.make('router', {
      external_gateway_info: { network_id: outside, qos_policy_id: id },
    });
    const answer = await admin.put(`qos/policies/${id}`, { policy: { shared: false } });
    expect([answer.status, answer.error]).toEqual([409, 'RbacPolicyInUse']);
  });

  let id = '';
  beforeEach(async () => {
    id = await policy();
    await caughtUp(two, one);
  });

  test.each(Array.from({ length: 12 }, (_, at) => at))(
    'is not deleted from under what gets it at once (%i)',
    async (at) => {
      const there = callsOf(() => two, 'alice');
      const info = { network_id: outside, qos_policy_id: id };
      const floatingip = { floating_network_id: outside, qos_policy_id: id };
      const give =
        at % 2 === 0
          ? there.post('floatingips', { floatingip })
          : there.post('routers', { router: { external_gateway_info: info } });
      const [deleted, given] = await Promise.all([admin.delete(`qos/policies/${id}`), give]);
      const results = [deleted.error ?? deleted.status, given.error ?? given.status];
      expect([
        [204, 'QosPolicyNotFound'],
        ['QosPolicyInUse', 201],
      ]).toContainEqual(results);
    },
  );
});
