/**
 * Goal: what ports are promised is on the way out that the operator named, as long as it is named,
 * and what somebody else has put there stays.
 * Method: a real ovsdb-server and ovs-vswitchd; the rows as `ovs-vsctl` shows them.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import {
  Classifier,
  type CompiledUnit,
  encodeUnit,
  PortSecurityEth,
  PRIORITY,
} from '../../../src/pipeline/index.ts';
import {
  configOf,
  hostReady,
  join,
  resetHost,
  type StartedFleet,
  startFleet,
  unitMap,
} from '../../support/fleet-host.ts';
import { startSandbox } from '../../support/sandbox.ts';

const UPLINK = 'eth0';

let ovs: Ovs;
let started: StartedFleet;

beforeAll(async () => {
  ovs = await startSandbox('host-a');
});

beforeEach(async () => {
  started = await startFleet();
  await ovs.vsctl('add-br', 'br-phys', '--', 'add-port', 'br-phys', UPLINK);
  await join(ovs, started.fleet);
});

afterEach(async () => {
  await started.fleet.stop();
  await ovs.vsctl('del-br', 'br-phys');
  await ovs.vsctl('--all', 'destroy', 'QoS', '--', '--all', 'destroy', 'Queue');
  await resetHost(ovs);
});

afterAll(() => ovs.stop());

/** A port that is promised what it sends. */
function promisedPort(ofport: number, kbps: number): CompiledUnit {
  const flow = Classifier.flow(PRIORITY.normal).match({ in_port: ofport }).queue(ofport);
  const flows = [flow.goto(PortSecurityEth)];
  const queues = [{ queueId: ofport, kbps }];
  return encodeUnit(`local-port/${ofport}`, ['local-port', `${ofport}`], { flows, queues });
}

async function name(kbps = 4000): Promise<void> {
  const ids = ['heddle-egress-iface=true', `heddle-egress-kbps=${kbps}`];
  await ovs.vsctl('set', 'Interface', UPLINK, ...ids.map((id) => `external_ids:${id}`));
}

async function adopt(...units: CompiledUnit[]): Promise<void> {
  const adoption = { epoch: 1, revision: 1, units: unitMap(units), config: configOf('host-a') };
  started.fleet.adopt('host-a', adoption);
  await hostReady(started.fleet, 'host-a');
}

type Pairs<K> = readonly ['map', readonly (readonly [K, string])[]];

interface Shown {
  readonly ports: { readonly name: string; readonly qos: unknown }[];
  readonly qos: { readonly _uuid: unknown; readonly queues: [string, [number, unknown][]] }[];
  readonly queues: { readonly _uuid: unknown; readonly other_config: Pairs<string> }[];
}

/** The rows of one moment. */
async function shown(): Promise<Shown> {
  const select = (table: string, ...columns: string[]) => ({
    op: 'select',
    table,
    where: [],
    columns,
  });
  const selects = [
    select('Port', 'name', 'qos'),
    select('QoS', '_uuid', 'queues'),
    select('Queue', '_uuid', 'other_config'),
  ];
  const request = JSON.stringify(['Open_vSwitch', ...selects]);
  const text = await exec(['ovsdb-client', 'transact', `unix:${ovs.ovsdbSocket}`, request]);
  const [ports, qos, queues] = JSON.parse(text).map(({ rows }: { rows: unknown }) => rows);
  return { ports, qos, queues };
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Least and most kilobits a second, by queue, of what the port has; nothing without a QoS. */
async function queues(): Promise<Record<string, string>> {
  const rows = await shown();
  const held = rows.ports.find(({ name }) => name === UPLINK)?.qos;
  const ids = rows.qos.find(({ _uuid }) => same(_uuid, held))?.queues[1] ?? [];
  return Object.fromEntries(
    ids.map(([id, uuid]) => {
      const row = rows.queues.find(({ _uuid }) => same(_uuid, uuid));
      const rates = Object.fromEntries(row?.other_config[1] ?? []);
      const [least, most] = ['min-rate', 'max-rate'].map((key) => Number(rates[key]) / 1000);
      return [String(id), `${least}-${most}`];
    }),
  );
}

const become = (wanted: Record<string, string>) =>
  until(async () => same(await queues(), wanted), `the queues to be ${JSON.stringify(wanted)}`);

async function rowCounts(): Promise<number[]> {
  const { qos, queues: all } = await shown();
  return [qos.length, all.length];
}

test('promises are queues, and follow what they are of', async () => {
  await name();
  await adopt(promisedPort(3, 3000));
  await become({ '0': '1000-4000', '3': '3000-4000' });
  const delta = unitMap([promisedPort(3, 2000), promisedPort(4, 500)]);
  started.fleet.update('host-a', 2, delta);
  await become({ '0': '1500-4000', '3': '2000-4000', '4': '500-4000' });
  await name(8000);
  await become({ '0': '5500-8000', '3': '2000-8000', '4': '500-8000' });
  started.fleet.update('host-a', 3, new Map([['local-port/3', undefined]]));
  await become({ '0': '7500-8000', '4': '500-8000' });
  expect(await rowCounts()).toEqual([1, 2]);
  started.fleet.update('host-a', 4, new Map([['local-port/4', undefined]]));
  await become({});
  expect(await rowCounts()).toEqual([0, 0]);
});

test('all of it goes when the way out is named no more, and is told', async () => {
  await name();
  await adopt(promisedPort(3, 3000));
  await become({ '0': '1000-4000', '3': '3000-4000' });
  expect(started.record.facts.at(-1)?.egressQueues).toBe(true);
  await ovs.vsctl('remove', 'Interface', UPLINK, 'external_ids', 'heddle-egress-iface');
  await become({});
  expect(await rowCounts()).toEqual([0, 0]);
  await until(
    () => started.record.facts.at(-1)?.egressQueues === false,
    'the host to have no way out',
  );
});

test('somebody else’s QoS is left alone, which is said', async () => {
  await name();
  await ovs.vsctl(
    ...`set Port ${UPLINK} qos=@q -- --id=@q create QoS type=linux-htb queues:1=@r`.split(' '),
    ...'-- --id=@r create Queue other_config:min-rate=5000 other_config:max-rate=6000'.split(' '),
  );
  await adopt(promisedPort(3, 3000));
  expect(await queues()).toEqual({ '1': '5-6' });
  expect(started.record.facts.at(-1)?.egressQueues).toBe(false);
  const status = started.fleet.status('host-a');
  expect(status?.lastError).toContain(`the port ${UPLINK} has a QoS of somebody else`);
  expect(status?.errors).toBe(1);
  // It makes room: ours comes.
  await ovs.vsctl('clear', 'Port', UPLINK, 'qos');
  await become({ '0': '1000-4000', '3': '3000-4000' });
  expect(await rowCounts()).toEqual([2, 3]);
});

test('a controller that comes back to the rows as it left them writes none', async () => {
  await name();
  await adopt(promisedPort(3, 3000));
  await become({ '0': '1000-4000', '3': '3000-4000' });
  await started.fleet.stop();
  started = await startFleet({ ports: started.fleet.ports });
  await adopt(promisedPort(3, 3000));
  expect(started.fleet.status('host-a')?.rowsWritten).toBe(0);
});
