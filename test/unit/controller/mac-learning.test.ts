/**
 * Goal: what is behind a MAC-learning port is written down for that port, so much and no more; the
 * own address of a port is never another's; an address that is used no more is forgotten.
 * Method: a controller in memory; the test plays its hosts, what their guests send, and how long
 * ago that was.
 */
import { describe, expect, test } from 'vitest';
import { network, port, subnet } from '../../../lab/records.ts';
import { cookieOf } from '../../../src/compiler/index.ts';
import { MAC_AGE_MS } from '../../../src/controller/mac-ager.ts';
import { REST_MS } from '../../../src/controller/mac-learner.ts';
import { serviceHandlers } from '../../../src/controller/services.ts';
import type { ServicePacket } from '../../../src/fleet/index.ts';
import {
  DEFAULT_HOST_LIMITS,
  LEARNED_OF_NETWORK_MAX,
  LEARNED_OF_PORT_MAX,
  learnedMacId,
  type PluggedPort,
  type Port,
  pluggedPort,
} from '../../../src/topology/index.ts';
import { ControllerWorld, type Records } from '../../support/controller-world.ts';

const at = (number: number, more: Partial<Port> = {}): Port =>
  port(`p${number}`, { network: 'n', mac: `02:00:00:00:00:0${number}`, ips: [] }, more);
const LEARNS: Partial<Port> = { port_security_enabled: false, mac_learning_enabled: true };
const nested = (number: number): string =>
  `02:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 0xff).toString(16).padStart(2, '0')}`;
const FIRST = 0x100;
const MAC = nested(FIRST);
const INTENT: Records = {
  'network/n': network('n', 7),
  'port/p1': at(1, LEARNS),
  'port/p2': at(2, LEARNS),
  'port/p3': at(3),
  'port/p4': at(4, { port_security_enabled: false }),
};

/** `p1` is port 1 of h1; `p2`, `p3` and `p4` are ports 1 to 3 of h2. */
async function world(records: Records = INTENT, flowsMax?: number): Promise<ControllerWorld> {
  const limits = flowsMax === undefined ? undefined : { ...DEFAULT_HOST_LIMITS, flows: flowsMax };
  const started = new ControllerWorld(records, limits);
  await started.connect('h1', ['p1']);
  await started.connect('h2', ['p2', 'p3', 'p4']);
  return started;
}

const holderOf = (started: ControllerWorld, mac = MAC) =>
  started.topology.get('learned_mac', learnedMacId('n', mac))?.port_id;

const PACKET: ServicePacket = {
  hostId: 'h1',
  service: 'announcement',
  parameters: Buffer.alloc(0),
  ofport: 1,
  vni: 7,
  cookie: 0n,
  metadata: {},
  data: Buffer.alloc(0),
};

function frame(mac: string): Buffer {
  return Buffer.from(`ffffffffffff${mac.replaceAll(':', '')}0806`, 'hex');
}

/** A host hands over that one of its ports sends from an address. */
async function send(
  started: ControllerWorld,
  from: { host: string; ofport?: number },
  ...macs: readonly string[]
): Promise<void> {
  for (const mac of macs) {
    const at = { hostId: from.host, ofport: from.ofport ?? 1 };
    started.controller.fleetEvents().packetIn({ ...PACKET, ...at, data: frame(mac) });
  }
  await started.settle();
}

async function pass(started: ControllerWorld, ms: number): Promise<void> {
  started.clock.advance(ms);
  await started.settle();
}

const many = (count: number, from = FIRST): string[] =>
  Array.from({ length: count }, (_, index) => nested(from + index));

describe('an address behind a learning port', () => {
  test('is that port, and moves to another that sends from it, within a second', async () => {
    const started = await world();
    await send(started, { host: 'h1' }, MAC);
    expect(holderOf(started)).toBe('p1');
    await send(started, { host: 'h2' }, MAC);
    await pass(started, REST_MS);
    expect(holderOf(started)).toBe('p2');
  });

  test.each([
    ['a port with port security', 2, MAC],
    ['a port that does not learn', 3, MAC],
    ['a port that learns, as the own address of another', 1, '02:00:00:00:00:03'],
    ['a port that learns, as its own', 1, '02:00:00:00:00:02'],
    ['a port that learns, as that of the services', 1, '02:48:44:00:00:01'],
  ])('is not learned from %s', async (_, ofport, mac) => {
    const started = await world();
    await send(started, { host: 'h2', ofport }, mac);
    expect([...started.topology.list('learned_mac')]).toEqual([]);
  });

  test.each([
    ['the port does not learn any more', { mac_learning_enabled: false }],
    ['the port has port security', { port_security_enabled: true }],
    ['the port is in another network', { network_id: 'else' }],
  ])('is forgotten once %s', async (_, more) => {
    const started = await world();
    await send(started, { host: 'h1' }, MAC);
    started.put(['port/p1', at(1, { ...LEARNS, ...more })]);
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
  });

  test('is given up when a port comes whose own it is', async () => {
    const started = await world();
    await send(started, { host: 'h1' }, MAC);
    started.put(['port/own', { ...at(9), id: 'own', mac_address: MAC }]);
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
    await send(started, { host: 'h1' }, MAC);
    expect(holderOf(started)).toBeUndefined();
  });
});

describe('a port that shows many addresses', () => {
  test('has so many, and takes none from others', async () => {
    const started = await world();
    await send(started, { host: 'h2' }, MAC);
    await send(started, { host: 'h1' }, ...many(5 * LEARNED_OF_PORT_MAX, FIRST + 1));
    const { topology } = started;
    expect(topology.members('learnedMacsOfPort', 'p1').size).toBe(LEARNED_OF_PORT_MAX);
    expect(holderOf(started)).toBe('p2');
    const { revision } = topology;
    await send(started, { host: 'h1' }, ...many(500, 0x1000));
    await pass(started, REST_MS);
    expect(topology.revision).toBe(revision);
    await send(started, { host: 'h2' }, nested(0x2000));
    expect(holderOf(started, nested(0x2000))).toBe('p2');
  });

  test('has none that is too much for a host', async () => {
    const roomy = await world();
    const most = Math.max(...['h1', 'h2'].map((id) => roomy.topology.hostLoads.of(id).flows));
    const flows = most + 20;
    const started = await world(INTENT, flows);
    await send(started, { host: 'h1' }, ...many(LEARNED_OF_PORT_MAX));
    const learned = started.topology.count('learned_mac');
    expect(learned).toBeGreaterThan(0);
    expect(learned).toBeLessThan(LEARNED_OF_PORT_MAX);
    for (const id of ['h1', 'h2']) {
      expect(started.topology.hostLoads.of(id).flows).toBeLessThanOrEqual(flows);
    }
  });

  test('finds a network that is full', async () => {
    const others = many(LEARNED_OF_NETWORK_MAX, 0x4000).map((mac_address, index) => {
      const port_id = `other-${Math.floor(index / LEARNED_OF_PORT_MAX)}`;
      const record = { network_id: 'n', mac_address, port_id };
      return [`learned_mac/${learnedMacId('n', mac_address)}`, record] as const;
    });
    // A snapshot is looked through by controllers; ports that nobody has plugged keep nothing.
    const [, ...rest] = others;
    const ports = [...new Set(others.map(([, { port_id }]) => port_id))].map(
      (id, index) =>
        [`port/${id}`, { ...at(5, LEARNS), id, mac_address: nested(0x9000 + index) }] as const,
    );
    const started = await world({ ...INTENT, ...Object.fromEntries(ports) });
    await started.connect(
      'h3',
      ports.map(([key]) => key.slice('port/'.length)),
    );
    started.put(...rest);
    await send(started, { host: 'h1' }, MAC, nested(FIRST + 1));
    expect(started.topology.count('learned_mac')).toBe(LEARNED_OF_NETWORK_MAX);
    expect(holderOf(started)).toBe('p1');
    expect(holderOf(started, nested(FIRST + 1))).toBeUndefined();
  });
});

test('DHCPv6 is answered for the own address of a learning port alone', async () => {
  const v6 = { ip_version: 6, cidr: 'fd00::/64', ipv6_address_mode: 'dhcpv6-stateful' } as const;
  const fixed_ips = [{ subnet_id: 's', ip_address: 'fd00::1' }];
  const { topology } = await world({
    ...INTENT,
    'subnet/s': subnet('s', 'n', v6),
    'port/p1': at(1, { ...LEARNS, fixed_ips }),
  });
  const asker = pluggedPort(topology, 'p1') as PluggedPort;
  const answerTo = (mac: string) =>
    serviceHandlers(topology, { dnsDomain: '' }).dhcpv6?.(asker, {
      ...PACKET,
      service: 'dhcpv6',
      data: frame(mac),
    });
  expect(answerTo(MAC)).toBe('for another MAC address');
  expect(answerTo('02:00:00:00:00:01')).not.toBe('for another MAC address');
});

describe('an address that is used no more', () => {
  const uses = (mac: string, packets: number, idleMs: number, ageMs = 10 * MAC_AGE_MS) => ({
    name: mac,
    cookie: cookieOf('learned-mac', learnedMacId('n', mac)),
    packets,
    bytes: packets,
    ageMs,
    idleMs,
  });

  async function learned(): Promise<ControllerWorld> {
    const started = await world();
    await send(started, { host: 'h1' }, MAC, nested(FIRST + 1));
    return started;
  }

  test('is forgotten when its time has come, and not before', async () => {
    const started = await learned();
    started.uses.set('h1', [uses(MAC, 9, MAC_AGE_MS - 1), uses(nested(FIRST + 1), 9, MAC_AGE_MS)]);
    await pass(started, MAC_AGE_MS / 4);
    expect(holderOf(started)).toBe('p1');
    expect(holderOf(started, nested(FIRST + 1))).toBeUndefined();
  });

  test('has never been used when no packet has come since it was learned', async () => {
    const started = await learned();
    started.uses.set('h1', [
      uses(MAC, 0, 0, MAC_AGE_MS - 1),
      uses(nested(FIRST + 1), 0, 0, MAC_AGE_MS),
    ]);
    await pass(started, MAC_AGE_MS / 4);
    expect(holderOf(started)).toBe('p1');
    expect(holderOf(started, nested(FIRST + 1))).toBeUndefined();
  });

  test('is read of no host of others, and writes nothing while it is used', async () => {
    const started = await learned();
    const { revision } = started.topology;
    started.uses.set('h2', [uses(MAC, 9, MAC_AGE_MS)]);
    started.uses.set('h1', [uses(MAC, 9, 0)]);
    await pass(started, 2 * MAC_AGE_MS);
    expect(holderOf(started)).toBe('p1');
    expect(started.topology.revision).toBe(revision);
  });

  test('is learned anew by the next packet', async () => {
    const started = await learned();
    started.uses.set('h1', [uses(MAC, 9, MAC_AGE_MS)]);
    await pass(started, MAC_AGE_MS / 4);
    expect(holderOf(started)).toBeUndefined();
    started.uses.clear();
    await send(started, { host: 'h1' }, MAC);
    await pass(started, REST_MS);
    expect(holderOf(started)).toBe('p1');
  });
});
