/**
 * Goal: a subport is where its parent is, in its VLAN, by a number of its own that it keeps; and it
 * is told of.
 * Method: a controller in memory; the test plays its hosts.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port, trunk } from '../../../lab/records.ts';
import { METERED_PORT_MAX } from '../../../src/compiler/index.ts';
import { ControllerWorld, type Records } from '../../support/controller-world.ts';

const mac = (number: number): string => `02:00:00:00:00:0${number}`;
const INTENT: Records = {
  'network/n': network('n', 7),
  ...Object.fromEntries(
    ['parent', 'one', 'two', 'other'].map((id, at) => [
      `port/${id}`,
      port(id, { network: 'n', mac: mac(at), ips: [] }),
    ]),
  ),
};
const TRUNK: Records = { 'trunk/t': trunk('t', 'parent', { one: 11, two: 12 }) };
const TOP = METERED_PORT_MAX;

const bindingOf = (world: ControllerWorld, id: string) => world.topology.get('binding', id);

test('subports are bound with their parent, in one commit, and go with it', async () => {
  const world = new ControllerWorld({ ...INTENT, ...TRUNK });
  await world.connect('h1', ['parent']);
  const seat = { host_id: 'h1', interface_name: 'tap0' };
  expect(bindingOf(world, 'one')).toEqual({
    ...seat,
    port_id: 'one',
    ofport: TOP,
    wire: { ofport: 1, vlan: 11 },
  });
  expect(bindingOf(world, 'two')).toMatchObject({ ofport: TOP - 1, wire: { ofport: 1, vlan: 12 } });
  const revision = (id: string) => world.topology.modRevision(`binding/${id}`);
  expect(revision('one')).toBe(revision('parent'));
  world.show('h1', []);
  await world.settle();
  expect(['parent', 'one', 'two'].map((id) => bindingOf(world, id))).toEqual(
    Array(3).fill(undefined),
  );
});

test('subports that come later are bound alone; their number stays when others go', async () => {
  const world = new ControllerWorld({ ...INTENT, 'trunk/t': trunk('t', 'parent', { one: 11 }) });
  await world.connect('h1', ['parent']);
  const before = [bindingOf(world, 'parent'), bindingOf(world, 'one')];
  world.put(['trunk/t', trunk('t', 'parent', { one: 11, two: 12 })], portOf('two'));
  await world.settle();
  expect([bindingOf(world, 'parent'), bindingOf(world, 'one')]).toEqual(before);
  expect(bindingOf(world, 'two')?.ofport).toBe(TOP - 1);
  world.put(['trunk/t', trunk('t', 'parent', { two: 12 })], portOf('one'));
  await world.settle();
  expect(bindingOf(world, 'one')).toBeUndefined();
  expect(bindingOf(world, 'two')?.ofport).toBe(TOP - 1);
});

test('a subport is on the wire that its parent has, wherever that is, and on no other', async () => {
  const world = new ControllerWorld({ ...INTENT, ...TRUNK });
  await world.connect('h1', ['one', 'parent']);
  expect(bindingOf(world, 'one')?.wire).toEqual({ ofport: 2, vlan: 11 });
  world.show('h1', ['parent']);
  await world.settle();
  expect(bindingOf(world, 'one')).toMatchObject({ ofport: TOP, wire: { ofport: 1 } });
  await world.connect('h2', ['parent']);
  world.show('h1', []);
  await world.settle();
  expect(bindingOf(world, 'one')).toMatchObject({ host_id: 'h2', wire: { ofport: 1 } });
});

test('subports are at both places of a parent whose VM moves, and any of them ends the move', async () => {
  const world = new ControllerWorld({ ...INTENT, ...TRUNK });
  await world.connect('h1', ['parent']);
  await world.acknowledge('h1');
  await world.connect('h2', ['other', 'parent']);
  const there = { host_id: 'h2', ofport: TOP, wire: { ofport: 2, vlan: 11 } };
  expect(bindingOf(world, 'one')).toMatchObject({
    host_id: 'h1',
    ofport: TOP,
    wire: { ofport: 1, vlan: 11 },
    move: { ...there, state: 'arriving' },
  });
  expect(bindingOf(world, 'two')).toMatchObject({ move: { ofport: TOP - 1 } });
  const from = { hostId: 'h2', ofport: TOP, vni: 7, cookie: 0n, metadata: {} };
  const nothing = { parameters: Buffer.alloc(0), data: Buffer.alloc(14) };
  world.controller.fleetEvents().packetIn({ ...from, ...nothing, service: 'activation' });
  await world.settle();
  for (const id of ['parent', 'one', 'two']) {
    expect(bindingOf(world, id)).toMatchObject({ host_id: 'h2', move: { state: 'left' } });
    expect(world.topology.get('status', id)).toMatchObject({ host_id: 'h2', active: true });
  }
  expect(bindingOf(world, 'one')).toMatchObject(there);
  world.show('h1', []);
  await world.settle();
  expect(bindingOf(world, 'one')).toEqual({ ...there, port_id: 'one', interface_name: 'tap1' });
});

test('an interface that gets the number of a subport has it; the subport gets another', async () => {
  const world = new ControllerWorld({ ...INTENT, ...TRUNK });
  await world.connect('h1', ['parent']);
  world.controller.fleetEvents().attachments('h1', [
    { interface: 'tap0', ofport: 1, ifaceId: 'parent' },
    { interface: 'tap1', ofport: TOP, ifaceId: 'other' },
  ]);
  await world.settle();
  expect(bindingOf(world, 'other')).toMatchObject({ ofport: TOP });
  expect(bindingOf(world, 'one')).toMatchObject({ ofport: TOP - 2 });
  expect(bindingOf(world, 'two')).toMatchObject({ ofport: TOP - 1 });
  const revision = (id: string) => world.topology.modRevision(`binding/${id}`);
  expect(revision('one')).toBe(revision('other'));
});

test('numbers are those of before when a controller comes again', async () => {
  const records = { ...INTENT, ...TRUNK, 'host/h1': host('h1', '198.18.0.49') };
  const wire = { ofport: 1, vlan: 12 };
  const two = { ...binding('two', 'h1', 20_000), interface_name: 'tap0', wire };
  const world = new ControllerWorld({ ...records, 'binding/two': two });
  await world.connect('h1', ['parent']);
  expect(bindingOf(world, 'two')).toEqual(two);
  expect(bindingOf(world, 'one')?.ofport).toBe(TOP);
});

test('a subport is ACTIVE when its host has its flows', async () => {
  const world = new ControllerWorld({ ...INTENT, ...TRUNK });
  await world.connect('h1', ['parent']);
  expect(world.topology.get('status', 'one')).toBeUndefined();
  await world.acknowledge('h1');
  expect(world.topology.get('status', 'one')).toMatchObject({ active: true, host_id: 'h1' });
});

/** A port that was written with a trunk, as every port is that becomes a subport, or ceases to be. */
function portOf(id: string) {
  return [`port/${id}`, port(id, { network: 'n', mac: mac(9), ips: [] })] as const;
}
