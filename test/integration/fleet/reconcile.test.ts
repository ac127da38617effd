/**
 * Goal: a switch holds what it should, and nothing else: after adoption, after updates, after a crash
 * of ovs-vswitchd, and after anybody's damage.
 * Method: a real switch; its dumps read with ovs-ofctl and compared with the desired state.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import type { CompiledUnit } from '../../../src/pipeline/index.ts';
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

let ovs: Ovs;
let started: StartedFleet;

beforeAll(async () => {
  ovs = await startSandbox('host-a');
});

beforeEach(async () => {
  started = await startFleet();
  await join(ovs, started.fleet);
});

afterEach(async () => {
  await started.fleet.stop();
  await resetHost(ovs);
});

afterAll(() => ovs.stop());

async function adopted(units: readonly CompiledUnit[], epoch = 1): Promise<void> {
  const config = configOf('host-a');
  started.fleet.adopt('host-a', { epoch, revision: 1, units: unitMap(units), config });
  await hostReady(started.fleet, 'host-a');
}

/** Flows as ovs-ofctl prints them, without what counts and times, sorted. */
async function flows(): Promise<string[]> {
  const text = await ovs.ofctl('dump-flows', 'br-int', '--no-stats');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('actions='))
    .sort();
}

async function groups(): Promise<string> {
  return (await ovs.ofctl('dump-groups', 'br-int')).split('\n').slice(1).join('\n').trim();
}

test('what is adopted goes in, groups and all, and an audit agrees', async () => {
  await adopted([networkUnit(7, [1, 2]), networkUnit(8, [3])]);
  const dump = await flows();
  // Three flows a port pair and network, and the markers of two tables and of the groups.
  expect(dump.filter((line) => line.includes('table=250'))).toHaveLength(3);
  expect(dump).toHaveLength(2 * 3 + 2 + 3);
  expect(await groups()).toContain('group_id=7,type=all');
  const report = await started.fleet.auditNow('host-a');
  expect(Object.values(report).every((count) => count === 0)).toBe(true);
  expect(started.fleet.status('host-a')?.lastAudit).toBeGreaterThan(0);
  expect(started.record.realizations).toEqual([{ hostId: 'host-a', revision: 1 }]);
});

test('updates that come while a bundle is in flight go out as one, and the last is acknowledged', async () => {
  await adopted([]);
  const before = started.fleet.status('host-a');
  const { fleet } = started;
  for (let revision = 2; revision <= 50; revision++) {
    const ports = Array.from({ length: revision }, (_, index) => index + 1);
    fleet.update('host-a', revision, new Map([['network/7', networkUnit(7, ports)]]));
    fleet.advance(revision);
  }
  expect(fleet.status('host-a')?.pending).toBe(49);
  const after = await hostReady(fleet, 'host-a');
  expect(after.realizedRevision).toBe(50);
  expect(after.bundles - (before?.bundles ?? 0)).toBeLessThanOrEqual(2);
  expect(started.record.realizations.at(-1)?.revision).toBe(50);
  expect(await flows()).toHaveLength(2 * 50 + 1 + 3);
});

test('a host that a change does not touch has realised it without a message', async () => {
  await adopted([networkUnit(7, [1])]);
  const before = started.fleet.status('host-a');
  started.fleet.advance(1000);
  expect(started.fleet.status('host-a')).toEqual({ ...before, realizedRevision: 1000 });
});

test('a unit that goes takes its flows and groups along, also when both go at once', async () => {
  await adopted([networkUnit(7, [1, 2]), networkUnit(8, [3])]);
  started.fleet.update('host-a', 2, new Map([['network/7', undefined]]));
  await hostReady(started.fleet, 'host-a');
  expect(await groups()).not.toContain('group_id=7,');
  started.fleet.update('host-a', 3, new Map([['network/8', undefined]]));
  await hostReady(started.fleet, 'host-a');
  expect(await flows()).toEqual([]);
  expect(await groups()).toBe('');
  expect(started.fleet.status('host-a')?.errors).toBe(0);
});

test('flows are back within two seconds of the reconnect after ovs-vswitchd was killed', async () => {
  await adopted([
    networkUnit(
      7,
      Array.from({ length: 200 }, (_, index) => index + 1),
    ),
  ]);
  const before = await flows();
  const { reconnects } = await hostReady(started.fleet, 'host-a');
  await ovs.stopDaemon('ovs-vswitchd', 'SIGKILL');
  await until(() => started.fleet.status('host-a')?.state !== 'ready', 'the loss to be seen');
  started.fleet.update('host-a', 2, new Map([['network/8', networkUnit(8, [300])]]));
  expect(started.fleet.status('host-a')).toMatchObject({ pending: 1, realizedRevision: 1 });
  await ovs.startDaemon('ovs-vswitchd');
  await until(() => (started.fleet.status('host-a')?.reconnects ?? 0) > reconnects, 'a channel');
  const connectedAt = performance.now();
  const { realizedRevision } = await hostReady(started.fleet, 'host-a');
  expect(performance.now() - connectedAt).toBeLessThan(2000);
  expect(realizedRevision).toBe(2);
  expect((await flows()).length).toBe(before.length + 3);
});

test('damage of every kind is found, repaired and reported by an audit', async () => {
  await adopted([networkUnit(7, [1, 2]), networkUnit(8, [3])]);
  const whole = await flows();
  const wholeGroups = await groups();
  await ovs.ofctl('del-flows', 'br-int', 'table=0,in_port=1');
  await ovs.ofctl('add-flow', 'br-int', 'table=77,priority=5,ip,actions=NORMAL');
  await ovs.ofctl('mod-flows', 'br-int', 'table=60,metadata=8,actions=drop');
  await ovs.ofctl('add-group', 'br-int', 'group_id=9,type=all,bucket=output:1');
  await ovs.ofctl('del-groups', 'br-int', 'group_id=7');
  const report = await started.fleet.auditNow('host-a');
  expect(report).toMatchObject({ flowsForeign: 1, groupsMissing: 1, groupsForeign: 1 });
  // The classifier's flow, and the flow of the group, which went with it.
  expect(report.flowsMissing).toBe(2);
  expect(report.flowsChanged).toBe(2);
  expect(started.record.drifts).toEqual([{ hostId: 'host-a', report }]);
  expect(await flows()).toEqual(whole);
  expect(await groups()).toBe(wholeGroups);
  const again = await started.fleet.auditNow('host-a');
  expect(Object.values(again).every((count) => count === 0)).toBe(true);
});

test('a flow with other actions, another cookie or a timeout counts as changed', async () => {
  await adopted([networkUnit(7, [1, 2])]);
  const whole = await flows();
  await ovs.ofctl('add-flow', 'br-int', 'table=0,priority=100,in_port=1,actions=NORMAL');
  const twin = whole.find((line) => line.includes('in_port=2')) ?? '';
  await ovs.ofctl('add-flow', 'br-int', `idle_timeout=60,${twin.replace(/^ /, '')}`);
  const report = await started.fleet.auditNow('host-a');
  expect(report).toMatchObject({ flowsChanged: 2, flowsMissing: 0, flowsForeign: 0 });
  expect(await flows()).toEqual(whole);
});

test('the audit runs by itself', async () => {
  await started.fleet.stop();
  started = await startFleet({ ports: started.fleet.ports, auditIntervalMs: 50 });
  await adopted([networkUnit(7, [1])]);
  const whole = await flows();
  await ovs.ofctl('del-flows', 'br-int');
  // An audit that had read some tables before the damage leaves those to the next one.
  await until(
    async () => JSON.stringify(await flows()) === JSON.stringify(whole),
    'audits to repair the damage',
  );
  expect(started.record.drifts.length).toBeGreaterThan(0);
});

test('foreign flows of a bridge that we never had are removed at adoption', async () => {
  await ovs.vsctl('add-br', 'br-int', '--', 'set-fail-mode', 'br-int', 'secure');
  await ovs.ofctl('add-flow', 'br-int', 'table=77,priority=5,ip,actions=NORMAL');
  await ovs.ofctl('add-flow', 'br-int', 'table=0,priority=100,in_port=1,actions=NORMAL');
  await adopted([networkUnit(7, [1])]);
  const dump = await flows();
  expect(dump.filter((line) => line.includes('NORMAL'))).toEqual([]);
  expect(dump).toHaveLength(3 + 3);
});

test('a push that the switch refuses names its unit and costs no other unit for ever', async () => {
  await adopted([networkUnit(7, [1])]);
  const broken = networkUnit(8, [2]);
  started.fleet.update('host-a', 2, new Map([['network/8', { ...broken, groups: [] }]]));
  const line = await until(
    () => started.record.lines.find(({ units }) => units !== undefined),
    'the refusal to be logged',
  );
  expect(line).toMatchObject({ host: 'host-a', units: ['network/8'], step: 'put_flow' });
  expect(started.fleet.status('host-a')).toMatchObject({ realizedRevision: 1, pending: 1 });
  started.fleet.update('host-a', 3, new Map([['network/8', broken]]));
  const { realizedRevision } = await hostReady(started.fleet, 'host-a');
  expect(realizedRevision).toBe(3);
  expect(await groups()).toContain('group_id=8,');
});
