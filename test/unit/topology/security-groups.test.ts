/**
 * Goal: groups, rules, templates and address groups become the records that Neutron would make of
 * them, and what it refuses is refused in its words. The expectations were taken from Neutron 21.
 * Method: bodies through the readers and rules that serve requests, on a small topology.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ADDRESS_GROUP_ATTRIBUTES,
  checkAddressGroupDelete,
  checkGroupDelete,
  checkGroupsOfPort,
  checkRulesTogether,
  claimConflict,
  claimsOf,
  DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES,
  defaultGroup,
  defaultGroupOf,
  firstRules,
  freshAddressGroup,
  freshGroup,
  freshRule,
  freshTemplate,
  IntentError,
  normalizedCidr,
  pickGroupNumber,
  readCreate,
  readUpdate,
  referencesOf,
  ruleClaim,
  SECURITY_GROUP_ATTRIBUTES,
  SECURITY_GROUP_RULE_ATTRIBUTES,
  type SecurityGroup,
  type SecurityGroupRule,
  updatedGroup,
  withAddresses,
  withoutAddresses,
} from '../../../src/topology/index.ts';
import { AT, LATER, refusal, uuid, World } from './world.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

const readRule = (body: object) =>
  readCreate(SECURITY_GROUP_RULE_ATTRIBUTES, {
    security_group_id: 'g',
    direction: 'ingress',
    ...body,
  });
const rule = (body: object) => freshRule(readRule(body), world.birth());

function group(body: object = {}): SecurityGroup {
  const made = freshGroup(readCreate(SECURITY_GROUP_ATTRIBUTES, body), world.birth(), 1);
  return world.save('security_group', made.id, made);
}

function saveRule(body: object): SecurityGroupRule {
  const made = rule(body);
  return world.save('security_group_rule', made.id, made);
}

describe('a rule', () => {
  test('is anything of IPv4 when it says no more', () => {
    expect(rule({})).toEqual({
      id: expect.any(String),
      project_id: 'tenant',
      security_group_id: 'g',
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: null,
      port_range_min: null,
      port_range_max: null,
      remote_ip_prefix: null,
      remote_group_id: null,
      remote_address_group_id: null,
      description: '',
      tags: [],
      revision_number: 1,
      created_at: AT,
      updated_at: AT,
    });
  });

  test.each([
    [{ protocol: 'TCP' }, { protocol: 'tcp' }],
    [{ protocol: 17 }, { protocol: '17' }],
    [{ protocol: 1 }, { protocol: '1' }],
    [
      { protocol: 'icmp', ethertype: 'ipv6' },
      { protocol: 'ipv6-icmp', ethertype: 'IPv6' },
    ],
    [{ protocol: 'icmpv6', ethertype: 'IPv6' }, { protocol: 'ipv6-icmp' }],
    [{ protocol: '1', ethertype: 'IPv6' }, { protocol: '58' }],
    [
      { port_range_min: 1, port_range_max: 65_535 },
      { port_range_min: null, port_range_max: null },
    ],
    [
      { protocol: 'tcp', port_range_min: '22', port_range_max: '23' },
      { port_range_min: 22, port_range_max: 23 },
    ],
    [
      { protocol: 'icmp', port_range_min: 8 },
      { port_range_min: 8, port_range_max: null },
    ],
    [{ protocol: 'icmp', port_range_min: 0, port_range_max: 0 }, { port_range_min: 0 }],
    [{ remote_ip_prefix: '10.0.0.5/24' }, { remote_ip_prefix: '10.0.0.5/24' }],
    [{ remote_ip_prefix: '10.0.0.5' }, { remote_ip_prefix: '10.0.0.5/32' }],
    [{ remote_ip_prefix: '10.0.0.0/255.255.0.0' }, { remote_ip_prefix: '10.0.0.0/16' }],
    [{ remote_ip_prefix: '10.0.0.0/0.0.0.255' }, { remote_ip_prefix: '10.0.0.0/24' }],
    [{ remote_ip_prefix: '10/8' }, { remote_ip_prefix: '10.0.0.0/8' }],
    [{ remote_ip_prefix: 'FE80::1/64', ethertype: 'IPv6' }, { remote_ip_prefix: 'fe80::1/64' }],
    [{ remote_ip_prefix: '' }, { remote_ip_prefix: null }],
    [{ remote_group_id: '' }, { remote_group_id: null }],
  ])('of %j becomes %j', (body, expected) => {
    expect(rule(body)).toMatchObject(expected);
  });

  const protocolList = expect.stringContaining("Only protocol values [None, 'ah', 'dccp', ");
  const ofIcmp = (min: number | null, max: number | null) => ({
    protocol: 'icmp',
    port_range_min: min,
    port_range_max: max,
  });
  const ofTcp = (min: number | null, max: number | null) => ({
    ...ofIcmp(min, max),
    protocol: 'tcp',
  });

  test.each([
    [{ protocol: 'foo' }, 'SecurityGroupRuleInvalidProtocol', protocolList],
    [{ protocol: 256 }, 'SecurityGroupRuleInvalidProtocol', protocolList],
    [{ protocol: '' }, 'SecurityGroupRuleInvalidProtocol', protocolList],
    [{ protocol: {} }, 'SecurityGroupRuleInvalidProtocol', protocolList],
    [{ protocol: '__proto__' }, 'SecurityGroupRuleInvalidProtocol', protocolList],
    [
      { ethertype: 'IPv5' },
      'SecurityGroupRuleInvalidEtherType',
      "Security group rule for ethertype 'IPv5' not supported. " +
        "Allowed values are ['IPv4', 'IPv6'].",
    ],
    [ofTcp(-1, 4), 'SecurityGroupInvalidPortValue', 'Invalid value for port -1'],
    [ofTcp(1, 65_536), 'SecurityGroupInvalidPortValue', 'Invalid value for port 65536'],
    [ofTcp(0, 4), 'SecurityGroupInvalidPortValue', 'Invalid value for port 0'],
    [
      ofTcp(80, 79),
      'SecurityGroupInvalidPortRange',
      'For TCP/UDP protocols, port_range_min must be <= port_range_max',
    ],
    [ofTcp(null, 6), 'SecurityGroupInvalidPortRange', expect.any(String)],
    [
      { port_range_min: 1 },
      'SecurityGroupProtocolRequiredWithPorts',
      'Must also specify protocol if port range is given.',
    ],
    [
      { protocol: 'gre', port_range_min: 5 },
      'SecurityGroupInvalidProtocolForPort',
      'Ports cannot be specified for protocol 47. ' +
        'Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE.',
    ],
    [
      ofIcmp(300, 1),
      'SecurityGroupInvalidIcmpValue',
      'Invalid value for ICMP type (port_range_min) 300. It must be 0 to 255.',
    ],
    [
      ofIcmp(1, 256),
      'SecurityGroupInvalidIcmpValue',
      'Invalid value for ICMP code (port_range_max) 256. It must be 0 to 255.',
    ],
    [
      ofIcmp(null, 6),
      'SecurityGroupMissingIcmpType',
      'ICMP code (port-range-max) 6 is provided but ICMP type (port-range-min) is missing.',
    ],
    [
      { protocol: 'ipv6-icmp' },
      'SecurityGroupEthertypeConflictWithProtocol',
      'Invalid ethertype IPv4 for protocol ipv6-icmp.',
    ],
    [{ protocol: '44' }, 'SecurityGroupEthertypeConflictWithProtocol', expect.any(String)],
    [
      { remote_ip_prefix: '10.0.0.5/24', ethertype: 'IPv6' },
      'SecurityGroupRuleParameterConflict',
      'Conflicting value ethertype IPv6 for CIDR 10.0.0.5/24',
    ],
    [{ remote_ip_prefix: 'fe80::/64' }, 'SecurityGroupRuleParameterConflict', expect.any(String)],
    [{ remote_ip_prefix: 'x' }, 'InvalidCIDR', 'Invalid CIDR x given as IP prefix.'],
    [{ remote_ip_prefix: '1.2.3.4/33' }, 'InvalidCIDR', expect.any(String)],
    [{ remote_ip_prefix: '192.168.1./24' }, 'InvalidCIDR', expect.any(String)],
    [{ remote_ip_prefix: '10.0.0.0/255.0.255.0' }, 'InvalidCIDR', expect.any(String)],
    [{ remote_ip_prefix: 5 }, 'InvalidCIDR', expect.any(String)],
    [
      { remote_ip_prefix: '10.0.0.0/8', remote_group_id: 'g' },
      'SecurityGroupMultipleRemoteEntites',
      'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
    ],
    [
      { remote_group_id: 'g', remote_address_group_id: 'g' },
      'SecurityGroupMultipleRemoteEntites',
      expect.any(String),
    ],
    [{ direction: 'up' }, 'HTTPBadRequest', expect.any(String)],
    [{ remote_group_id: 'x'.repeat(37) }, 'HTTPBadRequest', expect.any(String)],
  ])('of %j is refused: %s', (body, type, message) => {
    expect(refusal(() => rule(body))).toEqual([type, 400, message]);
  });

  test('never breaks anything, whatever its values are', () => {
    const name = fc.constantFrom(
      ...Object.keys(SECURITY_GROUP_RULE_ATTRIBUTES),
      'protocol',
      'remote_ip_prefix',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('IPv6', 'icmp', 6, 0, 255, 65_535, '::/0', '10.0.0.0/8', '/', '//', '1/2/3'),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value), (body) => {
        try {
          rule(body);
        } catch (error) {
          expect(error).toBeInstanceOf(IntentError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('rules are the same', () => {
  const isSame = (one: object, other: object) => ruleClaim(rule(one)) === ruleClaim(rule(other));

  test.each([
    [{ protocol: 'tcp' }, { protocol: 6 }, true],
    [{ protocol: 'icmpv6', ethertype: 'IPv6' }, { protocol: 58, ethertype: 'ipv6' }, true],
    [{ remote_ip_prefix: '0.0.0.0/0' }, {}, true],
    [{ remote_ip_prefix: '::/0', ethertype: 'IPv6' }, { ethertype: 'IPv6' }, true],
    [{ description: 'one' }, { description: 'another' }, true],
    [{ ethertype: 'IPv6' }, {}, false],
    [{ direction: 'egress' }, {}, false],
    [{ remote_ip_prefix: '10.0.0.5/24' }, { remote_ip_prefix: '10.0.0.0/24' }, false],
    [{ remote_group_id: 'a' }, { remote_address_group_id: 'a' }, false],
    [{ security_group_id: 'a' }, {}, false],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(isSame(one, other)).toBe(expected);
  });

  test('and then their claim belongs to one of them, which the refusal names', () => {
    expect(claimsOf('security_group_rule', rule({}))).toEqual([ruleClaim(rule({}))]);
    expect(claimConflict(ruleClaim(rule({})), 'r-1').message).toBe(
      'Security group rule already exists. Rule id is r-1.',
    );
    expect(claimConflict('template/other/ingress', 'r-1').message).toBe(
      'Default Security Group rule already exists. Rule id is r-1.',
    );
  });

  test('so that one request says them once, in one group and for one project', () => {
    const together = (...bodies: object[]) =>
      refusal(() => checkRulesTogether(bodies.map(readRule), 'tenant'));
    expect(together({ protocol: 'tcp' }, { protocol: 6 })).toEqual([
      'DuplicateSecurityGroupRuleInPost',
      409,
      'Duplicate Security Group Rule in POST.',
    ]);
    expect(together({}, { security_group_id: 'h' }).slice(0, 2)).toEqual([
      'SecurityGroupNotSingleGroupRules',
      400,
    ]);
    expect(together({}, { protocol: 'tcp', project_id: 'other' }).slice(0, 2)).toEqual([
      'SecurityGroupRulesNotSingleTenant',
      400,
    ]);
    expect(together({ protocol: 'tcp' }, { protocol: 'foo' })[0]).toBe(
      'SecurityGroupRuleInvalidProtocol',
    );
    checkRulesTogether([readRule({ project_id: 'tenant' }), readRule({ protocol: 6 })], 'tenant');
  });
});

test('a remote prefix is shown without host bits, too', () => {
  expect(normalizedCidr(rule({ remote_ip_prefix: '10.0.0.5/24' }))).toBe('10.0.0.0/24');
  expect(normalizedCidr(rule({}))).toBeNull();
});

describe('a group', () => {
  test('may be called anything but default', () => {
    for (const name of ['default', 'Default', 'DEFAULT']) {
      expect(refusal(() => group({ name }))).toEqual([
        'SecurityGroupDefaultAlreadyExists',
        409,
        'Default security group already exists.',
      ]);
    }
    expect(group({ name: 'defaults' }).name).toBe('defaults');
  });

  test('of ports does not turn stateless, and does not go', () => {
    const used = group();
    world.port(world.network(), { security_groups: [used.id] });
    const update = (body: object) => () =>
      updatedGroup(world.topology, used, readUpdate(SECURITY_GROUP_ATTRIBUTES, body), LATER);
    const inUse = ['SecurityGroupInUse', 409, `Security Group ${used.id} in use.`];
    expect(refusal(update({ stateful: false }))).toEqual(inUse);
    expect(update({ stateful: true, name: 'x' })()).toMatchObject({
      name: 'x',
      revision_number: 2,
      updated_at: LATER,
    });
    expect(refusal(() => checkGroupDelete(world.topology, used, true))).toEqual(inUse);
    checkGroupDelete(world.topology, group(), false);
  });

  test('of a project that has no other keeps its name, and goes for operators only', () => {
    const own = defaultGroup('tenant', world.birth(), 1);
    world.save('security_group', own.id, own);
    expect(own).toMatchObject({ name: 'default', description: 'Default security group' });
    expect(defaultGroupOf(world.topology, 'tenant')).toBe(own);
    expect(defaultGroupOf(world.topology, 'other')).toBeUndefined();
    expect(claimsOf('security_group', own)).toEqual(['sg-number/1', 'default-sg/tenant']);
    expect(claimsOf('security_group', group())).toEqual(['sg-number/1']);
    expect(refusal(() => updatedGroup(world.topology, own, { name: 'x' }, LATER))).toEqual([
      'SecurityGroupCannotUpdateDefault',
      409,
      'Updating default security group not allowed.',
    ]);
    expect(refusal(() => checkGroupDelete(world.topology, own, false))).toEqual([
      'SecurityGroupCannotRemoveDefault',
      409,
      'Insufficient rights for removing default security group.',
    ]);
    checkGroupDelete(world.topology, own, true);
  });
});

test('the number of a new group is none that a group has or is about to get', () => {
  world.save('security_group', 'old', { ...group(), id: 'old', number: 5 });
  const drawn = [4, 6, 7];
  const random = { integer: () => drawn.shift() ?? 0, uuid: () => '' };
  const reservations = { has: (claim: string) => claim === 'sg-number/7' };
  expect(pickGroupNumber({ topology: world.topology, reservations, random })).toBe(8);
  const stuck = { integer: () => 4, uuid: () => '' };
  expect(
    refusal(() => pickGroupNumber({ topology: world.topology, reservations, random: stuck }))[0],
  ).toBe('NoSecurityGroupNumber');
});

describe('a new group begins with', () => {
  const shown = (of: SecurityGroup) =>
    firstRules(world.topology, of, () => world.birth()).map((first) => [
      first.direction,
      first.ethertype,
      first.remote_group_id,
    ]);
  const save = (body: object) => {
    const attributes = { direction: 'egress', ...body };
    const given = readCreate(DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES, attributes);
    const made = freshTemplate(given, world.birth());
    world.save('default_security_group_rule', made.id, made);
  };

  test('a way out for everything, and a default group with its members too', () => {
    const own = defaultGroup('tenant', world.birth(), 1);
    expect(shown(group())).toEqual([
      ['egress', 'IPv4', null],
      ['egress', 'IPv6', null],
    ]);
    expect(shown(own)).toEqual([
      ['egress', 'IPv4', null],
      ['egress', 'IPv6', null],
      ['ingress', 'IPv4', own.id],
      ['ingress', 'IPv6', own.id],
    ]);
  });

  test('the templates of its sort, once these are written down', () => {
    const kind = 'default_security_group_rule';
    world.save('seed', kind, { id: kind, at: AT });
    expect(shown(group())).toEqual([]);
    save({ direction: 'ingress', remote_group_id: 'PARENT' });
    save({ used_in_default_sg: true, used_in_non_default_sg: false });
    save({ remote_group_id: uuid(77) });
    save({ remote_address_group_id: uuid(78) });
    const made = group();
    expect(shown(made)).toEqual([['ingress', 'IPv4', made.id]]);
    const own = defaultGroup('tenant', world.birth(), 1);
    expect(shown(own)).toEqual([['egress', 'IPv4', null]]);
    world.save('security_group', uuid(77), { ...made, id: uuid(77) });
    expect(shown(made)).toContainEqual(['egress', 'IPv4', uuid(77)]);
  });
});

describe('the groups of a port', () => {
  test('are the default group when nobody says, unless the port is not secured', () => {
    const network = world.network();
    expect(world.port(network).security_groups).toEqual([]);
    const own = defaultGroup('tenant', world.birth(), 1);
    world.save('security_group', own.id, own);
    expect(world.port(network).security_groups).toEqual([own.id]);
    for (const body of [
      { security_groups: [] },
      { security_groups: null },
      { port_security_enabled: false },
      { project_id: 'other' },
      { device_owner: 'network:dhcp' },
    ]) {
      expect(world.port(network, body).security_groups).toEqual([]);
    }
    const port = world.port(network, { device_owner: 'network:x', port_security_enabled: true });
    expect(port.port_security_enabled).toBe(false);
    const open = world.network({ port_security_enabled: false });
    expect(world.port(open).security_groups).toEqual([]);
    expect(world.port(open, { port_security_enabled: true }).security_groups).toEqual([own.id]);
  });

  test('hold the groups, each named once', () => {
    const [one, two] = [group(), group()];
    const port = world.port(world.network(), { security_groups: [one.id, two.id] });
    expect(referencesOf('port', port).slice(-2)).toEqual([
      `security_group/${one.id}`,
      `security_group/${two.id}`,
    ]);
    const twice = { security_groups: [one.id, two.id, one.id] };
    expect(refusal(() => world.port(world.network(), twice))).toEqual([
      'HTTPBadRequest',
      400,
      `Invalid input for security_groups. Reason: Duplicate items in the list: '${one.id}'.`,
    ]);
  });

  test('must be there, usable, and all stateful or none', () => {
    const [one, two] = [group(), group({ stateful: false })];
    const check = (ids: string[], isUsable = () => true) =>
      checkGroupsOfPort(world.topology, ids, isUsable);
    expect(refusal(() => check([uuid(901), one.id, uuid(902)]))).toEqual([
      'SecurityGroupNotFound',
      404,
      `Security group ${uuid(901)}, ${uuid(902)} does not exist`,
    ]);
    expect(refusal(() => check([one.id], () => false))[0]).toBe('SecurityGroupNotFound');
    expect(refusal(() => check([one.id, two.id]))).toEqual([
      'SecurityGroupConflict',
      409,
      'Error Cannot apply both stateful and stateless security groups on the same port at the ' +
        'same time while attempting the operation.',
    ]);
    check([one.id, group().id]);
    check([]);
  });
});

describe('an address group', () => {
  const fresh = (body: object) =>
    freshAddressGroup(readCreate(ADDRESS_GROUP_ATTRIBUTES, body), world.birth());

  test('holds each network once, without host bits', () => {
    expect(fresh({}).addresses).toEqual([]);
    expect(fresh({ addresses: null }).addresses).toEqual([]);
    const addresses = ['10.0.0.5/24', '10.0.0.6/24', '2001:DB8::1/64'];
    expect(fresh({ addresses }).addresses).toEqual(['10.0.0.0/24', '2001:db8::/64']);
  });

  test.each([
    [['x'], "'x' is not a valid IP subnet"],
    [[5], "'5' is not a valid IP subnet"],
    [['10.0.0.1'], "'10.0.0.1' isn't a recognized IP subnet cidr, '10.0.0.1/32' is recommended"],
    [['10.0.0.0/8', '10.0.0.0/8'], "Duplicate items in the list: '10.0.0.0/8'"],
    ['x', "'x' is not a list"],
  ])('of %j is refused', (addresses, reason) => {
    const message = `Invalid input for addresses. Reason: ${reason}.`;
    expect(refusal(() => fresh({ addresses }))).toEqual(['HTTPBadRequest', 400, message]);
  });

  test('is given addresses and loses them', () => {
    const before = fresh({ addresses: ['10.0.0.0/24'] });
    const more = withAddresses(before, { addresses: ['10.1.1.1', '10.2.0.5/16'] }, LATER);
    expect(more).toMatchObject({
      addresses: ['10.0.0.0/24', '10.1.1.1/32', '10.2.0.0/16'],
      revision_number: 2,
      updated_at: LATER,
    });
    const less = withoutAddresses(more, { addresses: ['10.0.0.77/24'] }, LATER);
    expect(less.addresses).toEqual(['10.1.1.1/32', '10.2.0.0/16']);
    expect(refusal(() => withAddresses(more, { addresses: ['10.0.0.9/24'] }, LATER))).toEqual([
      'AddressesAlreadyExist',
      400,
      `Addresses ['10.0.0.0/24'] already exist in the address group ${more.id}.`,
    ]);
    expect(refusal(() => withoutAddresses(less, { addresses: ['9.9.9.9'] }, LATER))).toEqual([
      'AddressesNotFound',
      404,
      `Addresses ['9.9.9.9/32'] not found in the address group ${more.id}.`,
    ]);
    expect(refusal(() => withAddresses(more, { addresses: ['x'] }, LATER))).toEqual([
      'AddrFormatError',
      400,
      'invalid IPNetwork x',
    ]);
    for (const body of [undefined, null, {}, [], { addresses: 'x' }, { addresses: { 0: 'x' } }]) {
      expect(refusal(() => withAddresses(more, body, LATER))[0]).toBe('HTTPBadRequest');
    }
  });

  test('has its bounds', () => {
    const block = (second: number) =>
      Array.from({ length: 256 }, (_, last) => `10.${second}.0.${last}/32`);
    let full = fresh({ addresses: block(0) });
    for (const second of [1, 2, 3]) full = withAddresses(full, { addresses: block(second) }, AT);
    expect(full.addresses).toHaveLength(1024);
    expect(refusal(() => withAddresses(full, { addresses: ['9.9.9.9'] }, AT))[0]).toBe(
      'HTTPBadRequest',
    );
  });

  test('that rules refer to stays, and is held by them', () => {
    const used = fresh({});
    world.save('address_group', used.id, used);
    checkAddressGroupDelete(world.topology, used.id);
    const user = saveRule({ remote_address_group_id: used.id });
    expect(referencesOf('security_group_rule', user)).toEqual([`address_group/${used.id}`]);
    expect(refusal(() => checkAddressGroupDelete(world.topology, used.id))).toEqual([
      'AddressGroupInUse',
      409,
      `Address group ${used.id} is in use on one or more security group rules.`,
    ]);
  });
});
