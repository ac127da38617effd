/**
 * Goal: security groups, their rules, templates of rules and address groups behave over REST as
 * Neutron's do: shapes, defaults, life cycle, what goes together and what is in use.
 * Method: requests through inject() on a controller with a real Redis, a project for each test.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let project: string;
let projects = 0;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});
beforeEach(() => {
  projects += 1;
  project = `p${projects}`;
});

type Body = Record<string, unknown>;

const ABSENT = '00000000-0000-4000-8000-000000000000';
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const standard = () => ({
  id: UUID,
  project_id: project,
  tenant_id: project,
  tags: [],
  revision_number: 1,
  created_at: TIME,
  updated_at: TIME,
});

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
  heddle.call(method, `/v2.0/${path}`, body, { 'x-project-id': project });
const post = (singular: string, body: Body) =>
  call('POST', `${singular.replaceAll('_', '-')}s`, { [singular]: body });

async function make(singular: string, body: Body = {}) {
  const answer = await post(singular, body);
  expect(answer.body).toHaveProperty(singular);
  return answer.body[singular];
}

const makeGroup = (body: Body = {}) => make('security_group', body);
const makeRule = (groupId: string, body: Body = {}) =>
  make('security_group_rule', { security_group_id: groupId, direction: 'ingress', ...body });
const groupNow = async (id: string) =>
  (await call('GET', `security-groups/${id}`)).body.security_group;

async function listed(path: string): Promise<{ id: string; name: string }[]> {
  const answer = await call('GET', path);
  expect(answer.status).toBe(200);
  return Object.values(answer.body)[0] as { id: string; name: string }[];
}

const defaultGroup = async () =>
  (await call('GET', `security-groups?project_id=${project}&name=default`)).body.security_groups[0];

describe('the default group of a project', () => {
  const ruleOf = (groupId: string, direction: string, ethertype: string) =>
    expect.objectContaining({
      ...standard(),
      security_group_id: groupId,
      direction,
      ethertype,
      protocol: null,
      port_range_min: null,
      port_range_max: null,
      remote_ip_prefix: null,
      normalized_cidr: null,
      remote_group_id: direction === 'ingress' ? groupId : null,
      remote_address_group_id: null,
      description: null,
      belongs_to_default_sg: true,
    });

  test('is there when groups are listed, once, with the rules that it always had', async () => {
    const [group, ...more] = await listed(`security-groups?project_id=${project}`);
    expect(more).toEqual([]);
    expect(group).toEqual({
      ...standard(),
      name: 'default',
      description: 'Default security group',
      stateful: true,
      shared: false,
      security_group_rules: [
        ruleOf(group?.id ?? '', 'egress', 'IPv4'),
        ruleOf(group?.id ?? '', 'egress', 'IPv6'),
        ruleOf(group?.id ?? '', 'ingress', 'IPv4'),
        ruleOf(group?.id ?? '', 'ingress', 'IPv6'),
      ],
    });
    const before = heddle.topology.revision;
    expect(await listed(`security-groups?tenant_id=${project}`)).toEqual([group]);
    expect(heddle.topology.revision).toBe(before);
  });

  test.each([
    ['rules are listed', () => call('GET', `security-group-rules?project_id=${project}`)],
    ['a network is made', () => post('network', {})],
    ['a group is made', () => post('security_group', { name: 'other' })],
  ])('is there when %s', async (_, act) => {
    expect((await act()).status).toBeLessThan(300);
    expect([...heddle.topology.ofProject('security_group', project).values()]).toContainEqual(
      expect.objectContaining({ name: 'default', is_default: true }),
    );
    expect(heddle.topology.countOfProject('security_group_rule', project)).toBeGreaterThan(3);
  });

  test('is the group of ports that say nothing, of the project that gets the port', async () => {
    const network = await make('network', { project_id: 'elsewhere', shared: true });
    const port = await make('port', { network_id: network.id });
    expect(port.security_groups).toEqual([(await defaultGroup()).id]);
    const other = `${project}-other`;
    const theirs = await make('port', { network_id: network.id, project_id: other });
    const [group] = heddle.topology.members('defaultGroupOfProject', other).keys();
    expect(theirs.security_groups).toEqual([group]);
  });

  test('keeps its name, and comes again when an operator deletes it', async () => {
    const { id } = await defaultGroup();
    const rename = (name: string) =>
      call('PUT', `security-groups/${id}`, { security_group: { name } });
    expect((await rename('x')).error).toBe('SecurityGroupCannotUpdateDefault');
    expect((await rename('default')).error).toBe('SecurityGroupDefaultAlreadyExists');
    const described = { security_group: { description: 'mine' } };
    expect((await call('PUT', `security-groups/${id}`, described)).status).toBe(200);
    expect((await call('DELETE', `security-groups/${id}`)).status).toBe(204);
    expect((await defaultGroup()).id).not.toBe(id);
  });

  test('may lose its rules for good', async () => {
    const { security_group_rules: rules } = await defaultGroup();
    for (const { id } of rules) {
      expect((await call('DELETE', `security-group-rules/${id}`)).status).toBe(204);
    }
    expect((await defaultGroup()).security_group_rules).toEqual([]);
  });
});

describe('a group', () => {
  test('is created, shown, changed, tagged and deleted together with its rules', async () => {
    const group = await makeGroup({ name: 'web', description: 'd' });
    expect(group).toMatchObject({
      ...standard(),
      name: 'web',
      description: 'd',
      stateful: true,
      shared: false,
      security_group_rules: [
        { direction: 'egress', ethertype: 'IPv4', belongs_to_default_sg: false },
        { direction: 'egress', ethertype: 'IPv6' },
      ],
    });
    expect(await groupNow(group.id)).toEqual(group);
    const path = `security-groups/${group.id}`;
    const changed = await call('PUT', path, { security_group: { name: 'x', stateful: false } });
    expect(changed.body.security_group).toMatchObject({
      name: 'x',
      stateful: false,
      revision_number: 2,
    });
    await call('PUT', `${path}/tags`, { tags: ['a'] });
    expect(await listed('security-groups?tags=a')).toHaveLength(1);
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await call('GET', path)).toMatchObject({ status: 404, error: 'SecurityGroupNotFound' });
    expect(await listed(`security-group-rules?security_group_id=${group.id}`)).toEqual([]);
    expect(heddle.topology.countOfProject('security_group_rule', project)).toBe(4);
  });

  test('counts the changes of its rules', async () => {
    const { id } = await makeGroup();
    const rule = await makeRule(id);
    expect((await groupNow(id)).revision_number).toBe(2);
    const described = { security_group_rule: { description: 'new' } };
    const changed = await call('PUT', `security-group-rules/${rule.id}`, described);
    expect(changed.body.security_group_rule).toMatchObject({
      description: 'new',
      revision_number: 2,
    });
    await call('DELETE', `security-group-rules/${rule.id}`);
    expect((await groupNow(id)).revision_number).toBe(4);
  });

  test('takes the rules of other groups with it that let through what comes from it', async () => {
    const [one, two] = [await makeGroup(), await makeGroup()];
    const rule = await makeRule(one.id, { remote_group_id: two.id });
    await makeRule(two.id, { remote_group_id: two.id });
    expect((await call('DELETE', `security-groups/${two.id}`)).status).toBe(204);
    expect((await call('GET', `security-group-rules/${rule.id}`)).error).toBe(
      'SecurityGroupRuleNotFound',
    );
    expect(await groupNow(one.id)).toMatchObject({ revision_number: 3 });
    expect((await groupNow(one.id)).security_group_rules).toHaveLength(2);
  });

  test('of ports is in use, found by its ports, and free again without them', async () => {
    const network = await make('network');
    const [one, two] = [await makeGroup(), await makeGroup()];
    const port = await make('port', { network_id: network.id, security_groups: [one.id, two.id] });
    await make('port', { network_id: network.id });
    const found = await listed(`ports?security_groups=${one.id}&security_groups=${two.id}`);
    expect(found.map(({ id }) => id)).toEqual([port.id]);
    expect(await listed(`ports?security_groups=${ABSENT}`)).toEqual([]);
    const path = `security-groups/${two.id}`;
    expect(await call('DELETE', path)).toMatchObject({ status: 409, error: 'SecurityGroupInUse' });
    const stateless = { security_group: { stateful: false } };
    expect((await call('PUT', path, stateless)).error).toBe('SecurityGroupInUse');
    const changed = await call('PUT', `ports/${port.id}`, { port: { security_groups: [one.id] } });
    expect(changed.body.port.security_groups).toEqual([one.id]);
    expect((await call('PUT', path, stateless)).status).toBe(200);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', `ports/${port.id}`)).status).toBe(204);
    expect((await call('DELETE', `security-groups/${one.id}`)).status).toBe(204);
  });

  test('is made with others in one bulk, which must not be too large', async () => {
    const bulk = (count: number) =>
      call('POST', 'security-groups', { security_groups: Array(count).fill({ name: 'b' }) });
    const made = await bulk(3);
    expect(made.body.security_groups).toHaveLength(3);
    const before = heddle.topology.revision;
    expect(await bulk(1000)).toMatchObject({ status: 400, error: 'HTTPBadRequest' });
    expect(heddle.topology.revision).toBe(before);
  });

  test('is found by whether it is shared', async () => {
    const { id } = await makeGroup();
    await call('POST', 'rbac-policies', {
      rbac_policy: {
        object_type: 'security_group',
        object_id: id,
        action: 'access_as_shared',
        target_tenant: project,
      },
    });
    const ids = async (query: string) =>
      (await listed(`security-groups?project_id=${project}&${query}`)).map((group) => group.id);
    expect(await ids('shared=true')).toEqual([id]);
    expect(await ids('shared=false')).not.toContain(id);
  });
});

describe('a rule', () => {
  test('is shown as it is stored, alone and in its group', async () => {
    const group = await makeGroup();
    const rule = await makeRule(group.id, {
      protocol: 'TCP',
      port_range_min: '80',
      port_range_max: 81,
      remote_ip_prefix: '10.0.0.5/24',
      description: 'web',
    });
    expect(rule).toEqual({
      ...standard(),
      security_group_id: group.id,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 'tcp',
      port_range_min: 80,
      port_range_max: 81,
      remote_ip_prefix: '10.0.0.5/24',
      normalized_cidr: '10.0.0.0/24',
      remote_group_id: null,
      remote_address_group_id: null,
      description: 'web',
      belongs_to_default_sg: false,
    });
    const shown = await call('GET', `security-group-rules/${rule.id}`);
    expect(shown.body.security_group_rule).toEqual(rule);
    expect((await groupNow(group.id)).security_group_rules).toContainEqual(rule);
  });

  test('is there once', async () => {
    const { id } = await makeGroup();
    const rule = await makeRule(id, { protocol: 'udp' });
    const same = { security_group_id: id, direction: 'ingress', protocol: 17 };
    const answer = await post('security_group_rule', same);
    expect([answer.status, answer.body.NeutronError]).toEqual([
      409,
      {
        type: 'SecurityGroupRuleExists',
        message: `Security group rule already exists. Rule id is ${rule.id}.`,
        detail: '',
      },
    ]);
    await call('DELETE', `security-group-rules/${rule.id}`);
    expect((await post('security_group_rule', same)).status).toBe(201);
  });

  test.each([
    [{ security_group_id: ABSENT }, 404, 'SecurityGroupNotFound'],
    [{ security_group_id: 'x' }, 404, 'SecurityGroupNotFound'],
    [{ remote_group_id: 'x' }, 404, 'SecurityGroupNotFound'],
    [{ remote_group_id: ABSENT }, 404, 'SecurityGroupNotFound'],
    [{ remote_address_group_id: ABSENT }, 404, 'AddressGroupNotFound'],
    [{ protocol: 'foo' }, 400, 'SecurityGroupRuleInvalidProtocol'],
    [{ port_range_min: 1 }, 400, 'SecurityGroupProtocolRequiredWithPorts'],
    [{ normalized_cidr: '10.0.0.0/8' }, 400, 'HTTPBadRequest'],
    [{ direction: undefined }, 400, 'HTTPBadRequest'],
  ])('of %j is refused with %i %s', async (body, status, type) => {
    const { id } = await makeGroup();
    const before = heddle.topology.revision;
    const rule = { security_group_id: id, direction: 'ingress', ...body };
    const answer = await post('security_group_rule', rule);
    expect([answer.status, answer.error]).toEqual([status, type]);
    expect(heddle.topology.revision).toBe(before);
  });

  test('keeps everything but its description', async () => {
    const rule = await makeRule((await makeGroup()).id);
    const change = { security_group_rule: { protocol: 'udp' } };
    const answer = await call('PUT', `security-group-rules/${rule.id}`, change);
    expect(answer.body.NeutronError.message).toBe('Cannot update read-only attribute protocol');
  });

  test('is made with others in one commit, all of one group', async () => {
    const [one, two] = [await makeGroup(), await makeGroup()];
    const bulk = (...rules: Body[]) =>
      call('POST', 'security-group-rules', {
        security_group_rules: rules.map((rule) => ({
          security_group_id: one.id,
          direction: 'ingress',
          ...rule,
        })),
      });
    const before = heddle.topology.revision;
    expect((await bulk({ protocol: 6 }, { protocol: 'tcp' })).error).toBe(
      'DuplicateSecurityGroupRuleInPost',
    );
    expect((await bulk({}, { security_group_id: two.id })).error).toBe(
      'SecurityGroupNotSingleGroupRules',
    );
    expect((await bulk({}, { protocol: 6, project_id: 'x' })).error).toBe(
      'SecurityGroupRulesNotSingleTenant',
    );
    expect(heddle.topology.revision).toBe(before);
    const made = await bulk({ protocol: 'tcp' }, { protocol: 'udp' });
    expect([made.status, made.revision]).toEqual([201, before + 1]);
    expect((await bulk({ protocol: 'sctp' }, { protocol: 'udp' })).error).toBe(
      'SecurityGroupRuleExists',
    );
    const ports = Array.from({ length: 1000 }, (_, at) => ({
      protocol: 'tcp',
      port_range_min: at + 1,
      port_range_max: at + 1,
    }));
    expect((await bulk(...ports)).status).toBe(201);
    expect((await call('DELETE', `security-groups/${one.id}`)).status).toBe(204);
  });

  test('is found by what it says, in whatever spelling', async () => {
    const { id } = await makeGroup();
    await makeRule(id, { protocol: 'tcp', port_range_min: 80, port_range_max: 80 });
    await makeRule(id, { ethertype: 'IPv6', remote_ip_prefix: '2001:db8::5' });
    const count = async (query: string) =>
      (await listed(`security-group-rules?security_group_id=${id}&${query}`)).length;
    expect(await count('')).toBe(4);
    expect(await count('protocol=TCP')).toBe(1);
    expect(await count('port_range_min=80')).toBe(1);
    expect(await count('ethertype=ipv6&direction=ingress')).toBe(1);
    expect(await count('remote_ip_prefix=2001:DB8::5')).toBe(1);
    expect(await count('normalized_cidr=2001:db8::5/128')).toBe(1);
    expect(await count('belongs_to_default_sg=true')).toBe(0);
    const refusal = async (query: string) =>
      (await call('GET', `security-group-rules?${query}`)).error;
    expect(await refusal('protocol=foo')).toBe('SecurityGroupRuleInvalidProtocol');
    expect(await refusal('remote_ip_prefix=foo')).toBe('InvalidCIDR');
    expect(await refusal('security_group=foo')).toBe('HTTPBadRequest');
  });
});

describe('a template of rules', () => {
  const templates = 'default-security-group-rules';
  const pick = ({ direction, ethertype, remote_group_id, ...rest }: Record<string, unknown>) => [
    direction,
    ethertype,
    remote_group_id,
    rest['used_in_default_sg'],
    rest['used_in_non_default_sg'],
  ];

  test('is made, used by groups that come after it, and taken away for good', async () => {
    const first = (await listed(templates)) as unknown as Record<string, unknown>[];
    expect(first.map(pick)).toEqual([
      ['egress', 'IPv4', null, true, true],
      ['egress', 'IPv6', null, true, true],
      ['ingress', 'IPv4', 'PARENT', true, false],
      ['ingress', 'IPv6', 'PARENT', true, false],
    ]);
    const earlier = await makeGroup();
    const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: 22, direction: 'ingress' };
    const template = await make('default_security_group_rule', {
      ...ssh,
      tenant_id: project,
      remote_group_id: 'PARENT',
    });
    expect(template).toEqual({
      ...ssh,
      id: UUID,
      description: '',
      ethertype: 'IPv4',
      remote_group_id: 'PARENT',
      remote_ip_prefix: null,
      remote_address_group_id: null,
      used_in_default_sg: false,
      used_in_non_default_sg: true,
    });
    const later = await makeGroup();
    expect(later.security_group_rules).toHaveLength(3);
    expect(later.security_group_rules).toContainEqual(
      expect.objectContaining({ ...ssh, remote_group_id: later.id, project_id: project }),
    );
    expect((await groupNow(earlier.id)).security_group_rules).toHaveLength(2);
    expect((await post('default_security_group_rule', template.id)).status).toBe(400);
    const again = { ...ssh, protocol: 6, remote_group_id: 'PARENT', used_in_default_sg: true };
    expect(await post('default_security_group_rule', again)).toMatchObject({
      status: 409,
      error: 'DefaultSecurityGroupRuleExists',
    });
    for (const { id } of await listed(`${templates}?used_in_non_default_sg=true`)) {
      expect((await call('DELETE', `${templates}/${id}`)).status).toBe(204);
    }
    expect(await listed(templates)).toHaveLength(2);
    expect((await makeGroup()).security_group_rules).toEqual([]);
    for (const { id } of await listed(templates)) await call('DELETE', `${templates}/${id}`);
    expect(await listed(templates)).toEqual([]);
    project = `${project}-bare`;
    expect((await defaultGroup()).security_group_rules).toEqual([]);
    const { error } = await call('GET', `${templates}/${ABSENT}`);
    expect(error).toBe('DefaultSecurityGroupRuleNotFound');
  });

  test('is checked as a rule is, and cannot be changed', async () => {
    const bad = { direction: 'ingress', port_range_min: 1 };
    expect((await post('default_security_group_rule', bad)).error).toBe(
      'SecurityGroupProtocolRequiredWithPorts',
    );
    const { id } = await make('default_security_group_rule', {
      direction: 'egress',
      protocol: 'gre',
    });
    const change = { default_security_group_rule: { description: 'x' } };
    expect((await call('PUT', `${templates}/${id}`, change)).status).toBe(400);
    expect((await call('DELETE', `${templates}/${id}`)).status).toBe(204);
  });
});

describe('an address group', () => {
  const change = (id: string, name: string, addresses: unknown) =>
    call('PUT', `address-groups/${id}/${name}`, { addresses });

  test('is created, filled, shown, renamed and deleted', async () => {
    const group = await make('address_group', { name: 'a', addresses: ['10.0.0.5/24'] });
    expect(group).toEqual({
      ...standard(),
      name: 'a',
      description: '',
      addresses: ['10.0.0.0/24'],
      shared: false,
    });
    const path = `address-groups/${group.id}`;
    const more = await change(group.id, 'add_addresses', ['10.1.1.1', '2001:db8::/64']);
    expect([more.status, more.body.address_group]).toEqual([
      200,
      expect.objectContaining({
        addresses: ['10.0.0.0/24', '10.1.1.1/32', '2001:db8::/64'],
        revision_number: 2,
        tenant_id: project,
        shared: false,
      }),
    ]);
    expect((await change(group.id, 'add_addresses', ['10.1.1.1'])).error).toBe(
      'AddressesAlreadyExist',
    );
    const less = await change(group.id, 'remove_addresses', ['10.0.0.0/24', '10.1.1.1']);
    expect(less.body.address_group.addresses).toEqual(['2001:db8::/64']);
    expect((await change(group.id, 'remove_addresses', ['10.1.1.1'])).status).toBe(404);
    expect((await change(group.id, 'add_addresses', ['x'])).error).toBe('AddrFormatError');
    expect((await change(group.id, 'add_addresses', 'x')).status).toBe(400);
    expect((await change(ABSENT, 'add_addresses', [])).error).toBe('AddressGroupNotFound');
    const renamed = await call('PUT', path, { address_group: { name: 'b', description: 'c' } });
    expect(renamed.body.address_group).toMatchObject({ name: 'b', description: 'c' });
    const fixed = await call('PUT', path, { address_group: { addresses: [] } });
    expect(fixed.body.NeutronError.message).toBe('Cannot update read-only attribute addresses');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).error).toBe('AddressGroupNotFound');
  });

  test('stays while a rule refers to it', async () => {
    const addresses = await make('address_group', { addresses: ['10.0.0.0/24'] });
    const { id } = await makeGroup();
    const rule = await makeRule(id, { remote_address_group_id: addresses.id });
    expect(rule.remote_address_group_id).toBe(addresses.id);
    expect(await call('DELETE', `address-groups/${addresses.id}`)).toMatchObject({
      status: 409,
      error: 'AddressGroupInUse',
    });
    await call('DELETE', `security-groups/${id}`);
    expect((await call('DELETE', `address-groups/${addresses.id}`)).status).toBe(204);
  });
});

test('every extension about groups is listed, and is enforced', async () => {
  const { body } = await call('GET', 'extensions');
  const extensions = new Map(
    (body.extensions as { alias: string; description: string }[]).map((extension) => [
      extension.alias,
      extension.description,
    ]),
  );
  for (const alias of [
    'security-groups-normalized-cidr',
    'security-groups-rules-belongs-to-default-sg',
    'security-groups-shared-filtering',
    'port-security-groups-filtering',
    'rbac-security-groups',
    'rbac-address-group',
  ]) {
    expect(extensions.has(alias), alias).toBe(true);
  }
  for (const alias of [
    'address-group',
    'security-group',
    'security-groups-default-rules',
    'security-groups-remote-address-group',
    'stateful-security-group',
  ]) {
    expect(extensions.get(alias), alias).not.toContain('stored');
  }
});
