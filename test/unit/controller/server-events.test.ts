/**
 * Goal: Nova is told what became of its servers' ports, by the owner of their host and nobody else.
 * Method: a controller in memory; the test plays its hosts, and looks at what it would tell.
 */
import { describe, expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { ControllerWorld, type Records } from '../../support/controller-world.ts';

const SERVER = '6f70656e-0000-4000-8000-000000000001';
const AT = { network: 'n', mac: '02:00:00:00:00:01', ips: [] };
const NOVAS = { device_id: SERVER, device_owner: 'compute:nova' };
const PORT = port('p', AT, NOVAS);
const INTENT: Records = { 'network/n': network('n', 7), 'port/p': PORT };
const PLUGGED = {
  name: 'network-vif-plugged',
  server_uuid: SERVER,
  tag: 'p',
  status: 'completed',
};
const UNPLUGGED = { ...PLUGGED, name: 'network-vif-unplugged' };
const DELETED = { name: 'network-vif-deleted', server_uuid: SERVER, tag: 'p' };

async function activeWorld(records: Records = INTENT): Promise<ControllerWorld> {
  const world = new ControllerWorld(records);
  await world.connect('h1', ['p']);
  await world.acknowledge('h1');
  return world;
}

function remove(world: ControllerWorld): void {
  world.commit({ put: new Map(), delete: ['port/p', 'binding/p', 'status/p'] });
}

describe('a server’s port', () => {
  test('is told to be plugged once its host has its flows, and not before', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    expect(world.serverEvents).toEqual([]);
    await world.acknowledge('h1');
    await world.acknowledge('h1');
    expect(world.serverEvents).toEqual([PLUGGED]);
  });

  test('is told to be unplugged when its host lets go of it', async () => {
    const world = await activeWorld();
    world.show('h1', []);
    await world.settle();
    expect(world.serverEvents).toEqual([PLUGGED, UNPLUGGED]);
  });

  test('that is set down and up again is unplugged and plugged', async () => {
    const world = await activeWorld();
    world.put(['port/p', { ...PORT, admin_state_up: false }]);
    await world.settle();
    expect(world.serverEvents).toEqual([PLUGGED, UNPLUGGED]);
    world.put(['port/p', PORT]);
    await world.settle();
    await world.acknowledge('h1');
    expect(world.serverEvents).toEqual([PLUGGED, UNPLUGGED, PLUGGED]);
  });

  test('that moves is plugged anew on its second host', async () => {
    const world = await activeWorld();
    await world.connect('h2', ['p']);
    world.show('h1', []);
    await world.settle();
    await world.acknowledge('h2');
    expect(world.serverEvents).toEqual([PLUGGED, UNPLUGGED, PLUGGED]);
  });

  test('that is deleted while plugged was deleted, and nothing else', async () => {
    const world = await activeWorld();
    remove(world);
    await world.settle();
    expect(world.serverEvents).toEqual([PLUGGED, DELETED]);
  });

  test.each(['h1', 'rack-1'])('that waits for host %s is deleted there', async (wanted) => {
    const world = new ControllerWorld({
      ...INTENT,
      'port/p': { ...PORT, 'binding:host_id': wanted },
    });
    await world.connect('h1', [], { hostname: 'rack-1' });
    remove(world);
    expect(world.serverEvents).toEqual([DELETED]);
  });

  test('that changes otherwise is not told of', async () => {
    const world = await activeWorld();
    world.put(['port/p', { ...PORT, name: 'renamed' }]);
    await world.settle();
    await world.acknowledge('h1');
    expect(world.serverEvents).toEqual([PLUGGED]);
  });
});

test.each([
  ['of a router', { ...NOVAS, device_owner: 'network:router_interface' }],
  ['of no device', { device_owner: 'compute:nova' }],
  ['of something without a UUID', { device_id: 'vm1', device_owner: 'compute:nova' }],
])('a port %s is nothing to Nova', async (_, owner) => {
  const world = await activeWorld({ ...INTENT, 'port/p': port('p', AT, owner) });
  remove(world);
  expect(world.controller.hosts()).toHaveLength(1);
  expect(world.serverEvents).toEqual([]);
});

describe('of a port on another controller’s host', () => {
  const theirs: Records = {
    ...INTENT,
    'host/h1': host('h1', '198.18.0.49'),
    'binding/p': binding('p', 'h1', 1),
  };
  const active = { port_id: 'p', host_id: 'h1', active: true, revision: 1 };

  test('nothing is told, whatever becomes of it', async () => {
    const world = new ControllerWorld(theirs);
    world.leases.set('host/h1', { holder: 'other', epoch: 5 });
    await world.connect('h1', ['p']);
    world.put(['status/p', active]);
    world.commit({ put: new Map(), delete: ['status/p'] });
    remove(world);
    await world.settle();
    expect(world.serverEvents).toEqual([]);
  });
});

test('what was so when the controller started is no news', async () => {
  const active = { port_id: 'p', host_id: 'h1', active: true, revision: 1 };
  const world = await activeWorld({
    ...INTENT,
    'host/h1': host('h1', '198.18.0.49'),
    'binding/p': { ...binding('p', 'h1', 1), interface_name: 'tap0' },
    'status/p': active,
  });
  expect(world.serverEvents).toEqual([]);
});
