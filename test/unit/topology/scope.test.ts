/**
 * Goal: the units that a change touches are few: they grow with the change, not with what exists.
 * Method: a network of 1,000 plugged ports on three hosts; the pairs of single changes are counted.
 * That they are enough is shown by test/sequence/compiler.
 */
import { beforeEach, expect, test } from 'vitest';
import { makeWorld } from '../../../bench/world.ts';
import { networkLog } from '../../../lab/records.ts';
import { defined } from '../../../src/lib/assert.ts';
import {
  type AnyRecord,
  type RecordKey,
  type Scope,
  type Topology,
  touchedUnits,
} from '../../../src/topology/index.ts';

let topology: Topology;

beforeEach(() => {
  topology = makeWorld({ hosts: 3, ports: 1_000, onFirst: 400 });
});

function change(puts: Record<RecordKey, AnyRecord>, deletes: RecordKey[] = []): Scope {
  return touchedUnits(topology, {
    revision: topology.revision + 1,
    at: '2026-01-01T00:00:00Z',
    puts: Object.entries(puts).map(([key, value]) => ({ key: key as RecordKey, value })),
    deletes,
  });
}

function pairs(scope: Scope): string[] {
  return [...scope.entries()]
    .flatMap(([host, keys]) => [...keys].map((key) => `${host} ${key}`))
    .sort();
}

const template = () => defined(topology.get('port', 'port-0'), 'port-0');
const binding = (host_id: string) => ({
  port_id: 'new',
  host_id,
  ofport: 5_000,
  interface_name: 'tap',
});

test('a port that is not plugged in touches nothing, when it comes and when it goes', () => {
  const port = { ...template(), id: 'new', mac_address: 'fa:16:3e:ff:ff:ff', fixed_ips: [] };
  expect(pairs(change({ 'port/new': port }))).toEqual([]);
  expect(pairs(change({}, ['port/new']))).toEqual([]);
});

test('a port plugged into a host that carries its network touches one unit on each other host', () => {
  change({ 'port/new': { ...template(), id: 'new', mac_address: 'fa:16:3e:ff:ff:ff' } });
  const expected = [
    'host-0 local-port/new',
    'host-0 network/bench-net',
    'host-1 remote-port/new',
    'host-2 remote-port/new',
  ];
  expect(pairs(change({ 'binding/new': binding('host-0') }))).toEqual(expected);
  expect(pairs(change({}, ['binding/new']))).toEqual(expected);
});

test('a new name of a port, or its status, touches nothing', () => {
  const status = { port_id: 'port-0', host_id: 'host-0', active: true, revision: 1 };
  expect(pairs(change({ 'port/port-0': { ...template(), name: 'other' } }))).toEqual([]);
  expect(pairs(change({ 'status/port-0': status }))).toEqual([]);
});

test('the first port of a network on a host brings that host everything, and the others one peer', () => {
  change({
    'host/host-9': { ...defined(topology.get('host', 'host-0'), 'host-0'), id: 'host-9' },
    'port/new': { ...template(), id: 'new' },
  });
  const touched = change({ 'binding/new': binding('host-9') });
  expect(touched.unitsOf('host-9').size).toBe(1_000 + 1 + 1 + 3);
  expect([...touched.unitsOf('host-0')].sort()).toEqual([
    'network/bench-net',
    'peer/host-9',
    'remote-port/new',
  ]);
});

test('a log touches the ports that it looks at, and a port that nobody logs is not touched', () => {
  const log = networkLog('l', { target_id: 'port-0' });
  expect(pairs(change({ 'log/l': log }))).toEqual(['host-0 port-log/port-0']);
  expect(pairs(change({ 'log/l': { ...log, enabled: false } }))).toEqual([
    'host-0 port-log/port-0',
  ]);
  const renamed = { ...template(), name: 'renamed' };
  expect(pairs(change({ 'port/port-0': renamed }))).toEqual([]);
});
