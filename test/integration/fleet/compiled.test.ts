/**
 * Goal: what the compiler really yields goes in through the fleet, and reads back as it was sent:
 * an audit that saw a difference where there is none would repair every host for ever.
 * Method: random walks over topologies, each change handed on as the controller does; a real switch.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ovs } from '../../../lab/ovs.ts';
import { binding, host as hostRecord, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { Reconciler } from '../../../src/controller/reconciler.ts';
import { driftTotal } from '../../../src/fleet/types.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import { hostReady, join, resetHost, startFleet } from '../../support/fleet-host.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { changeBetween, randomStates } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';

const HOST = 'host-1';
const STEPS = 25;

let ovs: Ovs;

beforeAll(async () => {
  ovs = await startSandbox(HOST);
});

afterAll(() => ovs.stop());

test.each([1, 2, 3])('a walk through topologies ends without drift (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const states = randomStates(random, STEPS).filter((state) => state.has(`host/${HOST}`));
  const [first, ...rest] = states;
  if (first === undefined) throw new Error(`seed ${seed} never has ${HOST}`);
  const started = await startFleet();
  try {
    await join(ovs, started.fleet);
    const topology = topologyOf(first);
    const reconciler = new Reconciler(topology, started.fleet, () => {});
    const host = topology.get('host', HOST);
    if (host === undefined) throw new Error(`${HOST} is in the first state`);
    reconciler.adopt(host, 1n);
    await hostReady(started.fleet, HOST);
    let before = first;
    for (const [index, state] of rest.entries()) {
      reconciler.change(changeBetween(before, state, index + 2));
      if (random.chance(0.7)) reconciler.handOn();
      before = state;
      if (random.chance(0.5)) await hostReady(started.fleet, HOST);
    }
    reconciler.handOn();
    const status = await hostReady(started.fleet, HOST);
    expect(status).toMatchObject({ errors: 0, realizedRevision: topology.revision });
    const report = await started.fleet.auditNow(HOST);
    expect(driftTotal(report)).toBe(0);
    const { flowModsSent } = status;
    expect(flowModsSent).toBeGreaterThan(50);
    reconciler.adopt(topology.get('host', HOST) ?? host, 2n);
    const again = await hostReady(started.fleet, HOST);
    expect(again.flowModsSent).toBe(flowModsSent);
  } finally {
    await started.fleet.stop();
    await resetHost(ovs);
  }
});

/** A network with a port on this host, and one on each of so many others. */
function carriedBy(others: number): Map<RecordKey, AnyRecord> {
  const state = new Map<RecordKey, AnyRecord>([['network/net', network('net', 101)]]);
  const hostIds = [HOST, ...Array.from({ length: others }, (_, index) => `other-${index}`)];
  for (const [index, id] of hostIds.entries()) {
    const mac = `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`;
    const at = { network: 'net', mac, ips: [`10.0.0.${index + 1}`] };
    state.set(`host/${id}`, hostRecord(id, `198.18.0.${index + 1}`));
    state.set(`port/${id}`, port(id, at));
    state.set(`binding/${id}`, binding(id, id, 3));
  }
  return state;
}

test('a network that more and more hosts carry, then fewer, ends without drift', async () => {
  const started = await startFleet();
  try {
    await join(ovs, started.fleet);
    const topology = topologyOf(carriedBy(0));
    const reconciler = new Reconciler(topology, started.fleet, () => {});
    reconciler.adopt(topology.get('host', HOST) as never, 1n);
    await hostReady(started.fleet, HOST);
    const sizes = [1, 2, 15, 16, 17, 18, 40, 63, 64, 65, 80, 64, 33, 16, 1, 0];
    for (const [index, size] of sizes.entries()) {
      const before = carriedBy(sizes[index - 1] ?? 0);
      reconciler.change(changeBetween(before, carriedBy(size), index + 2));
      reconciler.handOn();
      expect(await hostReady(started.fleet, HOST)).toMatchObject({ errors: 0 });
      expect(driftTotal(await started.fleet.auditNow(HOST))).toBe(0);
      const groups = await ovs.ofctl('dump-groups', 'br-int');
      expect(groups.match(/tun_dst/g) ?? []).toHaveLength(size);
    }
  } finally {
    await started.fleet.stop();
    await resetHost(ovs);
  }
});
