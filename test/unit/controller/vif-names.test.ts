/**
 * Goal: a port has the VIF that it names, by that name alone, whichever of the two comes first; and
 * a new one that names its host is known to be plugged in there before it is made.
 * Method: a controller in memory; the test plays the hosts.
 */
import { describe, expect, test } from 'vitest';
import { host, network, port } from '../../../lab/records.ts';
import type { Port } from '../../../src/topology/index.ts';
import { ControllerWorld } from '../../support/controller-world.ts';

const PORT = port('p', { network: 'n', mac: '02:00:00:00:00:01', ips: [] });
const INTENT = { 'network/n': network('n', 7), 'host/h1': host('h1', '198.18.0.1') } as const;

function named(name: string, more: Partial<Port> = {}): Port {
  return { ...PORT, 'binding:profile': { 'iface-id': name }, ...more };
}

const placeOf = (world: ControllerWorld) => {
  const found = world.topology.get('binding', 'p');
  return found && `${found.host_id} ${found.ofport}`;
};

test('a port that names its VIF is where that is plugged in, and not where one has its id', async () => {
  const world = new ControllerWorld({ ...INTENT, 'port/p': named('web') });
  await world.connect('h1', ['p', 'web']);
  expect(placeOf(world)).toBe('h1 2');
});

test('it has the VIF that was there before it', async () => {
  const world = new ControllerWorld(INTENT);
  await world.connect('h1', ['other', 'web']);
  world.put(['port/p', named('web')]);
  await world.settle();
  expect(placeOf(world)).toBe('h1 2');
});

test('it goes over to the VIF that it names anew, and has none where there is none', async () => {
  const world = new ControllerWorld({ ...INTENT, 'port/p': named('web') });
  await world.connect('h1', ['p', 'web', 'db']);
  world.put(['port/p', named('db')]);
  await world.settle();
  expect(placeOf(world)).toBe('h1 3');
  world.put(['port/p', named('nothing')]);
  await world.settle();
  expect(placeOf(world)).toBeUndefined();
  world.put(['port/p', PORT]);
  await world.settle();
  expect(placeOf(world)).toBe('h1 1');
});

test('it loses the VIF that is unplugged', async () => {
  const world = new ControllerWorld({ ...INTENT, 'port/p': named('web') });
  await world.connect('h1', ['web']);
  world.show('h1', []);
  await world.settle();
  expect(placeOf(world)).toBeUndefined();
});

describe('a port that is about to be made', () => {
  const ON_H1 = named('web', { 'binding:host_id': 'h1' });

  test('is foreseen to be bound where it names the host that shows its VIF', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['other', 'web']);
    const expected = { port_id: 'p', host_id: 'h1', ofport: 2, interface_name: 'tap1' };
    expect(world.controller.foreseen(ON_H1)).toEqual(expected);
    // The commit that has it in leaves nothing to do for what binds ports otherwise.
    world.put(['port/p', ON_H1], ['binding/p', expected]);
    const { revision } = world.topology;
    await world.settle();
    expect(world.topology.modRevision('binding/p')).toBe(revision);
  });

  test('is not where its VIF is elsewhere, nowhere or at two hosts, or it names no host', async () => {
    const world = new ControllerWorld(INTENT);
    const { controller } = world;
    expect(controller.foreseen(ON_H1)).toBeUndefined();
    await world.connect('h1', ['web']);
    expect(controller.foreseen({ ...ON_H1, 'binding:host_id': 'h2' })).toBeUndefined();
    expect(controller.foreseen(named('web'))).toBeUndefined();
    await world.connect('h2', ['web']);
    expect(controller.foreseen(ON_H1)).toBeUndefined();
  });

  test('loses what was foreseen when its VIF went meanwhile', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['web']);
    const foreseen = world.controller.foreseen(ON_H1);
    if (foreseen === undefined) throw new Error('the VIF is there');
    world.show('h1', []);
    await world.settle();
    world.put(['port/p', ON_H1], ['binding/p', foreseen]);
    await world.settle();
    expect(placeOf(world)).toBeUndefined();
  });
});
