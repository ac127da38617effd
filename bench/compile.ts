/** How fast records become flows: whole hosts from scratch, and one port added to a full host. */
import { compileHost, compileUnit, UnitCache } from '../src/compiler/index.ts';
import type { Bench, Figure } from './report.ts';
import { rate } from './report.ts';
import { makeWorld } from './world.ts';

export const compile: Bench = {
  name: 'compile',
  async run() {
    const topology = makeWorld({ hosts: 3, ports: 1_000, onFirst: 300 });
    const units = [...compileHost(topology, 'host-0').values()];
    const flows = units.reduce((sum, unit) => sum + unit.flows.length, 0);
    const fromScratch = rate(() => compileHost(topology, 'host-0')) * flows;

    const cache = new UnitCache();
    compileHost(topology, 'host-1', cache.compile);
    const shared = rate(() => compileHost(topology, 'host-2', cache.compile));
    const onePort = rate(() => compileUnit(topology, 'host-0', 'local-port/port-7'));
    const localFlows = compileUnit(topology, 'host-0', 'local-port/port-7')?.flows.length ?? 0;
    return [
      { name: 'flows of a host with 300 local, 700 remote ports', value: flows, unit: 'flows' },
      { name: 'compile and encode from scratch', value: fromScratch, unit: 'flows/s' },
      { name: 'a second host, shared units encoded once', value: shared, unit: 'hosts/s' },
      { name: 'one local port', value: onePort, unit: 'units/s' },
      { name: 'flows of one local port (IPv4 and IPv6)', value: localFlows, unit: 'flows' },
    ] satisfies Figure[];
  },
};
