/**
 * Goal: what would be too much for a host is refused with the figures, to the port; and what is not
 * is let through, however often it is asked.
 * Method: a few hosts and networks with small limits, written record by record.
 */
import { describe, expect, test } from 'vitest';
import {
  addressGroup,
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import {
  DEFAULT_HOST_LIMITS,
  type HostLimits,
  LimitCheck,
  lookupsOf,
  Overlay,
  overrunError,
  splitKey,
  type Topology,
} from '../../../src/topology/index.ts';

/** What is wrong with the first write that is too much; undefined when all fit. */
function refusal(topology: Topology, limits: Partial<HostLimits>, ...rows: readonly Row[]) {
  const then = new Overlay(topology, 'commit');
  for (const [key, value] of rows) {
    const { kind, id } = splitKey(key);
    then.put(kind, id, value as never);
  }
  const check = new LimitCheck(topology, then, { ...DEFAULT_HOST_LIMITS, ...limits });
  for (const [key, after] of rows) {
    const { kind, id } = splitKey(key);
    const overrun = check.add({ kind, id, before: topology.get(kind, id), after });
    if (overrun !== undefined) return overrunError(overrun).message;
  }
  return undefined;
}

const HOST: Row = ['host/h', host('h', '198.18.0.1', { hostname: 'rack-1' })];
const NETWORK: Row = ['network/n', network('n', 7)];

function portRow(number: number, more: object = {}): Row {
  const octet = number.toString(16).padStart(4, '0').replace(/..$/, ':$&');
  const at = { network: 'n', mac: `02:00:00:00:${octet}`, ips: [`10.0.0.${number}`] };
  return [`port/p${number}`, port(`p${number}`, at, more)];
}

function bindingRow(number: number): Row {
  return [`binding/p${number}`, binding(`p${number}`, 'h', number)];
}

function ports(count: number, more: object = {}): Row[] {
  return Array.from({ length: count }, (_, index) => portRow(index + 1, more));
}

describe('a host takes so many ports of a network', () => {
  const limits = { lookups: lookupsOf(3) };
  const full = [1, 2, 3].map(bindingRow);

  test('whether they are plugged in', () => {
    const topology = topologyOf([HOST, NETWORK, ...ports(4), ...full]);
    expect(refusal(topology, limits, bindingRow(4))).toBe(
      `Host h would need ${lookupsOf(4)} lookups for one broadcast packet, and takes ` +
        `${lookupsOf(3)}; nothing was changed. Use other hosts for ports of this network, or ` +
        'another network.',
    );
    expect(refusal(topology, limits, bindingRow(3))).toBeUndefined();
  });

  test.each(['h', 'rack-1'])('or meant for it, as %s', (name) => {
    const meant = { 'binding:host_id': name };
    const topology = topologyOf([HOST, NETWORK, ...ports(3, meant), bindingRow(1)]);
    expect(refusal(topology, limits, portRow(4, meant))).toContain('lookups');
    expect(refusal(topology, limits, bindingRow(2), bindingRow(3))).toBeUndefined();
    expect(refusal(topology, limits, portRow(4))).toBeUndefined();
  });

  test('or come in one commit, or are set up', () => {
    const meant = { 'binding:host_id': 'h' };
    expect(refusal(topologyOf([HOST, NETWORK]), limits, ...ports(3, meant))).toBeUndefined();
    expect(refusal(topologyOf([HOST, NETWORK]), limits, ...ports(4, meant))).toContain('lookups');
    const down = portRow(4, { admin_state_up: false });
    const topology = topologyOf([HOST, NETWORK, ...ports(3), down, ...full, bindingRow(4)]);
    expect(refusal(topology, limits, portRow(4))).toContain('lookups');
    expect(refusal(topology, limits, portRow(3, { name: 'other' }))).toBeUndefined();
  });
});

describe('a host takes so many flows', () => {
  const web: Row = ['security_group/web', securityGroup('web', 1)];
  const others: Row = ['security_group/others', securityGroup('others', 2)];
  const inWeb = { security_groups: ['web'] };
  const world = topologyOf([HOST, NETWORK, web, others, portRow(1, inWeb), bindingRow(1)]);
  const { flows } = world.hostLoads.of('h');
  const rule: Row = [
    'security_group_rule/r',
    securityGroupRule('r', 'web', { remote_group_id: 'others' }),
  ];

  test.each<[string, Row[]]>([
    ['of another port', [portRow(2), bindingRow(2)]],
    ['of a port that is meant for it', [portRow(2, { 'binding:host_id': 'h' })]],
    ['of a rule', [rule]],
    ['of more addresses of a port', [portRow(1, { ...inWeb, fixed_ips: many(20) })]],
    ['of a group that a rule of it names', [rule, ...members(30)]],
    [
      'of addresses that a rule of it names',
      [
        ['address_group/a', addressGroup('a', ['10.1.0.0/16', '10.2.0.0/16'])],
        ['security_group_rule/r', securityGroupRule('r', 'web', { remote_address_group_id: 'a' })],
      ],
    ],
  ])('%s among them', (_, rows) => {
    expect(refusal(world, { flows }, ...rows)).toContain(`takes ${flows}; nothing was changed`);
    expect(refusal(world, { flows: flows + 200 }, ...rows)).toBeUndefined();
  });

  test('and each of them counts, however many come together', () => {
    const limits = { flows: flows + 30 };
    expect(refusal(world, limits, rule, ...members(10))).toBeUndefined();
    expect(refusal(world, limits, rule, ...members(30))).toContain('flows');
  });

  test('and what costs nothing is taken by a host that has too much', () => {
    const renamed = portRow(1, { ...inWeb, name: 'other' });
    expect(refusal(world, { flows: 1 }, renamed, bindingRow(1))).toBeUndefined();
  });

  function many(count: number) {
    return Array.from({ length: count }, (_, index) => ({
      subnet_id: 's',
      ip_address: `10.0.1.${index}`,
    }));
  }

  function members(count: number): Row[] {
    return Array.from({ length: count }, (_, index) =>
      portRow(100 + index, { security_groups: ['others'] }),
    );
  }
});

test('a host takes so many remotes that rules of one direction name', () => {
  const rules = (count: number): Row[] =>
    Array.from({ length: count }, (_, index) => [
      `security_group_rule/r${index}`,
      securityGroupRule(`r${index}`, 'web', { remote_ip_prefix: `10.${index}.0.0/16` }),
    ]);
  const web: Row = ['security_group/web', securityGroup('web', 1)];
  const world = topologyOf([
    HOST,
    NETWORK,
    web,
    portRow(1, { security_groups: ['web'] }),
    bindingRow(1),
  ]);
  expect(refusal(world, { clauses: 5 }, ...rules(5))).toBeUndefined();
  expect(refusal(world, { clauses: 5 }, ...rules(6))).toBe(
    'Host h would need 6 remotes that rules of one direction name, and takes 5; nothing was ' +
      'changed. Use other hosts, fewer security groups, or address groups in place of many ' +
      'prefixes.',
  );
  const fresh = topologyOf([
    HOST,
    NETWORK,
    web,
    ...rules(6),
    portRow(1, { security_groups: ['web'] }),
  ]);
  expect(refusal(fresh, { clauses: 5 }, bindingRow(1))).toContain('takes 5');
});
