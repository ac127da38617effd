/**
 * Goal: 65,000 ports on one /16, and the last address costs hardly more than the first, wherever the
 * used ones lie.
 * Method: a topology of that many ports, asked through a counter of looks; no clock.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { network, port, subnet } from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { systemRandom as random } from '../../../src/lib/system.ts';
import {
  formatAddress,
  type Port,
  parseAddress,
  type Topology,
} from '../../../src/topology/index.ts';
import { allocateAddresses } from '../../../src/topology/ipam.ts';
import { refusal } from './world.ts';

const POOL_SIZE = 65_533;
const USED = 65_000;
const FIRST = parseAddress('10.0.0.2') as number;
const SUBNET = 'subnet-n';

/** A /16 whose addresses at these offsets into its pool are given out, one a port. */
function full(offsets: Iterable<number>): Topology {
  const pool = { start: '10.0.0.2', end: '10.0.255.254' };
  return topologyOf([
    ['network/n', network('n', 1)],
    [`subnet/${SUBNET}`, subnet(SUBNET, 'n', { cidr: '10.0.0.0/16', allocation_pools: [pool] })],
    ...[...offsets].map((offset): Row => {
      const id = `p${offset}`;
      return [`port/${id}`, portAt(id, FIRST + offset)];
    }),
  ]);
}

function portAt(id: string, address: number): Port {
  const mac = address
    .toString(16)
    .padStart(12, '0')
    .replace(/(..)(?=.)/g, '$1:');
  return port(id, { network: 'n', mac, ips: [formatAddress(address)] });
}

/** Gives out one more address and says how often it asked whether an address is free. */
function allocate(topology: Topology, device_owner = ''): { address: string; looks: number } {
  let looks = 0;
  const counting = Object.create(topology, {
    addressOwner: {
      value: (subnetId: string, address: number) => {
        looks++;
        return topology.addressOwner(subnetId, address);
      },
    },
    members: { value: topology.members.bind(topology) },
    sortedAddresses: { value: topology.sortedAddresses.bind(topology) },
  }) as Topology;
  const seeker = { network_id: 'n', mac_address: 'fa:16:3e:00:00:01', device_owner };
  const context = { topology: counting, reservations: new Set<string>(), random };
  const [fixed] = allocateAddresses(context, seeker, undefined);
  return { address: fixed?.ip_address ?? '', looks };
}

function save(topology: Topology, id: string, address: string): void {
  const value = portAt(id, parseAddress(address) as number);
  const puts = [{ key: `port/${id}`, value } as const];
  topology.apply({ revision: topology.revision + 1, at: '', puts, deletes: [] });
}

const range = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

describe.each([
  ['in one block at the beginning', range(0, USED)],
  ['in one block near the end', range(POOL_SIZE - USED, USED)],
  ['all over', range(0, USED).map((i) => (i * 30_011) % POOL_SIZE)],
])('with 65,000 used addresses %s', (_, offsets) => {
  let topology: Topology;
  beforeAll(() => {
    topology = full(offsets);
  });

  test('every free one is found, looking at few, and then there is none', () => {
    let most = 0;
    const given = new Set<string>();
    for (let i = 0; i < POOL_SIZE - USED; i++) {
      const { address, looks } = allocate(topology);
      most = Math.max(most, looks);
      given.add(address);
      save(topology, `new${i}`, address);
    }
    expect(given.size).toBe(POOL_SIZE - USED);
    expect(most).toBeLessThan(40);
    expect(refusal(() => allocate(topology))[0]).toBe('IpAddressGenerationFailure');
  });

  test('one that is given back is found, in one look where it is the first of a kind', () => {
    const key = 'port/new7' as const;
    const free = topology.get('port', 'new7')?.fixed_ips[0]?.ip_address;
    topology.apply({ revision: topology.revision + 1, at: '', puts: [], deletes: [key] });
    expect(allocate(topology, 'network:dhcp')).toEqual({ address: free, looks: 1 });
    expect(allocate(topology).address).toBe(free);
  });
});

test('a port of a DHCP server gets the first address, all others one at random', () => {
  const topology = full([0, 1, 3]);
  expect(allocate(topology, 'network:dhcp').address).toBe('10.0.0.4');
  const random = new Set(range(0, 20).map(() => allocate(topology).address));
  expect(random.size).toBeGreaterThan(15);
});
