/**
 * Goal: hosts are read in turn, seldom, and only when they have nothing else to do; who asks is
 * served from what is fresh; what is gone is forgotten.
 * Method: a controller in memory on a virtual clock; the test plays the switches.
 */
import { expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../../lab/records.ts';
import { cookieOf } from '../../../../src/compiler/index.ts';
import type { FlowCount } from '../../../../src/fleet/index.ts';
import type { Port, RecordKey } from '../../../../src/topology/index.ts';
import { ControllerWorld, type Records } from '../../../support/controller-world.ts';

const RULE: RecordKey = 'security_group_rule/r';

function counted(packets: number): FlowCount {
  const cookie = cookieOf('security-group-rule', 'r');
  return { name: 'f', cookie, packets, bytes: packets * 100, ageMs: 1_000, idleMs: 0 };
}

function portOf(hostId: string, groups: readonly string[], at = 0): Port {
  const mac = `02:00:00:00:00:0${at + 1}`;
  const made = port(`${hostId}-port`, { network: 'n', mac, ips: [] });
  return { ...made, security_groups: groups };
}

async function worldOf(...hostIds: readonly string[]): Promise<ControllerWorld> {
  const records: Record<string, Records[RecordKey]> = {
    'network/n': network('n', 7),
    'security_group/g': securityGroup('g', 1),
    [RULE]: securityGroupRule('r', 'g'),
  };
  for (const [at, id] of hostIds.entries()) {
    records[`port/${id}-port`] = portOf(id, ['g'], at);
    records[`binding/${id}-port`] = binding(`${id}-port`, id, 1);
    records[`host/${id}`] = host(id, `198.18.0.${id.charCodeAt(id.length - 1)}`);
  }
  const world = new ControllerWorld(records);
  for (const id of hostIds) await world.connect(id, [`${id}-port`]);
  world.told.length = 0;
  return world;
}

/** Lets time pass as it does: what is due at each second happens before the next. */
async function pass(world: ControllerWorld, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    world.clock.advance(1_000);
    await world.settle();
  }
}

const readings = (world: ControllerWorld): number =>
  world.told.filter((line) => line.startsWith('count')).length;

const packetsOf = async (world: ControllerWorld): Promise<number | undefined> =>
  (await world.counters.sums([RULE])).get(RULE)?.packets;

test('each host is read every ten seconds or so, and what it counted is added up', async () => {
  const world = await worldOf('h1', 'h2', 'h3');
  for (const id of ['h1', 'h2', 'h3']) world.counts.set(id, [counted(5)]);
  await pass(world, 60);
  expect(readings(world)).toBeGreaterThanOrEqual(3 * 5);
  expect(readings(world)).toBeLessThanOrEqual(3 * 6);
  expect(await packetsOf(world)).toBe(15);
});

test('a host whose work is not done, or that carries no group, is left alone', async () => {
  const world = await worldOf('h1', 'h2');
  world.busy.add('h1');
  world.put(['port/h2-port', portOf('h2', [])]);
  await pass(world, 30);
  expect(readings(world)).toBe(0);
  world.busy.clear();
  await pass(world, 2);
  expect(world.told.filter((line) => line.startsWith('count'))).toEqual(['count h1']);
});

test('who asks has the host read at once, and again only when that is a second old', async () => {
  const world = await worldOf('h1');
  world.counts.set('h1', [counted(5)]);
  const { hits } = world.controller;
  await Promise.all([hits.refresh(['h1']), hits.refresh(['h1', 'elsewhere'])]);
  expect(readings(world)).toBe(1);
  expect(await packetsOf(world)).toBe(5);
  world.clock.stall(1_000);
  world.counts.set('h1', [counted(6)]);
  await hits.refresh(['h1']);
  expect(readings(world)).toBe(2);
  expect(await packetsOf(world)).toBe(6);
});

test('a switch that does not answer keeps nobody waiting for more than a second', async () => {
  const world = await worldOf('h1');
  const asked = world.controller.hits.refresh(['h1']);
  await world.settle();
  world.clock.advance(1_000);
  await asked;
  for (let question = 0; question < 20; question++) {
    world.clock.advance(1_100);
    await world.controller.hits.refresh([]);
    void world.controller.hits.refresh(['h1']);
  }
  expect(readings(world)).toBeLessThanOrEqual(4);
});

test('a rule that goes takes its counts along, one that went unseen too', async () => {
  const world = await worldOf('h1');
  world.counts.set('h1', [counted(5)]);
  await world.controller.hits.refresh(['h1']);
  world.commit({ put: new Map(), delete: [RULE] });
  await world.settle();
  expect(await world.counters.counted()).toEqual([]);
  await world.counters.report({
    hostId: 'h1',
    lease: { name: '', epoch: 0n },
    atMs: 0,
    counts: new Map([
      ['security_group_rule/unseen', { packets: 1, bytes: 1, lastMs: 0, memory: '' }],
    ]),
  });
  world.controller.hits.reset();
  await world.settle();
  expect(await world.counters.counted()).toEqual([]);
});

test('only hosts that have counted a rule are told that it is gone', async () => {
  const world = await worldOf('h1', 'h2', 'h3');
  for (const id of ['h1', 'h2']) world.counts.set(id, [counted(id === 'h1' ? 5 : 0)]);
  await world.controller.hits.refresh(['h1', 'h2']);
  world.commit({ put: new Map(), delete: [RULE] });
  await world.settle();
  expect(world.counters.forgotten).toEqual(['h1']);
});

test('nothing is read or set for later when the controller has stopped', async () => {
  const world = await worldOf('h1');
  await world.controller.stop();
  await pass(world, 30);
  expect(readings(world)).toBe(0);
});
