/**
 * From POST to ACTIVE on a host that has 0, 100 and 1,000 other ports, beside what the switch
 * itself needs: a bare program that plugs the same interface, waits for its ofport and pushes the
 * same number of flows as one bundle.
 */

import { until } from '../lab/exec.ts';
import type { Ovs } from '../lab/ovs.ts';
import type { Rest } from '../lab/rest.ts';
import { compileUnit } from '../src/compiler/index.ts';
import { nullLogger } from '../src/lib/log.ts';
import { systemClock, systemRandom } from '../src/lib/system.ts';
import type { Channel } from '../src/openflow/index.ts';
import {
  dialOvsdb,
  namedUuid,
  OPEN_VSWITCH,
  type OvsdbClient,
  vswitch,
} from '../src/ovsdb/index.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { createNetwork } from './rest.ts';
import { bareChannel, ControllerProcess, startSwitch } from './rig.ts';
import { makeWorld } from './world.ts';

const OTHERS = [0, 100, 1_000] as const;
const SAMPLES = 40;

export const port: Bench = {
  name: 'port',
  async run(note) {
    const controller = await ControllerProcess.start();
    const managed = await startSwitch('bench-managed');
    const bare = await startSwitch('bench-bare');
    const { channel, end } = await bareChannel(bare);
    await managed.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.1');
    await managed.vsctl('set-manager', controller.manager);
    await managed.bridgeReady('br-int');
    await waitRealized(controller.rest);
    const network = await createNetwork(controller.rest);
    const [ours, floor] = [await plugger(managed), await plugger(bare)];

    const figures: Figure[] = [];
    let others = 0;
    for (const wanted of OTHERS) {
      note(`${wanted} other ports, ${SAMPLES} samples`);
      await addPorts(controller.rest, ours, { network, count: wanted - others });
      await addFloorPorts(floor, wanted - others);
      others = wanted;
      const samples: Sample[] = [];
      for (let round = 0; round < SAMPLES; round++) {
        samples.push({
          ...(await measurePort(controller.rest, ours, network)),
          floorMs: await measureFloor(channel, floor, round),
        });
      }
      others += SAMPLES;
      figures.push(...summarise(wanted, samples));
    }
    ours.client.close('done');
    floor.client.close('done');
    await end();
    await controller.stop();
    await managed.stop();
    await bare.stop();
    return figures;
  },
};

interface Sample {
  readonly postMs: number;
  /** From the interface's transaction to ACTIVE. */
  readonly activeMs: number;
  readonly floorMs: number;
}

function summarise(others: number, samples: readonly Sample[]): Figure[] {
  const at = (pick: (sample: Sample) => number, share: number): number =>
    quantile(samples.map(pick), share);
  const with_ = `with ${others} other ports`;
  const extra = at((s) => s.activeMs, 0.5) - at((s) => s.floorMs, 0.5);
  return [
    { name: `POST, ${with_}, p50`, value: at((s) => s.postMs, 0.5), unit: 'ms' },
    { name: `plugged → ACTIVE, ${with_}, p50`, value: at((s) => s.activeMs, 0.5), unit: 'ms' },
    { name: `plugged → ACTIVE, ${with_}, p95`, value: at((s) => s.activeMs, 0.95), unit: 'ms' },
    {
      name: `POST + plugged → ACTIVE, ${with_}, p50`,
      value: at((s) => s.postMs + s.activeMs, 0.5),
      unit: 'ms',
    },
    {
      name: `POST + plugged → ACTIVE, ${with_}, p95`,
      value: at((s) => s.postMs + s.activeMs, 0.95),
      unit: 'ms',
    },
    { name: `the switch itself, ${with_}, p50`, value: at((s) => s.floorMs, 0.5), unit: 'ms' },
    { name: `more than the switch itself, ${with_}`, value: extra, unit: 'ms', goal: 'at most 5' },
  ];
}

interface Plugger {
  readonly client: OvsdbClient;
  /** Plugs interfaces by name and iface-id; resolves when each has an ofport. */
  plug(interfaces: readonly { name: string; ifaceId: string }[]): Promise<number[]>;
}

async function plugger(ovs: Ovs): Promise<Plugger> {
  const client = await dialOvsdb({
    target: `unix:${ovs.ovsdbSocket}`,
    clock: systemClock,
    log: nullLogger,
  });
  const replica = await client.monitor(OPEN_VSWITCH, {
    Interface: { columns: ['name', 'ofport'] },
  });
  const waiting = new Map<string, (ofport: number) => void>();
  replica.onUpdate(() => {
    for (const row of replica.rows('Interface').values()) {
      if (row.ofport === undefined || row.ofport < 1) continue;
      waiting.get(row.name)?.(row.ofport);
      waiting.delete(row.name);
    }
  });
  return {
    client,
    async plug(interfaces) {
      const ofports = interfaces.map(
        ({ name }) => new Promise<number>((resolve) => waiting.set(name, resolve)),
      );
      await client.transact(OPEN_VSWITCH, plugOperations(interfaces));
      return Promise.all(ofports);
    },
  };
}

function plugOperations(interfaces: readonly { name: string; ifaceId: string }[]) {
  const inserts = interfaces.flatMap(({ name, ifaceId }, index) => [
    vswitch.insert(
      'Interface',
      { name, type: 'internal', external_ids: new Map([['iface-id', ifaceId]]) },
      { uuidName: `i${index}` },
    ),
    vswitch.insert(
      'Port',
      { name, interfaces: [namedUuid(`i${index}`)] },
      { uuidName: `p${index}` },
    ),
  ]);
  const ports = interfaces.map((_, index) => namedUuid(`p${index}`));
  const insert = [['ports', 'insert', ports]] as const;
  return [
    ...inserts,
    vswitch.mutate('Bridge', [['name', '==', 'br-int']], insert),
    vswitch.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]]),
  ];
}

async function addPorts(
  api: Rest,
  host: Plugger,
  { network, count }: { network: string; count: number },
): Promise<void> {
  for (let done = 0; done < count; done += 100) {
    const size = Math.min(100, count - done);
    const bodies = Array.from({ length: size }, () => ({ network_id: network }));
    const { ports } = await api.post<{ ports: { id: string }[] }>('/v2.0/ports', { ports: bodies });
    await host.plug(ports.map(({ id }) => ({ name: deviceOf(id), ifaceId: id })));
    for (const { id } of ports) await waitActive(api, id);
  }
}

/** The bare switch has as many interfaces: with them grows what it needs for one more. */
async function addFloorPorts(host: Plugger, count: number): Promise<void> {
  if (count <= 0) return;
  const names = Array.from({ length: count }, floorName);
  await host.plug(names.map((name) => ({ name, ifaceId: name })));
}

function floorName(): string {
  return `f${systemRandom.integer(2 ** 32).toString(36)}`;
}

async function measurePort(
  api: Rest,
  host: Plugger,
  network: string,
): Promise<Pick<Sample, 'postMs' | 'activeMs'>> {
  const start = performance.now();
  const { port: created } = await api.post<{ port: { id: string } }>('/v2.0/ports', {
    port: { network_id: network },
  });
  const posted = performance.now();
  await host.plug([{ name: deviceOf(created.id), ifaceId: created.id }]);
  await waitActive(api, created.id);
  return { postMs: posted - start, activeMs: performance.now() - posted };
}

/** The same work without a controller: plug, learn the ofport, push the flows of one local port. */
async function measureFloor(channel: Channel, host: Plugger, round: number): Promise<number> {
  const unit = compileUnit(FLOOR_WORLD, 'host-0', `local-port/port-${round}`);
  const start = performance.now();
  const name = floorName();
  await host.plug([{ name, ifaceId: name }]);
  await channel.bundle((unit?.flows ?? []).map(({ message }) => message));
  return performance.now() - start;
}

const FLOOR_WORLD = makeWorld({ hosts: 1, ports: SAMPLES, onFirst: SAMPLES });

async function waitActive(api: Rest, id: string): Promise<void> {
  for (;;) {
    const { port: seen } = await api.get<{ port: { status: string } }>(`/v2.0/ports/${id}`);
    if (seen.status === 'ACTIVE') return;
  }
}

async function waitRealized(api: Rest): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const { hosts } = await api.get<{ hosts: { state: string }[] }>('/v1/hosts');
    return hosts.length === 1 && hosts[0]?.state === 'ready';
  };
  await until(ready, 'the sandbox host to be ready', 30_000);
}

function deviceOf(portId: string): string {
  return `tap${portId.slice(0, 11)}`;
}
