/**
 * Goal: hosts are told the state that a snapshot brings, whatever was compiled before it; many are
 * told some in a turn, each of one state, and none is said to have what it was not told.
 * Method: a topology of many hosts, changed between turns, and a fleet that keeps what it is handed.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { type Row, tablesOf } from '../../../lab/topology.ts';
import { compileHost } from '../../../src/compiler/index.ts';
import type { Adoption, FleetControl } from '../../../src/controller/fleet-control.ts';
import { Reconciler } from '../../../src/controller/reconciler.ts';
import { type Change, type RecordKey, Topology } from '../../../src/topology/index.ts';

/** One network on these hosts, a port on each. */
function rowsOf(...hostIds: readonly string[]): Row[] {
  const rows: Row[] = [['network/n', network('n', 7)]];
  for (const [at, id] of hostIds.entries()) {
    const mac = `02:00:00:00:00:0${at + 1}`;
    rows.push([`host/${id}`, host(id, `198.18.0.${id.charCodeAt(0)}`)]);
    rows.push([`port/${id}`, port(id, { network: 'n', mac, ips: [] })]);
    rows.push([`binding/${id}`, binding(id, id, 1)]);
  }
  return rows;
}

test('a snapshot of the same revision with other hosts leaves nothing of the first', () => {
  const topology = new Topology();
  const handed: Adoption[] = [];
  const fleet = {
    adopt: (_, adoption) => void handed.push(adoption),
    advance: () => {},
  } as Partial<FleetControl> as FleetControl;
  const reconciler = new Reconciler(topology, fleet, () => {});
  const own = host('a', '198.18.0.97');

  topology.load(1, tablesOf(rowsOf('a', 'b', 'c')));
  reconciler.adopt(own, 1n);
  topology.load(1, tablesOf(rowsOf('a', 'd')));
  reconciler.reset();

  const groups = (units: Adoption['units']) => units.get('network/n')?.groups;
  expect(groups(handed[1]?.units ?? new Map())).toEqual(groups(compileHost(topology, 'a')));
  expect(groups(handed[0]?.units ?? new Map())).not.toEqual(groups(compileHost(topology, 'a')));
});

/** A controller of hosts h0 … h139, which share a network, and what each was told. */
function manyHosts() {
  const hostIds = Array.from({ length: 140 }, (_, at) => `h${at}`);
  const rows: Row[] = [['network/n', network('n', 7)]];
  for (const [at, id] of hostIds.entries())
    rows.push([`host/${id}`, host(id, `198.18.0.${at + 1}`)]);
  for (const [at, id] of hostIds.entries()) rows.push(...portOn(`of-${id}`, id, at));
  const topology = new Topology();
  topology.load(1, tablesOf(rows));
  const told: { hostId: string; revision: number; keys: string[] }[] = [];
  const advances: number[] = [];
  const fleet = {
    adopt: () => {},
    units: () => undefined,
    update: (hostId, revision, delta) =>
      void told.push({ hostId, revision, keys: [...delta.keys()] }),
    advance: (revision) => void advances.push(revision),
  } as Partial<FleetControl> as FleetControl;
  const reconciler = new Reconciler(topology, fleet, () => {});
  for (const id of hostIds) reconciler.adopt(host(id, ''), 1n);
  return { reconciler, told, advances };
}

function portOn(id: string, hostId: string, at: number): [Row, Row] {
  const mac = `02:00:00:00:00:${at.toString(16).padStart(2, '0')}`;
  return [
    [`port/${id}`, port(id, { network: 'n', mac, ips: [] })],
    [`binding/${id}`, binding(id, hostId, 100 + at)],
  ];
}

const comes = (revision: number, rows: readonly Row[]): Change => ({
  revision,
  at: '2026-01-01T00:00:00Z',
  puts: rows.map(([key, value]) => ({ key: key as RecordKey, value }) as never),
  deletes: [],
});

test('hosts are told some in a turn, where the port is first, and count when all were', () => {
  const { reconciler, told, advances } = manyHosts();
  reconciler.change(comes(2, portOn('new', 'h139', 200)));
  expect(reconciler.isDone).toBe(false);
  expect([reconciler.handOn(), told.length, advances]).toEqual([false, 64, []]);
  expect(told[0]?.hostId).toBe('h139');
  expect([reconciler.handOn(), told.length, advances]).toEqual([false, 128, []]);
  expect([reconciler.handOn(), told.length, advances]).toEqual([true, 140, [2]]);
  expect(new Set(told.map(({ hostId }) => hostId)).size).toBe(140);
  expect(reconciler.isDone).toBe(true);
});

test('what comes meanwhile and touches nobody counts as well', () => {
  const { reconciler, advances } = manyHosts();
  reconciler.change(comes(2, portOn('new', 'h139', 200)));
  reconciler.handOn();
  reconciler.change(comes(3, []));
  while (!reconciler.handOn());
  expect(advances).toEqual([3]);
  expect(reconciler.isDone).toBe(true);
});

test('a change that comes meanwhile is told with what a host was not told yet', () => {
  const { reconciler, told, advances } = manyHosts();
  reconciler.change(comes(2, portOn('new', 'h139', 200)));
  reconciler.handOn();
  reconciler.change(comes(3, portOn('newer', 'h138', 201)));
  while (!reconciler.handOn());
  expect(advances).toEqual([2]);
  const unitsOf = (host: string) => told.filter(({ hostId }) => hostId === host);
  const both = unitsOf('h99');
  expect(both).toHaveLength(1);
  expect(both[0]).toMatchObject({
    revision: 3,
    keys: expect.arrayContaining(['remote-port/new', 'remote-port/newer']),
  });
  expect(unitsOf('h139')).toHaveLength(1);
  expect(reconciler.isDone).toBe(false);
  while (!reconciler.handOn());
  expect(advances).toEqual([2, 3]);
  expect(unitsOf('h139').map(({ revision }) => revision)).toEqual([2, 3]);
  expect(unitsOf('h99')).toHaveLength(1);
  expect(reconciler.isDone).toBe(true);
});
