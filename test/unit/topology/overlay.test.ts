/**
 * Goal: a draft reads the intent as its commit will leave it: what it puts is there, what it deletes is
 * not, and an address that it takes from one port is free for another.
 * Method: an overlay over a small replica; picks of a subnet in which nothing else is free.
 */
import { describe, expect, test } from 'vitest';
import { network, port, subnet } from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { systemRandom as random } from '../../../src/lib/system.ts';
import { Overlay } from '../../../src/topology/index.ts';
import { allocateAddresses } from '../../../src/topology/ipam.ts';
import { refusal } from './world.ts';

const SUBNET = 'subnet-n';
const mac = (n: number) => `fa:16:3e:00:00:0${n}`;
const at = (n: number) => port(`p${n}`, { network: 'n', mac: mac(n), ips: [`10.0.0.${n}`] });

/** A subnet of three addresses, 10.0.0.1 to 3, each with a port. */
function overlay(): Overlay {
  const pool = { start: '10.0.0.1', end: '10.0.0.3' };
  const base = topologyOf([
    ['network/n', network('n', 1)],
    [`subnet/${SUBNET}`, subnet(SUBNET, 'n', { allocation_pools: [pool] })],
    ...[1, 2, 3].map((n): Row => [`port/p${n}`, at(n)]),
  ]);
  return new Overlay(base, 'first');
}

function pick(topology: Overlay, device_owner = ''): string | undefined {
  const seeker = { network_id: 'n', mac_address: mac(9), device_owner };
  const context = { topology, reservations: new Set<string>(), random };
  return allocateAddresses(context, seeker, undefined)[0]?.ip_address;
}

describe('addresses', () => {
  test('of a port that the draft deletes are free, and of one that it puts are not', () => {
    const draft = overlay();
    expect(refusal(() => pick(draft))[0]).toBe('IpAddressGenerationFailure');
    draft.delete('port', 'p2');
    expect(pick(draft)).toBe('10.0.0.2');
    expect(pick(draft, 'network:dhcp')).toBe('10.0.0.2');
    draft.put('port', 'p4', port('p4', { network: 'n', mac: mac(4), ips: ['10.0.0.2'] }));
    expect(refusal(() => pick(draft))[0]).toBe('IpAddressGenerationFailure');
  });

  test('in order are the replica’s own while the draft takes none away', () => {
    const draft = overlay();
    const before = draft.sortedAddresses(SUBNET);
    draft.put('port', 'p4', port('p4', { network: 'n', mac: mac(4), ips: [] }));
    expect(draft.sortedAddresses(SUBNET)).toBe(before);
  });
});

describe('members of an index', () => {
  test('are those of the replica with what the draft put and without what it deleted', () => {
    const draft = overlay();
    draft.delete('port', 'p1');
    draft.put('port', 'p2', { ...at(2), network_id: 'other' });
    draft.put('port', 'p4', { ...at(3), id: 'p4' });
    expect([...draft.members('portsOfNetwork', 'n').keys()]).toEqual(['p3', 'p4']);
    expect([...draft.members('portsOfNetwork', 'other').keys()]).toEqual(['p2']);
    expect(draft.countOfProject('port', 'tenant')).toBe(3);
    expect(draft.get('port', 'p1')).toBeUndefined();
  });
});

describe('over another overlay', () => {
  test('is read what that one has put and deleted, and the replica behind it', () => {
    const under = overlay();
    const later = { ...at(1), name: 'later' };
    under.put('port', 'p1', later);
    under.delete('port', 'p2');
    const draft = new Overlay(under, 'second');
    draft.delete('port', 'p3');
    expect(['p1', 'p2', 'p3'].map((id) => draft.get('port', id))).toEqual([
      later,
      undefined,
      undefined,
    ]);
    expect(pick(draft)).toMatch(/^10\.0\.0\.[23]$/);
  });

  test('a record has the revision that the replica has, or the commit that will write it', () => {
    const under = overlay();
    under.put('port', 'p1', at(1));
    under.delete('port', 'p2');
    const versions = (['port/p1', 'port/p2', 'port/p3', 'port/p4'] as const).map((key) =>
      new Overlay(under, 'second').version(key),
    );
    expect(versions).toEqual(['first', undefined, 1, undefined]);
  });
});
