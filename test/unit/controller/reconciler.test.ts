/**
 * Goal: hosts are told the state that a snapshot brings, whatever was compiled before it.
 * Method: a topology that is loaded twice, and a fleet that keeps what it is handed.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { type Row, tablesOf } from '../../../lab/topology.ts';
import { compileHost } from '../../../src/compiler/index.ts';
import type { Adoption, FleetControl } from '../../../src/controller/fleet-control.ts';
import { Reconciler } from '../../../src/controller/reconciler.ts';
import { Topology } from '../../../src/topology/index.ts';

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
