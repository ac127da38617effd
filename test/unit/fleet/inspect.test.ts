/**
 * Goal: a look at a switch finds what is missing or changed of what it is asked for, and no more.
 * Method: a switch in memory, from which the test takes flows.
 */
import { beforeEach, expect, test } from 'vitest';
import type { InstalledFlow } from '../../../src/fleet/changes.ts';
import { inspect } from '../../../src/fleet/inspect.ts';
import { type CompiledFlow, DesiredState, TABLE_NAMES } from '../../../src/pipeline/index.ts';
import { FakeLink, FakeSwitch } from '../../support/fake-switch.ts';
import { networkUnit, unitMap } from '../../support/fleet-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const unit = networkUnit(7, [1, 2]);
const [first, second] = unit.flows as [CompiledFlow, CompiledFlow];
const keys = unit.flows.map(({ key }) => key);

let clock: VirtualClock;
let desired: DesiredState;
let sw: FakeSwitch;
let link: FakeLink;

beforeEach(() => {
  clock = new VirtualClock();
  desired = new DesiredState();
  desired.apply(unitMap([unit]));
  sw = new FakeSwitch();
  link = new FakeLink(sw);
  for (const flow of [...unit.flows, ...desired.markers()]) sw.flows.set(flow.key, installed(flow));
});

function installed(flow: CompiledFlow): InstalledFlow {
  const { table, priority, cookie, key, match, instructions } = flow;
  return { table, priority, cookie, key, match, instructions, lasting: true };
}

const look = () => inspect(link, { desired, keys, clock });

test('a switch that holds everything differs in nothing', async () => {
  expect(await look()).toEqual({ tables: [], flows: new Map() });
});

test('flows that are missing or changed are told apart, and nothing is written', async () => {
  sw.flows.delete(first.key);
  sw.flows.set(second.key, { ...installed(second), instructions: Buffer.alloc(8) });
  expect((await look()).flows).toEqual(
    new Map([
      [first.key, 'missing'],
      [second.key, 'changed'],
    ]),
  );
  expect(link.bundles).toEqual([]);
});

test('a marker that is away is a table that differs', async () => {
  for (const { key } of desired.markers()) sw.flows.delete(key);
  const names = desired.tables().map((table) => TABLE_NAMES.get(table));
  expect((await look()).tables).toEqual([...names, 'groups']);
});

test('what changes while the switch is asked is no difference', async () => {
  const release = link.hold();
  sw.flows.delete(first.key);
  const asked = look();
  desired.apply(new Map([[unit.key, undefined]]));
  release();
  expect((await asked).flows).toEqual(new Map());
});

test('a switch that does not answer is waited for a second', async () => {
  link.hold();
  const refused = expect(look()).rejects.toThrow('it did not answer in 1000 ms');
  clock.advance(1000);
  await refused;
});
