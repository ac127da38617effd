/**
 * Goal: who gets a port, when it is ACTIVE and who owns a host are decided as the design says, in
 * whatever order hosts, changes and acknowledgements come.
 * Method: a controller in memory; the test plays its hosts and holds their acknowledgements back.
 */
import { describe, expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { tablesOf } from '../../../lab/topology.ts';
import { ControllerWorld } from '../../support/controller-world.ts';

const PORT = port('p', { network: 'n', mac: '02:00:00:00:00:01', ips: [] });
const INTENT = { 'network/n': network('n', 7), 'port/p': PORT } as const;

function hostOf(world: ControllerWorld): string | undefined {
  return world.topology.get('binding', 'p')?.host_id;
}

function isActive(world: ControllerWorld): boolean {
  return world.topology.get('status', 'p')?.active === true;
}

describe('a port that names no host', () => {
  test('stays where it was after a restart, whoever claims it first then', async () => {
    const world = new ControllerWorld({
      ...INTENT,
      'host/h1': host('h1', '198.18.0.49'),
      'binding/p': binding('p', 'h1', 1),
    });
    await world.connect('h2', ['p']);
    expect(hostOf(world)).toBe('h1');
    await world.connect('h1', ['p']);
    expect(hostOf(world)).toBe('h1');
    world.show('h1', []);
    await world.settle();
    expect(hostOf(world)).toBe('h2');
  });

  test('is lost by a host that does not show it any more after a restart', async () => {
    const world = new ControllerWorld({ ...INTENT, 'binding/p': binding('p', 'h1', 1) });
    await world.connect('h1', []);
    expect(hostOf(world)).toBeUndefined();
  });

  test('has its third claimant reported, once', async () => {
    const world = new ControllerWorld(INTENT);
    for (const id of ['h1', 'h2', 'h3']) await world.connect(id, ['p']);
    world.put(['port/p', { ...PORT, name: 'renamed' }]);
    await world.settle();
    const reports = world.record.lines.filter(({ message }) => message.includes('claims a port'));
    expect(reports).toMatchObject([{ port: 'p', host: 'h3', servedBy: 'h1' }]);
  });
});

describe('a port that names its host', () => {
  test.each(['h2', 'rack-2'])('as %s is given to no other', async (wanted) => {
    const named = { ...PORT, 'binding:host_id': wanted };
    const world = new ControllerWorld({ ...INTENT, 'port/p': named });
    await world.connect('h1', ['p'], { hostname: 'rack-1' });
    expect(hostOf(world)).toBeUndefined();
    await world.connect('h2', ['p'], { hostname: 'rack-2' });
    expect(hostOf(world)).toBe('h2');
  });
});

describe('a port', () => {
  test('is ACTIVE when its host has acknowledged the revision of its binding, not before', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    const bound = world.topology.modRevision('binding/p') ?? 0;
    await world.acknowledge('h1', bound - 1);
    expect(isActive(world)).toBe(false);
    await world.acknowledge('h1', bound);
    expect(isActive(world)).toBe(true);
  });

  test('waits for what changed between an acknowledgement and the writing of its status', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    const acknowledged = world.acknowledge('h1');
    world.put(['port/p', { ...PORT, mac_address: '02:00:00:00:00:02' }]);
    await acknowledged;
    expect(isActive(world)).toBe(false);
    await world.acknowledge('h1');
    expect(isActive(world)).toBe(true);
  });

  test('that was set down and up again is ACTIVE only once its flows are back', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    await world.acknowledge('h1');
    world.put(['port/p', { ...PORT, admin_state_up: false }]);
    await world.settle();
    await world.acknowledge('h1');
    world.put(['port/p', PORT]);
    await world.settle();
    expect(isActive(world)).toBe(false);
    await world.acknowledge('h1');
    expect(isActive(world)).toBe(true);
  });
});

describe('a host', () => {
  test('is told what changes of one turn have touched together', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    const before = world.told.length;
    world.put(['port/p', { ...PORT, mac_address: '02:00:00:00:00:02' }]);
    world.put(['port/p', { ...PORT, mac_address: '02:00:00:00:00:03' }]);
    await world.settle();
    expect(world.told.slice(before)).toEqual(['update h1']);
  });

  test('whose lease another took is released, and ours again when the lease is free', async () => {
    const world = new ControllerWorld();
    await world.connect('h1', []);
    expect(world.told).toEqual(['adopt h1 1']);
    world.leases.set('host/h1', { holder: 'other', epoch: 5 });
    for (let third = 0; third < 3; third++) {
      world.clock.advance(3000);
      await world.settle();
    }
    expect(world.told).toEqual(['adopt h1 1', 'release h1']);
    expect(world.controller.hosts()[0]?.errors).toEqual(['another controller owns it']);
    world.leases.delete('host/h1');
    world.clock.advance(3000);
    await world.settle();
    expect(world.told.slice(2)).toEqual(['adopt h1 3']);
    expect(world.controller.hosts()[0]?.errors).toEqual([]);
  });

  test('that another controller owns is waited for by nobody, whenever they ask', async () => {
    const world = new ControllerWorld();
    world.leases.set('host/h1', { holder: 'other', epoch: 5 });
    const { signal } = new AbortController();
    const realized = (waitMs: number) =>
      world.controller.waitRealized(world.topology.revision, waitMs, signal);
    let isOver = false;
    const connected = world.connect('h1', []);
    void realized(60_000).then(() => (isOver = true));
    await connected;
    expect(isOver).toBe(true);
    world.clock.advance(500);
    expect(await realized(0)).toEqual({ realized: true, lagging: [] });
  });

  test('whose lease we hold keeps it, term after term', async () => {
    const world = new ControllerWorld();
    await world.connect('h1', []);
    world.clock.advance(60_000);
    await world.settle();
    expect(world.told).toEqual(['adopt h1 1']);
  });

  test('is recorded again where Redis has lost that it was', async () => {
    const world = new ControllerWorld();
    await world.connect('h1', []);
    const recorded = world.topology.get('host', 'h1');
    world.controller.subscriber().snapshot(1, tablesOf([]));
    await world.settle();
    expect(world.topology.get('host', 'h1')).toEqual(recorded);
    expect(recorded?.id).toBe('h1');
  });

  test.each(['127.0.0.1', '::1', ''])(
    'that names no tunnel address and dials from %j is not served',
    async (remoteAddress) => {
      const world = new ControllerWorld();
      await world.connect('h1', [], { encapIp: undefined, remoteAddress });
      expect(world.told).toEqual([]);
      expect(world.controller.hosts()[0]?.errors[0]).toContain('no tunnel address');
      await world.connect('h2', [], { encapIp: undefined, remoteAddress: '::ffff:192.0.2.2' });
      expect(world.topology.get('host', 'h2')?.encap_ip).toBe('192.0.2.2');
    },
  );
});

describe('a wait for what a commit touched', () => {
  const { signal } = new AbortController();
  const changedMac = { ...PORT, mac_address: '02:00:00:00:00:02' };

  test('ends when the host of the port has it, whatever others do', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', ['p']);
    await world.connect('h2', []);
    await world.acknowledge('h1');
    const revision = world.commit({ put: new Map([['port/p', changedMac]]) });
    const waiting = world.controller.waitTouched(revision, 1000, signal);
    await world.acknowledge('h1', revision);
    expect(await waiting).toEqual({ realized: true, lagging: [] });
  });

  test('ends at once where it touched no host', async () => {
    const world = new ControllerWorld(INTENT);
    await world.connect('h1', []);
    const revision = world.commit({ put: new Map([['network/m', network('m', 8)]]) });
    expect(await world.controller.waitTouched(revision, 1000, signal)).toEqual({
      realized: true,
      lagging: [],
    });
  });

  test('names a host that is another controller’s at once', async () => {
    const world = new ControllerWorld({
      ...INTENT,
      'host/h1': host('h1', '198.18.0.49'),
      'binding/p': binding('p', 'h1', 1),
    });
    const revision = world.commit({ put: new Map([['port/p', changedMac]]) });
    expect(await world.controller.waitTouched(revision, 1000, signal)).toEqual({
      realized: false,
      lagging: ['h1'],
    });
  });
});
