/**
 * Goal: a port that gets the number of another one inherits none of its connections: they are gone
 * before its own flows are there. Nobody else loses any.
 * Method: a real switch; frames put into its ports make connections, which it is asked for as soon
 * as it shows a flow of the new port.
 */
import { join as pathOf } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { Reconciler } from '../../../src/controller/reconciler.ts';
import { defined } from '../../../src/lib/assert.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import {
  hostReady,
  join,
  resetHost,
  type StartedFleet,
  startFleet,
} from '../../support/fleet-host.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { changeBetween, type State } from '../../support/world.ts';

const HOST = 'host-1';
const [OURS, OTHERS] = [5, 6];
const VNI = { before: 101, after: 102 };

let ovs: Ovs;
let control: ControlSocket;
let started: StartedFleet;

beforeAll(async () => {
  ovs = await startSandbox(HOST);
  control = await ControlSocket.open(pathOf(ovs.dir, 'ovs-vswitchd.ctl'));
});

beforeEach(async () => {
  started = await startFleet();
});

afterEach(async () => {
  await started.fleet.stop();
  await resetHost(ovs);
});

afterAll(async () => {
  control.close();
  await ovs.stop();
});

const EVERYBODY: readonly (readonly [RecordKey, AnyRecord])[] = [
  [`host/${HOST}`, host(HOST, '198.18.0.1')],
  ['network/blue', network('blue', VNI.before)],
  ['network/green', network('green', VNI.after)],
  ['security_group/open', securityGroup('open', 1)],
  ['security_group_rule/out', securityGroupRule('out', 'open', { direction: 'egress' })],
  ...['first', 'second', 'witness'].map((id, index): readonly [RecordKey, AnyRecord] => {
    const at = {
      network: id === 'second' ? 'green' : 'blue',
      mac: `02:00:00:00:00:0${index}`,
      ips: [`10.0.0.${index}`],
    };
    return [`port/${id}`, port(id, at, { security_groups: ['open'] })];
  }),
  ['binding/witness', binding('witness', HOST, OTHERS)],
];
const BEFORE: State = new Map([...EVERYBODY, ['binding/first', binding('first', HOST, OURS)]]);
const AFTER: State = new Map([...EVERYBODY, ['binding/second', binding('second', HOST, OURS)]]);

/** A host that has everything of a state; gives what hands on changes. */
async function serve(state: State): Promise<Reconciler> {
  await join(ovs, started.fleet);
  const topology = topologyOf(state);
  const reconciler = new Reconciler(topology, started.fleet, () => {});
  reconciler.adopt(defined(topology.get('host', HOST), HOST), 1n);
  await hostReady(started.fleet, HOST);
  return reconciler;
}

async function plug(number: number): Promise<void> {
  const name = `p${number}`;
  const settings = ['--', 'set', 'Interface', name, `ofport_request=${number}`];
  await ovs.vsctl('add-port', 'br-int', name, ...settings);
}

/** A guest sends a packet, and both ports of its network know a connection more. */
async function say(from: 'first' | 'witness', number: number): Promise<void> {
  const [own, other] = from === 'first' ? [0, 2] : [2, 0];
  const frame = frameOf({
    eth_src: 0x0200_0000_0000 + own,
    eth_dst: 0x0200_0000_0000 + other,
    eth_type: 0x0800,
    nw_ttl: 64,
    ip_src: 0x0a00_0000 + own,
    ip_dst: 0x0a00_0000 + other,
    ip_proto: 17,
    udp_src: 1000,
    udp_dst: 53,
  });
  await control.call('netdev-dummy/receive', `p${number}`, frame.toString('hex'));
  await until(async () => (await zones()).has(number), `a connection in zone ${number}`);
}

/** Zones that have connections. */
async function zones(): Promise<Set<number>> {
  const dump = await control.call('dpctl/dump-conntrack');
  return new Set([...dump.matchAll(/zone=(\d+)/g)].map(([, zone]) => Number(zone)));
}

async function flowOf(number: number): Promise<string> {
  return ovs.ofctl('dump-flows', 'br-int', `table=0,in_port=${number}`);
}

test('the connections of a number are gone before another port has it', async () => {
  const reconciler = await serve(BEFORE);
  await plug(OURS);
  await plug(OTHERS);
  await say('first', OURS);
  await say('witness', OTHERS);
  expect(await zones()).toEqual(new Set([OURS, OTHERS]));
  reconciler.change(changeBetween(BEFORE, AFTER, 2));
  reconciler.handOn();
  const shown = VNI.after.toString(16);
  await until(async () => (await flowOf(OURS)).includes(shown), 'a flow of the new port');
  expect(await zones()).toEqual(new Set([OTHERS]));
});

test('a host that comes back has flushed what changed hands while it was away', async () => {
  const reconciler = await serve(BEFORE);
  await plug(OURS);
  await plug(OTHERS);
  await say('first', OURS);
  await say('witness', OTHERS);
  await ovs.vsctl('del-manager');
  await until(() => started.fleet.status(HOST)?.state === 'lost', 'the host to be away');
  await ovs.vsctl('del-controller', 'br-int');
  const lines = () => started.record.lines.map(({ message }) => message);
  await until(() => lines().includes('The switch of a host was lost.'), 'its switch to be away');
  reconciler.change(changeBetween(BEFORE, AFTER, 2));
  reconciler.handOn();
  expect(await zones()).toEqual(new Set([OURS, OTHERS]));
  await join(ovs, started.fleet);
  await hostReady(started.fleet, HOST);
  expect(await zones()).toEqual(new Set([OTHERS]));
});
