/**
 * Goal: security groups and address groups are their project's own, are used by others only while
 * they are shared, and count on quotas; the default group costs nobody else anything.
 * Method: an authenticator that believes a header, so that a test can be anybody; real Redis.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUOTA_DEFAULTS } from '../../../src/controller/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, {
    authenticator: believing,
    quotaDefaults: QUOTA_DEFAULTS,
  });
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const as = (who: string) => {
  const call = (method: Method, path: string, body?: object) =>
    heddle.call(method, `/v2.0/${path}`, body, { 'x-user': who });
  const post = (singular: string, body: object = {}) =>
    call('POST', `${singular.replaceAll('_', '-')}s`, { [singular]: body });
  return {
    get: (path: string) => call('GET', path),
    put: (path: string, body: object) => call('PUT', path, body),
    delete: (path: string) => call('DELETE', path),
    post,
    make: async (singular: string, body: object = {}) => {
      const answer = await post(singular, body);
      expect(answer.status).toBe(201);
      return answer.body[singular];
    },
    share: async (object_type: string, object_id: string, target_tenant: string) => {
      const policy = { object_type, object_id, action: 'access_as_shared', target_tenant };
      const answer = await call('POST', 'rbac-policies', { rbac_policy: policy });
      expect(answer.status).toBe(201);
      return `rbac-policies/${answer.body.rbac_policy.id}`;
    },
  };
};

const ingress = (security_group_id: string, more: object = {}) => ({
  security_group_id,
  direction: 'ingress',
  ...more,
});

test('a group and its rules are not there for other projects', async () => {
  const group = await as('alice').make('security_group', { name: 'a' });
  const rule = await as('alice').make('security_group_rule', ingress(group.id));
  const bob = as('bob');
  expect((await bob.get(`security-groups/${group.id}`)).error).toBe('SecurityGroupNotFound');
  expect((await bob.delete(`security-groups/${group.id}`)).status).toBe(404);
  expect((await bob.get(`security-groups?id=${group.id}`)).body.security_groups).toEqual([]);
  expect((await bob.get(`security-group-rules/${rule.id}`)).error).toBe(
    'SecurityGroupRuleNotFound',
  );
  expect((await bob.delete(`security-group-rules/${rule.id}`)).status).toBe(404);
  const listed = await bob.get(`security-group-rules?security_group_id=${group.id}`);
  expect(listed.body.security_group_rules).toEqual([]);
  expect((await bob.post('security_group_rule', ingress(group.id))).error).toBe(
    'SecurityGroupNotFound',
  );
  const own = await bob.make('security_group');
  const remote = ingress(own.id, { remote_group_id: group.id });
  expect((await bob.post('security_group_rule', remote)).error).toBe('SecurityGroupNotFound');
  const network = await bob.make('network');
  const port = { network_id: network.id, security_groups: [group.id] };
  expect((await bob.post('port', port)).error).toBe('SecurityGroupNotFound');
  expect((await as('admin').post('port', port)).status).toBe(201);
});

test('a shared group may be used and not changed, and not withdrawn while it is used', async () => {
  const group = await as('alice').make('security_group');
  const rule = await as('alice').make('security_group_rule', ingress(group.id));
  const policy = await as('alice').share('security_group', group.id, 'bob');
  const bob = as('bob');
  const seen = (await bob.get(`security-groups/${group.id}`)).body.security_group;
  expect(seen).toMatchObject({ shared: true, project_id: 'alice' });
  expect(seen.security_group_rules).toHaveLength(3);
  expect((await as('alice').get(`security-groups/${group.id}`)).body.security_group.shared).toBe(
    false,
  );
  expect((await as('carol').get(`security-groups/${group.id}`)).status).toBe(404);
  const change = { security_group: { name: 'x' } };
  expect(await bob.put(`security-groups/${group.id}`, change)).toMatchObject({
    status: 403,
    body: { NeutronError: { message: 'rule:update_security_group is disallowed by policy' } },
  });
  expect((await bob.delete(`security-groups/${group.id}`)).status).toBe(403);
  expect((await bob.post('security_group_rule', ingress(group.id, { protocol: 6 }))).status).toBe(
    403,
  );
  expect((await bob.delete(`security-group-rules/${rule.id}`)).status).toBe(404);

  const own = await bob.make('security_group');
  const remote = await bob.make(
    'security_group_rule',
    ingress(own.id, { remote_group_id: group.id }),
  );
  const network = await bob.make('network');
  const port = await bob.make('port', { network_id: network.id, security_groups: [group.id] });
  expect((await as('alice').delete(`security-groups/${group.id}`)).error).toBe(
    'SecurityGroupInUse',
  );
  expect(await as('alice').delete(policy)).toMatchObject({ status: 409, error: 'RbacPolicyInUse' });
  const elsewhere = { rbac_policy: { target_tenant: 'carol' } };
  expect((await as('alice').put(policy, elsewhere)).error).toBe('RbacPolicyInUse');
  await as('alice').share('security_group', group.id, 'carol');
  await bob.delete(`ports/${port.id}`);
  expect((await as('alice').delete(policy)).status).toBe(204);
  expect((await bob.get(`security-groups/${group.id}`)).status).toBe(404);
  // Bob's rule goes with the group that it refers to.
  expect((await as('alice').delete(`security-groups/${group.id}`)).status).toBe(204);
  expect((await bob.get(`security-group-rules/${remote.id}`)).status).toBe(404);
});

test('rules of an operator in a project’s group are that project’s to see and delete', async () => {
  const group = await as('alice').make('security_group');
  const rule = await as('admin').make('security_group_rule', ingress(group.id));
  expect(rule.project_id).toBe('admin');
  expect((await as('alice').get(`security-group-rules/${rule.id}`)).status).toBe(200);
  expect((await as('alice').delete(`security-group-rules/${rule.id}`)).status).toBe(204);
  const inOtherName = ingress(group.id, { project_id: 'bob' });
  expect((await as('alice').post('security_group_rule', inOtherName)).status).toBe(403);
});

test('the default group is not its project’s to delete, nor anybody else’s to make', async () => {
  const [group] = (await as('dave').get('security-groups')).body.security_groups;
  const removal = await as('dave').delete(`security-groups/${group.id}`);
  expect([removal.status, removal.error]).toEqual([409, 'SecurityGroupCannotRemoveDefault']);
  const before = heddle.topology.revision;
  const theirs = await as('dave').get('security-groups?project_id=erin');
  expect(theirs.body.security_groups).toEqual([]);
  expect(heddle.topology.countOfProject('security_group', 'erin')).toBe(0);
  expect(heddle.topology.revision).toBe(before);
  await as('admin').get('security-groups?project_id=erin');
  expect(heddle.topology.countOfProject('security_group', 'erin')).toBe(1);
});

test('ports that pretend to be the network’s own are for its owner only', async () => {
  const network = await as('admin').make('network', { shared: true });
  const port = { network_id: network.id, device_owner: 'network:dhcp' };
  const refused = await as('bob').post('port', port);
  expect([refused.status, refused.error]).toEqual([403, 'PolicyNotAuthorized']);
  const plain = await as('bob').make('port', { ...port, device_owner: 'compute:nova' });
  expect(plain.security_groups).toHaveLength(1);
  const change = { port: { device_owner: 'network:dhcp' } };
  expect((await as('bob').put(`ports/${plain.id}`, change)).status).toBe(403);
  const own = await as('bob').make('network');
  expect(await as('bob').make('port', { ...port, network_id: own.id })).toMatchObject({
    port_security_enabled: false,
    security_groups: [],
  });
});

test('an address group is its project’s own, shared as a group is', async () => {
  const { id } = await as('alice').make('address_group', { addresses: ['10.0.0.0/8'] });
  const bob = as('bob');
  const group = await bob.make('security_group');
  const rule = ingress(group.id, { remote_address_group_id: id });
  const addresses = { addresses: ['192.0.2.1'] };
  expect((await bob.get(`address-groups/${id}`)).error).toBe('AddressGroupNotFound');
  expect((await bob.put(`address-groups/${id}/add_addresses`, addresses)).status).toBe(404);
  expect((await bob.post('security_group_rule', rule)).error).toBe('AddressGroupNotFound');
  const policy = await as('alice').share('address_group', id, 'bob');
  expect((await bob.get(`address-groups/${id}`)).body.address_group.shared).toBe(true);
  expect((await bob.put(`address-groups/${id}/add_addresses`, addresses)).status).toBe(403);
  const made = await bob.make('security_group_rule', rule);
  expect((await as('alice').delete(policy)).error).toBe('RbacPolicyInUse');
  expect((await as('alice').delete(`address-groups/${id}`)).error).toBe('AddressGroupInUse');
  await bob.delete(`security-group-rules/${made.id}`);
  expect((await as('alice').delete(policy)).status).toBe(204);
});

test('a group can be shared, and in no other way', async () => {
  const { id } = await as('alice').make('security_group');
  const policy = (more: object) => ({
    object_type: 'security_group',
    object_id: id,
    action: 'access_as_shared',
    target_tenant: 'bob',
    ...more,
  });
  const refusal = async (more: object) => {
    const answer = await heddle.call(
      'POST',
      '/v2.0/rbac-policies',
      { rbac_policy: policy(more) },
      { 'x-user': 'alice' },
    );
    return [answer.status, answer.body.NeutronError.message];
  };
  expect(await refusal({ action: 'access_as_external' })).toEqual([
    400,
    "Invalid action 'access_as_external' for object type 'security_group'. " +
      "Valid actions: ('access_as_shared',)",
  ]);
  expect(await refusal({ object_type: 'foo' })).toEqual([
    400,
    "Invalid input for operation: 'foo' is not a valid RBAC object type.",
  ]);
});

test('templates of rules are read by all and changed by operators', async () => {
  const path = 'default-security-group-rules';
  const [template] = (await as('bob').get(path)).body.default_security_group_rules;
  expect((await as('bob').get(`${path}/${template.id}`)).status).toBe(200);
  expect((await as('bob').delete(`${path}/${template.id}`)).status).toBe(403);
  const rule = { direction: 'ingress', protocol: 'gre' };
  expect((await as('bob').post('default_security_group_rule', rule)).status).toBe(403);
});

test('quotas count groups, and rules wherever they come from', async () => {
  const quota = (limits: object) => as('admin').put('quotas/frank', { quota: limits });
  expect((await as('frank').get('quotas/frank')).body.quota).toMatchObject({
    security_group: 10,
    security_group_rule: 100,
    address_group: -1,
  });
  await quota({ security_group: 2, security_group_rule: 3 });
  // The default group has four rules: it is not made, and a list is what there is.
  const refused = await as('frank').post('network', {});
  expect(refused.body.NeutronError.message).toBe(
    "Quota exceeded for resources: ['security_group_rule'].",
  );
  expect((await as('frank').get('security-groups')).body.security_groups).toEqual([]);
  await quota({ security_group_rule: 7 });
  const group = await as('frank').make('security_group');
  expect((await as('frank').post('security_group', {})).body.NeutronError.message).toBe(
    "Quota exceeded for resources: ['security_group'].",
  );
  await as('frank').make('security_group_rule', ingress(group.id));
  expect(
    await as('frank').post('security_group_rule', ingress(group.id, { protocol: 6 })),
  ).toMatchObject({ status: 409, error: 'OverQuota' });
  const { body } = await as('frank').get('quotas/frank/details.json');
  expect(body.quota.security_group_rule).toEqual({ limit: 7, used: 7, reserved: 0 });
});
