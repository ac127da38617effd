/**
 * Goal: a port has two places while its VM moves, and one when it is known where it runs; nobody can
 * take a port from where it runs by plugging it elsewhere, and nothing goes back and forth.
 * Method: a controller in memory; the test plays the hosts, and the packets that ports send.
 */
import { describe, expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import type { Port } from '../../../src/topology/index.ts';
import { ControllerWorld } from '../../support/controller-world.ts';

const PORT = port('p', { network: 'n', mac: '02:00:00:00:00:01', ips: [] });
const INTENT = { 'network/n': network('n', 7), 'port/p': PORT } as const;
const SERVER = '6f0e2b1c-0000-4000-8000-000000000001';
const NAMED: Port = { ...PORT, 'binding:host_id': 'h1' };

/** As words: `h1`, `h1 + h2` while it arrives at h2, `h2 - h1` while h1 still shows it. */
function placesOf(world: ControllerWorld): string {
  const found = world.topology.get('binding', 'p');
  if (found === undefined) return 'nowhere';
  const { host_id, move } = found;
  if (move === undefined) return host_id;
  return `${host_id} ${move.state === 'arriving' ? '+' : '-'} ${move.host_id}`;
}

function isActive(world: ControllerWorld): boolean {
  return world.topology.get('status', 'p')?.active === true;
}

/** Plugged in on h1, and then on h2, too. */
async function moving(record: Port = PORT): Promise<ControllerWorld> {
  const world = new ControllerWorld({ ...INTENT, 'port/p': record });
  await world.connect('h1', ['p']);
  await world.acknowledge('h1');
  await world.connect('h2', ['p']);
  return world;
}

/** The port sends a packet on a host, whose flows hand it over. */
async function sendFrom(world: ControllerWorld, hostId: string): Promise<void> {
  world.controller.fleetEvents().packetIn({
    hostId,
    service: 'activation',
    parameters: Buffer.alloc(0),
    ofport: 1,
    vni: 7,
    cookie: 0n,
    metadata: {},
    data: Buffer.alloc(14),
  });
  await world.settle();
}

describe('a port that a second host plugs', () => {
  test('is at both, and ACTIVE all the time', async () => {
    const world = await moving();
    expect(placesOf(world)).toBe('h1 + h2');
    expect(isActive(world)).toBe(true);
  });

  test('is told to the hosts that it is on, before those that send to it', async () => {
    const peer = port('q', { network: 'n', mac: '02:00:00:00:00:02', ips: [] });
    const world = new ControllerWorld({ ...INTENT, 'port/q': peer });
    await world.connect('h0', ['q']);
    await world.connect('h1', ['p']);
    await world.connect('h2', []);
    world.told.length = 0;
    world.show('h2', ['p']);
    await world.settle();
    expect(placesOf(world)).toBe('h1 + h2');
    expect(world.told.slice(0, 3).sort()).toEqual(['update h0', 'update h1', 'update h2']);
    expect(world.told[2]).toBe('update h0');
  });

  test('runs there from its first packet there on, and does not turn DOWN', async () => {
    const world = await moving({ ...PORT, device_owner: 'compute:nova', device_id: SERVER });
    const events = world.serverEvents.length;
    await sendFrom(world, 'h2');
    expect(placesOf(world)).toBe('h2 - h1');
    expect(isActive(world)).toBe(true);
    const names = world.serverEvents.slice(events).map(({ name }) => name);
    expect(names).toEqual(['network-vif-plugged']);
    world.show('h1', []);
    await world.settle();
    expect(placesOf(world)).toBe('h2');
    expect(isActive(world)).toBe(true);
  });

  test('runs there when the first host lets go', async () => {
    const world = await moving();
    world.show('h1', []);
    await world.settle();
    expect(placesOf(world)).toBe('h2');
  });

  test('stays when the second host lets go', async () => {
    const world = await moving();
    world.show('h2', []);
    await world.settle();
    expect(placesOf(world)).toBe('h1');
    expect(isActive(world)).toBe(true);
  });

  test('stays while it is heard where it was, or from a third host', async () => {
    const world = await moving();
    await world.connect('h3', ['p']);
    for (const id of ['h1', 'h3']) await sendFrom(world, id);
    expect(placesOf(world)).toBe('h1 + h2');
  });

  test('goes back to where it was when the new host lets go', async () => {
    const world = await moving();
    await sendFrom(world, 'h2');
    world.show('h2', []);
    await world.settle();
    expect(placesOf(world)).toBe('h1');
  });

  test('is not taken back by the host that it left, but moves back when it is plugged anew', async () => {
    const world = await moving();
    await sendFrom(world, 'h2');
    await sendFrom(world, 'h1');
    expect(placesOf(world)).toBe('h2 - h1');
    world.show('h1', ['other', 'p']);
    await world.settle();
    expect(placesOf(world)).toBe('h2 + h1');
  });

  test('is served as a third host plugs it when the first has let go', async () => {
    const world = await moving();
    await sendFrom(world, 'h2');
    await world.connect('h3', ['p']);
    expect(placesOf(world)).toBe('h2 - h1');
    world.show('h1', []);
    await world.settle();
    expect(placesOf(world)).toBe('h2 + h3');
  });

  test('has both places after a restart, and loses the one that is gone', async () => {
    const move = { host_id: 'h2', ofport: 1, interface_name: 'tap0', state: 'arriving' } as const;
    const world = new ControllerWorld({
      ...INTENT,
      'host/h1': host('h1', '198.18.0.1'),
      'host/h2': host('h2', '198.18.0.2'),
      'binding/p': { ...binding('p', 'h1', 1), move },
    });
    await world.connect('h1', ['p']);
    expect(placesOf(world)).toBe('h1 + h2');
    await world.connect('h2', []);
    expect(placesOf(world)).toBe('h1');
  });
});

describe('a port that names its host', () => {
  test('is given to no second host', async () => {
    const world = await moving(NAMED);
    await sendFrom(world, 'h2');
    expect(placesOf(world)).toBe('h1');
  });

  test('is prepared where it says that it moves to, and moves when it names that host', async () => {
    const announced = { ...NAMED, 'binding:profile': { migrating_to: 'h2' } };
    const world = await moving(announced);
    expect(placesOf(world)).toBe('h1 + h2');
    world.put(['port/p', { ...NAMED, 'binding:host_id': 'h2' }]);
    await world.settle();
    expect(placesOf(world)).toBe('h2');
    expect(isActive(world)).toBe(false);
    await world.acknowledge('h2');
    expect(isActive(world)).toBe(true);
  });

  test('goes back when the move is called off', async () => {
    const world = await moving({ ...NAMED, 'binding:profile': { migrating_to: 'h2' } });
    await sendFrom(world, 'h2');
    expect(placesOf(world)).toBe('h2 - h1');
    world.put(['port/p', NAMED]);
    await world.settle();
    expect(placesOf(world)).toBe('h1');
  });
});
