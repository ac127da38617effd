/**
 * Goal: the work for a change grows with what it touches, not with what exists.
 * Method: the size of the scope of single changes in a world with many ports. That the scope is
 * wide enough is the matter of test/sequence/compiler.
 */
import { expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
  status,
} from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, UnitCache } from '../../../src/compiler/index.ts';
import {
  type AnyRecord,
  type RecordKey,
  touchedUnits,
  type UnitKey,
} from '../../../src/topology/index.ts';
import { changeBetween, type State } from '../../support/world.ts';

const PORTS = 500;
const HOSTS = 5;

/** Network net with 500 ports on four of five hosts. */
function world(): Map<RecordKey, AnyRecord> {
  const state = new Map<RecordKey, AnyRecord>([['network/net', network('net', 101)]]);
  for (let h = 1; h <= HOSTS; h++) state.set(`host/h${h}`, host(`h${h}`, `198.18.0.${h}`));
  for (let p = 0; p < PORTS; p++) {
    state.set(`port/p${p}`, portNumber(p));
    state.set(`binding/p${p}`, binding(`p${p}`, `h${1 + (p % (HOSTS - 1))}`, 1 + p));
  }
  return state;
}

function portNumber(p: number) {
  const mac = `02:00:00:00:${(p >> 8).toString(16).padStart(2, '0')}:${(p & 255).toString(16).padStart(2, '0')}`;
  return port(`p${p}`, { network: 'net', mac, ips: [`10.0.${p >> 8}.${p & 255}`] });
}

/** What `edit` touches, as `host unit`. */
function touched(edit: (state: Map<RecordKey, AnyRecord>) => void): string[] {
  const before: State = world();
  const after = new Map(before);
  edit(after);
  const scope = touchedUnits(topologyOf(before), changeBetween(before, after, 2));
  return [...scope.entries()]
    .flatMap(([id, keys]) => [...keys].map((key) => `${id} ${key}`))
    .sort();
}

test('plugging a port in where its network is touches that port and its network on that host', () => {
  expect(
    touched((state) => {
      state.set('port/new', { ...portNumber(900), id: 'new' });
      state.set('binding/new', binding('new', 'h2', 900));
    }),
  ).toEqual([
    'h1 remote-port/new',
    'h2 local-port/new',
    'h2 network/net',
    'h3 remote-port/new',
    'h4 remote-port/new',
  ]);
});

test('a port that nobody has plugged in touches nothing', () => {
  expect(touched((state) => state.set('port/new', { ...portNumber(900), id: 'new' }))).toEqual([]);
});

test('names, subnets and statuses touch nothing', () => {
  expect(
    touched((state) => {
      state.set('network/net', { ...network('net', 101), name: 'other' });
      state.set('port/p7', { ...portNumber(7), name: 'other', revision_number: 9 });
      state.set('status/p7', status('p7', 'h4', true));
    }),
  ).toEqual([]);
});

test('the MTU of a network touches what hosts hold of the network, and none of its ports', () => {
  const other = { ...network('net', 101), mtu: 1400 };
  expect(touched((state) => state.set('network/net', other))).toEqual(
    [1, 2, 3, 4].map((host) => `h${host} network/net`),
  );
});

test('the first name of a network touches the network, where it is; others touch nothing', () => {
  const named = (p: number) => ({ ...portNumber(p), dns_name: `vm-${p}` });
  expect(touched((state) => void state.set('port/p7', named(7)))).toEqual([
    'h1 network/net',
    'h2 network/net',
    'h3 network/net',
    'h4 network/net',
  ]);
  const before = new Map([...world(), ['port/p7', named(7)] as const]);
  const scopeOf = (after: State) =>
    touchedUnits(topologyOf(before), changeBetween(before, after, 2)).size;
  expect(scopeOf(new Map([...before, ['port/p8', named(8)]]))).toBe(0);
  expect(scopeOf(new Map([...before, ['port/p7', { ...named(7), dns_name: 'other' }]]))).toBe(0);
  expect(scopeOf(new Map([...before, ['port/p7', portNumber(7)]]))).toBe(4);
});

test('what only the own host checks touches only the own host', () => {
  expect(
    touched((state) => state.set('port/p7', { ...portNumber(7), port_security_enabled: false })),
  ).toEqual(['h4 local-port/p7']);
});

test('the first port of a network on a host touches all that the host must now know', () => {
  const all = touched((state) => state.set('binding/p7', binding('p7', 'h5', 3)));
  expect(all.filter((each) => each.startsWith('h5 remote-port/'))).toHaveLength(PORTS - 1);
  expect(all.filter((each) => !each.includes('-port/'))).toEqual([
    'h1 network/net',
    'h1 peer/h5',
    'h2 network/net',
    'h2 peer/h5',
    'h3 network/net',
    'h3 peer/h5',
    'h4 network/net',
    'h4 peer/h5',
    'h5 network/net',
    'h5 peer/h1',
    'h5 peer/h2',
    'h5 peer/h3',
    'h5 peer/h4',
  ]);
});

test('a unit of all hosts is one object, until a record behind it changes', () => {
  const cache = new UnitCache();
  const state = world();
  const topology = topologyOf(state);
  const unit = (hostId: string, key: UnitKey) => cache.compile(topology, hostId, key);
  const first = unit('h1', 'remote-port/p7');
  expect(first?.flows).toHaveLength(2);
  expect(unit('h2', 'remote-port/p7')).toBe(first);
  expect(unit('h2', 'peer/h1')).toBe(unit('h3', 'peer/h1'));
  expect(unit('h4', 'remote-port/p7')).toBeUndefined();
  expect(unit('h5', 'remote-port/p7')).toBeUndefined();

  const after = new Map(state).set('host/h4', host('h4', '198.18.0.44'));
  touchedUnits(topology, changeBetween(state, after, 2));
  expect(unit('h1', 'remote-port/p7')).not.toBe(first);
  expect(unit('h1', 'remote-port/p7')).toBe(unit('h3', 'remote-port/p7'));
});

test('a unit of security groups is one object where hosts have the same of it', () => {
  const state = world();
  const allow = { direction: 'ingress', ethertype: 'IPv4', remote_group_id: 'g' } as const;
  for (const group of ['g', 'other']) {
    state.set(`security_group/${group}`, securityGroup(group, group === 'g' ? 1 : 2));
    state.set(`security_group_rule/of-${group}`, securityGroupRule(`of-${group}`, group, allow));
  }
  for (const [p, groups] of [['g'], ['g'], ['g', 'other']].entries()) {
    state.set(`port/p${p}`, { ...portNumber(p), security_groups: groups });
  }
  const topology = topologyOf(state);
  const cache = new UnitCache();
  const unit = (hostId: string, key: UnitKey) => cache.compile(topology, hostId, key);
  const [rule, member] = ['security-group-rule/of-g', 'group-member/p0'] as const;
  const first = unit('h1', rule);
  expect(first?.flows).not.toHaveLength(0);
  expect(unit('h2', rule)).toBe(first);
  expect(unit('h4', rule)).toBeUndefined();
  expect(unit('h1', member)).toBe(unit('h2', member));
  expect(unit('h3', member)?.conjunctions).toHaveLength(2);
  expect(unit('h1', member)?.conjunctions).toHaveLength(1);

  const renamed = { ...securityGroup('g', 1), stateful: false };
  touchedUnits(topology, changeBetween(state, new Map(state).set('security_group/g', renamed), 2));
  expect(unit('h1', rule)).not.toBe(first);
  expect(unit('h1', rule)).toBe(unit('h2', rule));
});

test('hosts have the same flows of a network, while each copies to others', () => {
  const cache = new UnitCache();
  const topology = topologyOf(world());
  const unit = (hostId: string) => cache.compile(topology, hostId, 'network/net');
  const [one, other] = [unit('h1'), unit('h2')];
  expect(one?.flows).not.toHaveLength(0);
  expect(other?.flows).toBe(one?.flows);
  expect(other?.groups).not.toEqual(one?.groups);
  // The bucket that copies to a third host is the same one of both.
  const shared = one?.groups.flatMap(({ buckets }) => buckets) ?? [];
  const found = other?.groups.flatMap(({ buckets }) => buckets) ?? [];
  expect(found.filter((bucket) => shared.includes(bucket))).not.toHaveLength(0);
});

test('the cache forgets ports that are gone', () => {
  const cache = new UnitCache();
  const state = world();
  const topology = topologyOf(state);
  compileHost(topology, 'h1', cache.compile);
  expect(cache.size).toBe((PORTS * 3) / 4 + 3);
  const gone = [...state].filter(([key]) => !/^(port|binding)\/p\d*[1-9]$/.test(key));
  touchedUnits(topology, changeBetween(state, new Map(gone), 2));
  for (const key of state.keys()) {
    if (key.startsWith('port/')) cache.compile(topology, 'h1', `remote-port/${key.slice(5)}`);
  }
  expect(cache.size).toBeLessThan(60);
});
