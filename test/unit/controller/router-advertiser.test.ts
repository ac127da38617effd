/**
 * Goal: guests hear of routers, prefixes and name servers that come, change or go without asking;
 * hosts take turns, and nobody is told twice what did not change.
 * Method: a topology and a clock in memory; frames are noted with where they went.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port, subnet } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { RouterAdvertiser } from '../../../src/controller/router-advertiser.ts';
import { advertisersOf } from '../../../src/services/index.ts';
import {
  type AnyRecord,
  type RecordKey,
  ROUTER_INTERFACE,
  type Subnet,
} from '../../../src/topology/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const [TURN_MS, INTERVAL_MS] = [3_000, 600_000];
const SERVICE = '024844000001';
const ROUTER = '0200000000ff';

type Records = readonly (readonly [RecordKey, AnyRecord])[];

const six = (said: Partial<Subnet> = {}) =>
  subnet('six', 'net', { ip_version: 6, cidr: 'fd00::/64', ipv6_ra_mode: 'slaac', ...said });

const at = (number: number, net = 'net') => ({
  network: net,
  mac: `02:00:00:00:00:0${number}`,
  ips: [],
});

const ROUTER_PORT = port(
  'r',
  { network: 'net', mac: '02:00:00:00:00:ff', ips: [] },
  {
    device_owner: ROUTER_INTERFACE,
    fixed_ips: [{ subnet_id: 'six', ip_address: 'fd00::1' }],
  },
);

const RECORDS: Records = [
  ['host/a', host('a', '198.18.0.1')],
  ['host/b', host('b', '198.18.0.2')],
  ['network/net', network('net', 7)],
  ['network/quiet', network('quiet', 8)],
  ['subnet/six', six()],
  ['port/p1', port('p1', at(1))],
  ['port/p2', port('p2', at(2))],
  ['port/p3', port('p3', at(3))],
  ['port/p4', port('p4', at(4, 'quiet'))],
  ['binding/p1', binding('p1', 'a', 1)],
  ['binding/p2', binding('p2', 'a', 2)],
  ['binding/p3', binding('p3', 'b', 3)],
  ['binding/p4', binding('p4', 'a', 4)],
];

/** `owned`: which hosts are ours. */
function world(owned: readonly string[], more: Records = []) {
  const topology = topologyOf(new Map([...RECORDS, ...more]));
  const clock = new VirtualClock();
  const sent: { to: string; from: string; lifetime: number; prefixes: boolean }[] = [];
  const advertiser = new RouterAdvertiser({
    topology,
    clock,
    advertisersOf: (net) => advertisersOf(topology, net, { dnsDomain: '' }),
    owned: () => owned,
    send: (hostId, ofport, frame) => {
      const hex = frame.toString('hex');
      const prefixes = hex.includes('030440');
      const lifetime = frame.readUInt16BE(54 + 6);
      sent.push({ to: `${hostId}:${ofport}`, from: hex.slice(12, 24), lifetime, prefixes });
    },
  });
  advertiser.reset();
  const change = (puts: Records, deletes: RecordKey[] = []): void => {
    const list = puts.map(([key, value]) => ({ key, value }));
    const made = { revision: topology.revision + 1, at: '', puts: list, deletes };
    const tell = advertiser.observe(made);
    topology.apply(made);
    tell();
  };
  /** What is sent in so many milliseconds. */
  const after = (ms: number) => {
    clock.advance(ms);
    return sent.splice(0);
  };
  return { change, after, clock, advertiser };
}

const fromService = { from: SERVICE, lifetime: 0, prefixes: true };

test('each port of our hosts in a network with advertisements hears one an interval', () => {
  const { after } = world(['a', 'b']);
  const all = ['a:1', 'a:2', 'b:3'].map((to) => ({ to, ...fromService }));
  for (let interval = 0; interval < 3; interval += 1) {
    const heard = after(INTERVAL_MS).sort((one, other) => (one.to < other.to ? -1 : 1));
    expect(heard).toEqual(all);
  }
});

test('hosts of others are theirs to tell', () => {
  const { after, change } = world(['b']);
  expect(after(INTERVAL_MS)).toEqual([{ to: 'b:3', ...fromService }]);
  change([['subnet/six', six({ dns_nameservers: ['2001:db8::53'] })]]);
  expect(after(TURN_MS)).toEqual([{ to: 'b:3', ...fromService }]);
});

test('what changes is told in the next turn, and once, however often it changed', () => {
  const { after, change } = world(['a']);
  after(INTERVAL_MS);
  for (const last of ['51', '52', '53']) {
    change([['subnet/six', six({ dns_nameservers: [`2001:db8::${last}`] })]]);
  }
  expect(after(TURN_MS).map(({ to }) => to)).toEqual(['a:1', 'a:2']);
});

test.each<[string, Records]>([
  ['a name', [['subnet/six', six({ name: 'other' })]]],
  ['a port of a guest', [['port/p1', port('p1', at(1), { name: 'other' })]]],
  ['a subnet of IPv4', [['subnet/four', subnet('four', 'net')]]],
])('%s changes nothing that is advertised', (_, puts) => {
  const { after, change } = world(['a']);
  const quiet = after(INTERVAL_MS - TURN_MS).length;
  change(puts);
  expect(after(TURN_MS).length + quiet).toBe(2);
});

test('a router that comes is told of, and one that goes says so itself', () => {
  const { after, change } = world(['b']);
  after(INTERVAL_MS);
  change([['port/r', ROUTER_PORT]]);
  expect(after(TURN_MS)).toEqual([
    { to: 'b:3', from: ROUTER, lifetime: 65_535, prefixes: true },
    { to: 'b:3', from: SERVICE, lifetime: 0, prefixes: false },
  ]);
  change([], ['port/r']);
  expect(after(TURN_MS)).toEqual([
    { to: 'b:3', ...fromService },
    { to: 'b:3', from: ROUTER, lifetime: 0, prefixes: false },
  ]);
  change([], ['subnet/six']);
  expect(after(TURN_MS)).toEqual([{ to: 'b:3', from: SERVICE, lifetime: 0, prefixes: false }]);
  expect(after(2 * INTERVAL_MS)).toEqual([]);
});

test('a turn sends no more than a controller bears; the rest comes in the next ones', () => {
  const networks = Array.from({ length: 10 }, (_, net): Records => {
    const id = `n${net}`;
    const ports = Array.from({ length: 400 }, (__, index): Records => {
      const name = `${id}-${index}`;
      const mac = `02:01:00:0${net}:${index >> 8}:${(index % 256).toString(16)}`;
      return [
        [`port/${name}`, port(name, { network: id, mac, ips: [] })],
        [`binding/${name}`, binding(name, 'a', 1000 * (net + 1) + index)],
      ];
    });
    const said = { ip_version: 6, cidr: 'fd00::/64', ipv6_ra_mode: 'slaac' } as const;
    return [
      [`network/${id}`, network(id, 100 + net)],
      [`subnet/${id}`, subnet(id, id, said)],
      ...ports.flat(),
    ];
  }).flat();
  const { after } = world(['a'], networks);
  const turns = Array.from({ length: INTERVAL_MS / TURN_MS }, () => after(TURN_MS).length);
  expect(turns.reduce((sum, each) => sum + each, 0)).toBe(4002);
  expect(Math.max(...turns)).toBeLessThan(1500 + 400);
});

test('nothing is sent after the end', () => {
  const { after, advertiser, clock } = world(['a', 'b']);
  advertiser.stop();
  expect(after(2 * INTERVAL_MS)).toEqual([]);
  expect(clock.pending).toBe(0);
});
