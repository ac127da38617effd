/**
 * Goal: QoS policies and rules are made, shown, changed, shared, given to networks and ports, and
 * taken away as Neutron does it, for whoever may.
 * Method: the HTTP application over a real Redis; an authenticator that believes a header.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf, type Who } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const ABSENT = '00000000-0000-4000-8000-000000000000';
const VLAN = { 'provider:network_type': 'vlan', 'provider:physical_network': 'left-1' };

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const as = (who: Who) => callsOf(() => heddle, who);
const admin = () => as('admin');

async function policy(attributes: object = {}) {
  const answer = await admin().post('qos/policies', { policy: attributes });
  expect(answer.status).toBe(201);
  return answer.body.policy;
}

async function addRule(policyId: string, type: string, values: object) {
  const body = { [`${type}_rule`]: values };
  return admin().post(`qos/policies/${policyId}/${type}_rules`, body);
}

async function rule(policyId: string, type: string, values: object) {
  const answer = await addRule(policyId, type, values);
  expect(answer.status).toBe(201);
  return answer.body[`${type}_rule`];
}

async function network(attributes: object = {}, who: Who = 'admin') {
  const answer = await as(who).post('networks', { network: attributes });
  expect(answer.status).toBe(201);
  return answer.body.network;
}

async function port(network_id: string, attributes: object = {}, who: Who = 'admin') {
  const answer = await as(who).post('ports', { port: { network_id, ...attributes } });
  expect(answer.status).toBe(201);
  return answer.body.port;
}

const policyOf = async (id: string) => (await admin().get(`qos/policies/${id}`)).body.policy;

/** Rules of all types that go together, with what else their answers show. */
const RULES: readonly [string, object, object][] = [
  ['bandwidth_limit', { max_kbps: 1000 }, { max_burst_kbps: 0, direction: 'egress' }],
  ['dscp_marking', { dscp_mark: 26 }, {}],
  ['minimum_bandwidth', { min_kbps: 10 }, { direction: 'egress' }],
  ['minimum_packet_rate', { min_kpps: 5, direction: 'any' }, {}],
  ['packet_rate_limit', { max_kpps: 7 }, { max_burst_kpps: 0, direction: 'egress' }],
];

describe('a policy', () => {
  test('is made with defaults, shown, changed and deleted', async () => {
    const made = await policy({ name: 'gold' });
    expect(made).toMatchObject({
      name: 'gold',
      description: '',
      shared: false,
      is_default: false,
      rules: [],
      tags: [],
      project_id: 'admin',
      tenant_id: 'admin',
      revision_number: 1,
    });
    const path = `qos/policies/${made.id}`;
    const changed = await admin().put(path, { policy: { name: 'silver', description: 'd' } });
    expect(changed.body.policy).toMatchObject({ name: 'silver', revision_number: 2 });
    expect((await admin().get('qos/policies?name=silver')).body.policies).toHaveLength(1);
    await admin().put(`${path}/tags`, { tags: ['x', 'y'] });
    // Neutron has them without the prefix of the service.
    expect((await admin().delete(`policies/${made.id}/tags/y`)).status).toBe(204);
    expect((await admin().get(`policies/${made.id}/tags`)).body.tags).toEqual(['x']);
    expect((await admin().get('qos/policies?tags=x')).body.policies).toHaveLength(1);
    expect((await admin().delete(path)).status).toBe(204);
    expect(await admin().get(path)).toMatchObject({ status: 404, error: 'QosPolicyNotFound' });
  });

  test('embeds its rules in the order of their types, and counts their changes', async () => {
    const { id } = await policy();
    for (const [type, values] of RULES.toReversed()) await rule(id, type, values);
    const shown = await policyOf(id);
    expect(shown.revision_number).toBe(1 + RULES.length);
    expect(shown.rules).toMatchObject(
      RULES.map(([type, values, rest]) => ({ type, qos_policy_id: id, ...values, ...rest })),
    );
  });

  test('takes its rules with it', async () => {
    const { id } = await policy();
    const made = await rule(id, 'dscp_marking', { dscp_mark: 8 });
    await admin().delete(`qos/policies/${id}`);
    expect((await admin().get(`qos/alias_dscp_marking_rules/${made.id}`)).status).toBe(404);
    expect(heddle.topology.get('qos_rule', made.id)).toBeUndefined();
  });

  test.each<[object, number]>([
    [{ rules: [] }, 400],
    [{ shared: 'x' }, 400],
    [{ name: 5 }, 400],
    [{ id: ABSENT }, 400],
  ])('with %j is refused', async (body, status) => {
    expect((await admin().post('qos/policies', { policy: body })).status).toBe(status);
  });
});

describe('a rule', () => {
  test.each(RULES)(
    'of type %s is made, listed, changed, found and deleted',
    async (type, values, rest) => {
      const { id } = await policy();
      const path = `qos/policies/${id}/${type}_rules`;
      const made = await rule(id, type, values);
      const whole = { id: made.id, ...values, ...rest };
      expect(made).toEqual(whole);
      expect((await admin().get(path)).body).toEqual({ [`${type}_rules`]: [whole] });
      expect((await admin().get(`${path}/${made.id}`)).body).toEqual({ [`${type}_rule`]: whole });
      const other = await policy();
      const foreign = `qos/policies/${other.id}/${type}_rules`;
      expect((await admin().get(foreign)).body).toEqual({ [`${type}_rules`]: [] });
      expect(await admin().get(`${foreign}/${made.id}`)).toMatchObject({
        status: 404,
        error: 'QosRuleNotFound',
      });
      const [rate] = Object.keys(values);
      const change = { [`${type}_rule`]: { [String(rate)]: 12 } };
      expect((await admin().put(`${path}/${made.id}`, change)).body).toEqual({
        [`${type}_rule`]: { ...whole, [String(rate)]: 12 },
      });
      expect((await policyOf(id)).revision_number).toBe(3);
      expect((await admin().delete(`${foreign}/${made.id}`)).status).toBe(404);
      expect((await admin().delete(`${path}/${made.id}`)).status).toBe(204);
      expect(await policyOf(id)).toMatchObject({ rules: [], revision_number: 4 });
    },
  );

  test('is refused beside one that contradicts it, and nothing changes', async () => {
    const { id } = await policy();
    await rule(id, 'bandwidth_limit', { max_kbps: 100 });
    const { revision } = heddle.topology;
    const wanted: [string, object, string][] = [
      ['bandwidth_limit', { max_kbps: 200 }, 'QoSRulesConflict'],
      ['minimum_bandwidth', { min_kbps: 200, direction: 'ingress' }, 'QoSRuleParameterConflict'],
    ];
    for (const [type, values, error] of wanted) {
      expect(await addRule(id, type, values)).toMatchObject({ status: 409, error });
    }
    expect(heddle.topology.revision).toBe(revision);
  });

  test('of a bulk is refused together with the others', async () => {
    const { id } = await policy();
    const path = `qos/policies/${id}/bandwidth_limit_rules`;
    const both = { bandwidth_limit_rules: [{ max_kbps: 1 }, { max_kbps: 2 }] };
    expect((await admin().post(path, both)).error).toBe('QoSRulesConflict');
    expect((await policyOf(id)).rules).toEqual([]);
    const two = [{ max_kbps: 1 }, { max_kbps: 2, direction: 'ingress' }];
    const made = await admin().post(path, { bandwidth_limit_rules: two });
    expect(made.body.bandwidth_limit_rules).toHaveLength(2);
  });

  test.each<[string, number, string]>([
    [`qos/policies/${ABSENT}/dscp_marking_rules`, 404, 'QosPolicyNotFound'],
    [`qos/policies/${ABSENT}/dscp_marking_rules/${ABSENT}`, 404, 'QosPolicyNotFound'],
    [`qos/policies/x/dscp_marking_rules`, 404, 'QosPolicyNotFound'],
    [`qos/alias_dscp_marking_rules/${ABSENT}`, 404, 'QosRuleNotFound'],
    [`qos/policies/${ABSENT}/nonsense_rules`, 404, 'HTTPNotFound'],
  ])('at %s is not there', async (path, status, error) => {
    expect(await admin().get(path)).toMatchObject({ status, error });
  });
});

describe('a rule by its own id alone', () => {
  test.each(RULES.slice(0, 4))('of type %s is shown, changed and deleted', async (type, values) => {
    const { id } = await policy();
    const made = await rule(id, type, values);
    const path = `qos/alias_${type}_rules/${made.id}`;
    const name = `alias_${type}_rule`;
    expect((await admin().get(path)).body).toEqual({ [name]: made });
    const [rate] = Object.keys(values);
    const changed = await admin().put(path, { [name]: { [String(rate)]: 12 } });
    expect(changed.body[name]).toEqual({ ...made, [String(rate)]: 12 });
    expect((await admin().delete(path)).status).toBe(204);
    expect(await policyOf(id)).toMatchObject({ rules: [], revision_number: 4 });
  });

  test('is not made, not listed, and is of its type', async () => {
    const { id } = await policy();
    const made = await rule(id, 'bandwidth_limit', { max_kbps: 1 });
    expect((await admin().get('qos/alias_bandwidth_limit_rules')).status).toBe(404);
    expect((await admin().post('qos/alias_bandwidth_limit_rules', {})).status).toBe(404);
    expect((await admin().get(`qos/alias_dscp_marking_rules/${made.id}`)).status).toBe(404);
  });
});

describe('a network and its ports', () => {
  test('get a policy, which then is in use', async () => {
    const { id } = await policy();
    const other = await policy();
    const net = await network({ qos_policy_id: id });
    const own = await port(net.id, { qos_policy_id: other.id });
    const plain = await port(net.id);
    expect(net.qos_policy_id).toBe(id);
    expect(own).toMatchObject({ qos_policy_id: other.id, qos_network_policy_id: id });
    expect(plain).toMatchObject({ qos_policy_id: null, qos_network_policy_id: id });
    const refused = await admin().delete(`qos/policies/${id}`);
    expect(refused.error).toBe('QosPolicyInUse');
    expect(refused.body.NeutronError.message).toBe(
      `QoS Policy ${id} is used by network ${net.id}.`,
    );
    expect((await admin().delete(`qos/policies/${other.id}`)).body.NeutronError.message).toBe(
      `QoS Policy ${other.id} is used by port ${own.id}.`,
    );
    await admin().put(`networks/${net.id}`, { network: { qos_policy_id: null } });
    expect((await admin().get(`ports/${plain.id}`)).body.port.qos_network_policy_id).toBeNull();
    expect((await admin().delete(`qos/policies/${id}`)).status).toBe(204);
    await admin().delete(`ports/${own.id}`);
    expect((await admin().delete(`qos/policies/${other.id}`)).status).toBe(204);
  });

  test('do not get one that is not there', async () => {
    const net = await network();
    const { id } = await port(net.id);
    for (const [path, body] of [
      [`networks/${net.id}`, { network: { qos_policy_id: ABSENT } }],
      [`ports/${id}`, { port: { qos_policy_id: ABSENT } }],
    ] as const) {
      expect(await admin().put(path, body)).toMatchObject({
        status: 404,
        error: 'QosPolicyNotFound',
      });
    }
    for (const bad of ['x', 5, {}, []]) {
      expect((await admin().put(`ports/${id}`, { port: { qos_policy_id: bad } })).status).toBe(400);
    }
  });

  test('with promised bandwidth are on networks of any kind', async () => {
    const { id } = await policy();
    await rule(id, 'minimum_bandwidth', { min_kbps: 10 });
    await rule(id, 'minimum_bandwidth', { min_kbps: 10, direction: 'ingress' });
    const tunnel = await network({ qos_policy_id: id });
    await port(tunnel.id);
    await port((await network()).id, { qos_policy_id: id });
    await network({ ...VLAN, qos_policy_id: id });
  });

  test('say what they ask of Placement', async () => {
    const { id } = await policy();
    const net = await network({ ...VLAN, qos_policy_id: id });
    const { id: portId } = await port(net.id);
    const request = async (who: Who = 'admin') =>
      (await as(who).get(`ports/${portId}`)).body.port.resource_request;
    expect(await request()).toBeNull();
    await rule(id, 'minimum_bandwidth', { min_kbps: 10, direction: 'ingress' });
    await rule(id, 'minimum_bandwidth', { min_kbps: 20 });
    await rule(id, 'minimum_packet_rate', { min_kpps: 3, direction: 'any' });
    const whole = await request();
    expect(whole).toMatchObject({
      request_groups: [
        {
          required: ['CUSTOM_PHYSNET_LEFT_1', 'CUSTOM_VNIC_TYPE_NORMAL'],
          resources: { NET_BW_IGR_KILOBIT_PER_SEC: 10, NET_BW_EGR_KILOBIT_PER_SEC: 20 },
        },
        {
          required: ['CUSTOM_VNIC_TYPE_NORMAL'],
          resources: { NET_PACKET_RATE_KILOPACKET_PER_SEC: 3 },
        },
      ],
    });
    expect(whole.same_subtree).toEqual(
      whole.request_groups.map((group: { id: string }) => group.id),
    );
    expect(await request()).toEqual(whole);
    const listed = (await admin().get(`ports?id=${portId}`)).body.ports[0];
    expect(listed.resource_request).toEqual(whole);
  });

  test('of an instance keep what was promised to it', async () => {
    const { id } = await policy();
    const made = await rule(id, 'minimum_packet_rate', { min_kpps: 3 });
    const net = await network();
    await port(net.id, { qos_policy_id: id, device_owner: 'compute:nova', device_id: 'vm' });
    const path = `qos/policies/${id}/minimum_packet_rate_rules`;
    const attempts = [
      await addRule(id, 'minimum_packet_rate', { min_kpps: 1, direction: 'ingress' }),
      await admin().put(`${path}/${made.id}`, { minimum_packet_rate_rule: { min_kpps: 9 } }),
      await admin().delete(`${path}/${made.id}`),
    ];
    for (const answer of attempts) {
      expect([answer.status, answer.error]).toEqual([501, 'NotImplementedError']);
    }
    await rule(id, 'dscp_marking', { dscp_mark: 8 });
  });
});

describe('the default policy of a project', () => {
  test('is one, and is given to its new networks', async () => {
    const first = await policy({ project_id: 'dora', is_default: true });
    expect(
      await admin().post('qos/policies', {
        policy: { project_id: 'dora', is_default: true },
      }),
    ).toMatchObject({ status: 409, error: 'QoSPolicyDefaultAlreadyExists' });
    const second = await policy({ project_id: 'dora' });
    const change = (id: string, is_default: boolean) =>
      admin().put(`qos/policies/${id}`, { policy: { is_default } });
    expect((await change(second.id, true)).error).toBe('QoSPolicyDefaultAlreadyExists');
    expect((await network({}, 'dora')).qos_policy_id).toBe(first.id);
    expect((await network({ qos_policy_id: second.id }, 'dora')).qos_policy_id).toBe(second.id);
    expect((await network({ project_id: 'dora' })).qos_policy_id).toBe(first.id);
    expect((await network({}, 'erik')).qos_policy_id).toBeNull();
    expect((await change(first.id, false)).status).toBe(200);
    expect((await network({}, 'dora')).qos_policy_id).toBeNull();
    expect((await change(second.id, true)).status).toBe(200);
    expect(
      (await admin().get('qos/policies?is_default=true&project_id=dora')).body.policies,
    ).toHaveLength(1);
  });
});

describe('who is no operator', () => {
  test('changes nothing', async () => {
    const { id } = await policy({ project_id: 'alice' });
    const made = await rule(id, 'dscp_marking', { dscp_mark: 8 });
    const path = `qos/policies/${id}`;
    const body = { dscp_marking_rule: { dscp_mark: 10 } };
    const attempts = [
      await as('alice').post('qos/policies', { policy: {} }),
      await as('alice').put(path, { policy: { name: 'x' } }),
      await as('alice').delete(path),
      await as('alice').post(`${path}/dscp_marking_rules`, body),
      await as('alice').put(`${path}/dscp_marking_rules/${made.id}`, body),
      await as('alice').delete(`${path}/dscp_marking_rules/${made.id}`),
      await as('alice').delete(`qos/alias_dscp_marking_rules/${made.id}`),
    ];
    for (const answer of attempts) {
      expect([answer.status, answer.error]).toEqual([403, 'PolicyNotAuthorized']);
    }
    expect(attempts[3]?.body.NeutronError.message).toContain(
      'rule:create_policy_dscp_marking_rule',
    );
  });

  test('sees policies that are the project’s own or shared with it, and their rules', async () => {
    const own = await policy({ project_id: 'alice' });
    const hidden = await policy();
    const open = await policy({ shared: true });
    for (const { id } of [own, hidden, open]) await rule(id, 'dscp_marking', { dscp_mark: 8 });
    const listed = (await as('alice').get('qos/policies')).body.policies;
    const ids = listed.map(({ id }: { id: string }) => id);
    expect(ids).toContain(own.id);
    expect(ids).toContain(open.id);
    expect(ids).not.toContain(hidden.id);
    for (const { id } of [own, open]) {
      const { status, body } = await as('alice').get(`qos/policies/${id}/dscp_marking_rules`);
      expect([status, body.dscp_marking_rules.length]).toEqual([200, 1]);
    }
    const [hiddenRule] = (await policyOf(hidden.id)).rules;
    for (const path of [
      `qos/policies/${hidden.id}`,
      `qos/policies/${hidden.id}/dscp_marking_rules`,
      `qos/policies/${hidden.id}/dscp_marking_rules/${hiddenRule.id}`,
    ]) {
      expect(await as('alice').get(path)).toMatchObject({
        status: 404,
        error: 'QosPolicyNotFound',
      });
    }
    expect((await as('alice').get(`qos/alias_dscp_marking_rules/${hiddenRule.id}`)).status).toBe(
      404,
    );
    const net = await network({}, 'alice');
    const give = (id: string) =>
      as('alice').put(`networks/${net.id}`, { network: { qos_policy_id: id } });
    expect((await give(hidden.id)).error).toBe('QosPolicyNotFound');
    expect((await give(open.id)).status).toBe(200);
  });

  test('cannot take off what an operator has put on, nor see what is asked of Placement', async () => {
    const { id } = await policy();
    await rule(id, 'minimum_packet_rate', { min_kpps: 3 });
    const net = await network({}, 'alice');
    const mine = await port(net.id, {}, 'alice');
    await admin().put(`networks/${net.id}`, { network: { qos_policy_id: id } });
    await admin().put(`ports/${mine.id}`, { port: { qos_policy_id: id } });
    for (const [path, body] of [
      [`networks/${net.id}`, { network: { qos_policy_id: null } }],
      [`ports/${mine.id}`, { port: { qos_policy_id: null } }],
    ] as const) {
      expect(await as('alice').put(path, body)).toMatchObject({
        status: 403,
        error: 'PolicyRemoveAuthorizationError',
      });
    }
    expect((await as('alice').put(`ports/${mine.id}`, { port: { name: 'x' } })).status).toBe(200);
    const shown = (await as('alice').get(`ports/${mine.id}`)).body.port;
    expect(shown).toMatchObject({ qos_policy_id: id });
    expect(shown).not.toHaveProperty('resource_request');
  });
});

describe('a policy that is shared', () => {
  const share = (object_id: string, target_tenant: string, action = 'access_as_shared') => ({
    rbac_policy: { object_type: 'qos_policy', object_id, action, target_tenant },
  });

  test('by an RBAC policy is not withdrawn from who uses it', async () => {
    const { id } = await policy();
    const made = await admin().post('rbac-policies', share(id, 'bob'));
    expect(made.status).toBe(201);
    expect((await as('bob').get(`qos/policies/${id}`)).body.policy.shared).toBe(true);
    const net = await network({ qos_policy_id: id }, 'bob');
    const withdraw = () => admin().delete(`rbac-policies/${made.body.rbac_policy.id}`);
    expect(await withdraw()).toMatchObject({ status: 409, error: 'RbacPolicyInUse' });
    // Somebody else's share is not in use.
    const other = await admin().post('rbac-policies', share(id, 'carol'));
    expect((await admin().delete(`rbac-policies/${other.body.rbac_policy.id}`)).status).toBe(204);
    expect((await as('bob').delete(`networks/${net.id}`)).status).toBe(204);
    expect((await withdraw()).status).toBe(204);
    expect((await as('bob').get(`qos/policies/${id}`)).status).toBe(404);
  });

  test('with everybody is not withdrawn from who uses it', async () => {
    const { id } = await policy({ shared: true });
    const net = await network({ qos_policy_id: id }, 'bob');
    const close = () => admin().put(`qos/policies/${id}`, { policy: { shared: false } });
    expect(await close()).toMatchObject({ status: 409, error: 'RbacPolicyInUse' });
    await as('bob').delete(`networks/${net.id}`);
    expect((await close()).body.policy.shared).toBe(false);
    const reopened = await admin().put(`qos/policies/${id}`, { policy: { shared: true } });
    expect(reopened.body.policy.shared).toBe(true);
  });

  test('cannot be external, and takes its RBAC policies with it', async () => {
    const { id } = await policy({ shared: true });
    expect(
      (await admin().post('rbac-policies', share(id, 'bob', 'access_as_external'))).status,
    ).toBe(400);
    await admin().delete(`qos/policies/${id}`);
    expect((await admin().get(`rbac-policies?object_id=${id}`)).body.rbac_policies).toEqual([]);
  });
});

describe('the types of rules', () => {
  test('are listed for everybody, whatever support is asked for', async () => {
    const all = RULES.map(([type]) => ({ type }));
    for (const query of ['', '?all_rules=true', '?all_supported=True', '?fields=type']) {
      expect((await as('alice').get(`qos/rule-types${query}`)).body).toEqual({ rule_types: all });
    }
    expect((await admin().get('qos/rule-types?type=dscp_marking')).status).toBe(400);
  });

  test('are shown with their parameters to operators', async () => {
    const shown = await admin().get('qos/rule-types/minimum_packet_rate');
    expect(shown.body.rule_type).toEqual({
      type: 'minimum_packet_rate',
      drivers: [
        {
          name: 'openvswitch',
          supported_parameters: [
            {
              parameter_name: 'min_kpps',
              parameter_type: 'range',
              parameter_values: { start: 0, end: 2_147_483_647 },
            },
            {
              parameter_name: 'direction',
              parameter_type: 'choices',
              parameter_values: ['any', 'ingress', 'egress'],
            },
          ],
        },
      ],
    });
    expect((await as('alice').get('qos/rule-types/dscp_marking')).status).toBe(403);
    expect((await admin().get('qos/rule-types/nonsense')).error).toBe('QosRuleTypeNotFound');
    expect((await admin().post('qos/rule-types', {})).status).toBe(405);
  });
});
