/**
 * Goal: who is who: one session a host, one owner a host, and nobody's trouble is another's.
 * Method: two real hosts and up to two fleets; daemons stopped and killed by their pid files.
 */
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { livePid, until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { datapathIdFor } from '../../../src/fleet/enrolment-plan.ts';
import { FencedError, fence } from '../../../src/fleet/fencing.ts';
import { rootOf, WATCHED } from '../../../src/fleet/observe.ts';
import { ChannelLink } from '../../../src/fleet/switch-link.ts';
import { defined } from '../../../src/lib/assert.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import { Channel } from '../../../src/openflow/index.ts';
import { dialOvsdb, OPEN_VSWITCH, TimedOutError, vswitch } from '../../../src/ovsdb/index.ts';
import { JsonStream } from '../../../src/ovsdb/wire/json-stream.ts';
import {
  configOf,
  hostReady,
  join,
  networkUnit,
  resetHost,
  type StartedFleet,
  startFleet,
  unitMap,
} from '../../support/fleet-host.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { FEATURES, ScriptedSwitch } from '../../support/scripted-switch.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let one: Ovs;
let two: Ovs;
let started: StartedFleet;

beforeAll(async () => {
  [one, two] = await Promise.all([startSandbox('host-1'), startSandbox('host-2')]);
});

beforeEach(async () => {
  started = await startFleet();
});

afterEach(async () => {
  await started.fleet.stop();
  await Promise.all([resetHost(one), resetHost(two)]);
});

afterAll(() => Promise.all([one.stop(), two.stop()]));

function adopt(id: string, epoch: number, { fleet } = started): void {
  const units = unitMap([networkUnit(7, [1])]);
  fleet.adopt(id, { epoch, revision: epoch, units, config: configOf(id) });
}

function refusal(pattern: RegExp): Promise<unknown> {
  const { lines } = started.record;
  return until(
    () => lines.find(({ reason }) => typeof reason === 'string' && pattern.test(reason)),
    `a refusal like ${pattern}`,
  );
}

test('VIFs come as attachments with their port numbers, and go', async () => {
  await join(one, started.fleet);
  adopt('host-1', 1);
  await hostReady(started.fleet, 'host-1');
  const { attached } = started.record;
  expect(attached).toEqual([{ hostId: 'host-1', list: [] }]);
  const plug = (name: string, ...settings: string[]): Promise<string> =>
    one.vsctl('add-port', 'br-int', name, '--', 'set', 'Interface', name, ...settings);
  await plug('tap1', 'ofport_request=5');
  await one.vsctl('set', 'Interface', 'tap1', 'external_ids:iface-id=p1');
  await until(() => attached.at(-1)?.list.length === 1, 'the first VIF');
  expect(attached.at(-1)?.list).toEqual([{ interface: 'tap1', ofport: 5, ifaceId: 'p1' }]);
  await plug('vif2', 'external_ids:xs-vif-uuid=p2');
  await until(() => attached.at(-1)?.list.length === 2, 'the second VIF');
  const second = attached.at(-1)?.list.find((item) => item.interface === 'vif2');
  expect(second).toMatchObject({ ifaceId: 'p2' });
  // The device that Xen emulates for a guest until this has loaded its drivers.
  await one.vsctl('set', 'Interface', 'vif2', 'external_ids:iface-status=inactive');
  await plug('tap2', 'external_ids:xs-vif-uuid=p2', 'external_ids:iface-status=active');
  const isUsed = (name: string) => attached.at(-1)?.list.some((item) => item.interface === name);
  await until(() => isUsed('tap2'), 'the emulated device');
  expect(attached.at(-1)?.list).toHaveLength(2);
  await one.vsctl('set', 'Interface', 'vif2', 'external_ids:iface-status=active');
  await one.vsctl('set', 'Interface', 'tap2', 'external_ids:iface-status=inactive');
  await until(() => isUsed('vif2'), 'the device of the driver');
  await one.vsctl('del-port', 'br-int', 'tap2');
  await one.vsctl('del-port', 'br-int', 'tap1');
  await until(() => attached.at(-1)?.list.length === 1, 'one VIF to be left');
});

test('facts that change are told again', async () => {
  await join(one, started.fleet);
  await until(() => started.record.facts.length === 1, 'the host to be identified');
  await one.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.9');
  await until(() => started.record.facts.at(-1)?.encapIp === '198.18.0.9', 'the new address');
  expect(started.record.facts).toHaveLength(2);
});

test('a host without a system-id is refused, with the reason logged', async () => {
  await one.vsctl('remove', 'Open_vSwitch', '.', 'external_ids', 'system-id');
  await join(one, started.fleet);
  await refusal(/no usable external_ids:system-id/);
  expect(started.fleet.hosts()).toEqual([]);
});

test('a connection that answers probes and never says who it is is closed', async () => {
  const clock = new VirtualClock();
  const { fleet, record } = await startFleet({ clock });
  const socket = connect(fleet.ports.ovsdb, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const stream = new JsonStream({ messageBytesMax: 1e6, depthMax: 64 });
  const heard: Record<string, unknown>[] = [];
  socket.on('data', (chunk) => heard.push(...(stream.push(chunk) as Iterable<(typeof heard)[0]>)));
  const hears = (name: string, value: string): Promise<unknown> =>
    until(() => heard.find((message) => message[name] === value), `${name} ${value}`);
  await hears('method', 'monitor_cond_since');
  clock.advance(5000);
  await hears('method', 'echo');
  socket.write('{"id":"echo","result":[],"error":null}{"id":"mine","method":"echo","params":[]}');
  await hears('id', 'mine');
  clock.advance(5000);
  await closed;
  expect(record.lines.map(({ reason }) => reason)).toContain('it did not say who it is');
  await fleet.stop();
});

test('a second host with the name of a living one is refused; the first is served on', async () => {
  await join(one, started.fleet);
  adopt('host-1', 1);
  await hostReady(started.fleet, 'host-1');
  await two.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=host-1');
  await join(two, started.fleet);
  await refusal(/host host-1 is connected already/);
  expect(started.record.lost).toEqual([]);
  started.fleet.update('host-1', 2, new Map([['network/8', networkUnit(8, [2])]]));
  expect((await hostReady(started.fleet, 'host-1')).realizedRevision).toBe(2);
  expect(await two.vsctl('list-br')).toBe('');
});

test('a host that comes back takes the place of its own dead connection', async () => {
  await join(one, started.fleet);
  await until(() => started.fleet.status('host-1'), 'the first connection');
  adopt('host-1', 1);
  const pid = await livePid(one.pidFile('ovsdb-server'));
  process.kill(Number(pid), 'SIGSTOP');
  try {
    await two.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=host-1');
    await join(two, started.fleet);
    await until(() => started.record.lost.length === 1, 'the dead connection to be given up');
    expect(started.record.lost[0]?.reason).toMatch(/did not answer/);
    await hostReady(started.fleet, 'host-1');
    expect(await two.vsctl('list-br')).toContain('br-int');
  } finally {
    process.kill(Number(pid), 'SIGCONT');
  }
});

test('a host that goes is reported lost, and the others go on', async () => {
  await Promise.all([join(one, started.fleet), join(two, started.fleet)]);
  adopt('host-1', 1);
  adopt('host-2', 1);
  await Promise.all([hostReady(started.fleet, 'host-1'), hostReady(started.fleet, 'host-2')]);
  await one.vsctl('del-manager');
  await until(() => started.record.lost.length > 0, 'the loss to be reported');
  expect(started.record.lost[0]?.hostId).toBe('host-1');
  expect(started.fleet.status('host-1')?.state).toBe('lost');
  const delta = new Map([['network/8', networkUnit(8, [2])]]);
  started.fleet.update('host-2', 5, delta);
  expect((await hostReady(started.fleet, 'host-2')).realizedRevision).toBe(5);
});

test('a controller with a newer epoch takes over; the older one stops writing', async () => {
  const newer = await startFleet();
  try {
    const targets = [started, newer].map(({ fleet }) => `tcp:127.0.0.1:${fleet.ports.ovsdb}`);
    await one.vsctl('set-manager', ...targets);
    adopt('host-1', 5);
    await hostReady(started.fleet, 'host-1');
    adopt('host-1', 6, newer);
    const taken = await hostReady(newer.fleet, 'host-1');
    expect(taken.flowModsSent).toBe(0);
    await until(() => started.record.fences.length > 0, 'the older one to be fenced');
    expect(started.record.fences).toEqual([{ hostId: 'host-1', epoch: 5n }]);
    started.fleet.update('host-1', 7, new Map([['network/8', networkUnit(8, [2])]]));
    const { state, pending } = started.fleet.status('host-1') ?? {};
    expect({ state, pending }).toEqual({ state: 'fenced', pending: 1 });
    // Both controllers keep their row: fail-over must find a channel that is up.
    expect((await one.vsctl('get-controller', 'br-int')).trim().split('\n')).toHaveLength(2);
  } finally {
    await newer.fleet.stop();
  }
});

test('the switch refuses the role of an older epoch, even where the database has forgotten', async () => {
  await join(one, started.fleet);
  adopt('host-1', 6);
  await hostReady(started.fleet, 'host-1');
  started.fleet.release('host-1');
  await one.vsctl('remove', 'Open_vSwitch', '.', 'external_ids', 'heddle-epoch');
  adopt('host-1', 5);
  await until(() => started.record.fences.length > 0, 'the role to be refused');
  expect(started.fleet.status('host-1')).toMatchObject({ state: 'fenced' });
  expect(started.fleet.status('host-1')?.lastError).toMatch(/newer epoch than 5/);
});

test('the switch itself tells who was demoted by a newer epoch', async () => {
  await join(one, started.fleet);
  adopt('host-1', 6);
  await hostReady(started.fleet, 'host-1');
  const socket = connect(path.join(one.dir, 'br-int.mgmt'));
  const other = await Channel.accept(socket, { clock: systemClock, log: nullLogger });
  await other.request({ type: 'OFPT_ROLE_REQUEST', role: 'OFPCR_ROLE_MASTER', generationId: 7n });
  await until(() => started.record.fences.length > 0, 'the demotion to be told');
  expect(started.fleet.status('host-1')).toMatchObject({ state: 'fenced' });
  other.close('the test is over');
});

test('a channel that names the datapath of a host from another address is not joined to it', async () => {
  await join(one, started.fleet);
  adopt('host-1', 6);
  await hostReady(started.fleet, 'host-1');
  const datapathId = BigInt(`0x${datapathIdFor('host-1')}`);
  const port = started.fleet.ports.openflow;
  const thief = new ScriptedSwitch(connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' }));
  await thief.expect('OFPT_HELLO');
  thief.say({ type: 'OFPT_HELLO', versions: [6] });
  const { xid } = await thief.expect('OFPT_FEATURES_REQUEST');
  thief.say({ ...FEATURES, datapathId }, xid);
  await refusal(/no connected host claims its datapath id/);
  expect(thief.log.map(({ type }) => type)).not.toContain('OFPT_ROLE_REQUEST');
  expect(started.fleet.status('host-1')).toMatchObject({ state: 'ready', reconnects: 0 });
});

test('a channel whose datapath two hosts claim belongs to neither', async () => {
  const claim = `other_config:datapath-id=${datapathIdFor('host-1')}`;
  for (const host of [one, two]) {
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', claim);
    await join(host, started.fleet);
  }
  await until(
    () => started.fleet.hosts().filter(({ state }) => state === 'connected').length === 2,
    'both hosts to be connected',
  );
  adopt('host-1', 1);
  await refusal(/no connected host claims its datapath id alone/);
  expect(started.fleet.status('host-1')).toMatchObject({ state: 'enrolling', flowModsSent: 0 });
  await two.vsctl('del-br', 'br-int');
  await hostReady(started.fleet, 'host-1');
});

test('a bundle of who was demoted is refused by the switch, which fences', async () => {
  await join(one, started.fleet);
  adopt('host-1', 6);
  await hostReady(started.fleet, 'host-1');
  started.fleet.release('host-1');
  const dial = async (): Promise<ChannelLink> => {
    const socket = connect(path.join(one.dir, 'br-int.mgmt'));
    return new ChannelLink(
      await Channel.accept(socket, { clock: systemClock, log: nullLogger }),
      '',
    );
  };
  const [older, newer] = [await dial(), await dial()];
  const [flow] = networkUnit(8, [2]).flows;
  const steps = [{ type: 'put_flow', flow: defined(flow, 'a flow') }] as const;
  await older.takeRole(7n);
  await older.apply(steps);
  await newer.takeRole(8n);
  await expect(older.apply(steps)).rejects.toThrow(FencedError);
  await expect(older.takeRole(7n)).rejects.toThrow(FencedError);
  await newer.apply([{ ...steps[0], type: 'delete_flow' }]);
  for (const link of [older, newer]) link.close('done');
});

test('a transaction of an older epoch fails as a whole in the host’s own database', async () => {
  const options = { clock: systemClock, log: nullLogger, target: `unix:${one.ovsdbSocket}` };
  const client = await dialOvsdb(options);
  await one.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-epoch=5');
  const replica = await client.monitor(OPEN_VSWITCH, WATCHED);
  const root = rootOf(replica);
  if (root === undefined) throw new Error('an empty database');
  const guards = [fence(root, 5n), fence(root, 6n)];
  await one.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-epoch=7');
  const where = [['_uuid', '==', root._uuid] as const];
  const write = vswitch.update('Open_vSwitch', where, { system_type: 'stolen' });
  for (const guard of guards) {
    const writing = client.transact(OPEN_VSWITCH, [...guard, write]);
    await expect(writing).rejects.toThrow(TimedOutError);
  }
  expect(await one.vsctl('get', 'Open_vSwitch', '.', 'system_type')).not.toContain('stolen');
  client.close('done');
});
