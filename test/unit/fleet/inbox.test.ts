/**
 * Goal: packets of guests wait in bounds, hosts have turns, and everything else goes on meanwhile.
 * Method: a clock that the test moves.
 */
import { expect, test } from 'vitest';
import { ALL_WAITING_MAX, Inbox, WAITING_MAX } from '../../../src/fleet/inbox.ts';
import type { ServicePacket } from '../../../src/fleet/types.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function packet(hostId: string, ofport = 1): ServicePacket {
  const said = { parameters: Buffer.alloc(0), cookie: 0n, metadata: {}, data: Buffer.alloc(0) };
  return { hostId, service: 'dhcpv4', ofport, vni: 1, ...said };
}

function inbox() {
  const clock = new VirtualClock();
  const delivered: string[] = [];
  const box = new Inbox({ clock, deliver: ({ hostId }) => delivered.push(hostId) });
  return { clock, box, delivered };
}

test('a packet is delivered after what runs now, and no timer is left behind', () => {
  const { clock, box, delivered } = inbox();
  expect(box.add(packet('a'))).toBe(true);
  expect(delivered).toEqual([]);
  clock.advance(0);
  expect(delivered).toEqual(['a']);
  expect(clock.pending).toBe(0);
});

test('a host that floods keeps its own queue full, and the others wait for one packet of it', () => {
  const { clock, box, delivered } = inbox();
  const taken = Array.from({ length: WAITING_MAX + 10 }, () => box.add(packet('flood')));
  expect(taken.filter(Boolean)).toHaveLength(WAITING_MAX);
  expect(box.add(packet('b'))).toBe(true);
  expect(box.add(packet('b'))).toBe(true);
  clock.setTimer(0, () => delivered.push('something else'));
  clock.advance(0);
  expect(delivered.slice(0, 4)).toEqual(['flood', 'b', 'flood', 'b']);
  expect(delivered.indexOf('something else')).toBe(64);
  expect(delivered.filter((hostId) => hostId === 'flood')).toHaveLength(WAITING_MAX);
});

test('hosts that flood together are held to what all may have, and the others still get in', () => {
  const { clock, box, delivered } = inbox();
  const floods = Array.from({ length: 20 }, (_, number) => `flood ${number}`);
  const flood = () =>
    floods.flatMap((host) => Array.from({ length: WAITING_MAX }, () => box.add(packet(host))));
  expect(flood().filter(Boolean).length).toBeLessThan(ALL_WAITING_MAX + floods.length);
  expect(box.add(packet('b'))).toBe(true);
  clock.advance(0);
  expect(delivered.indexOf('b')).toBeLessThanOrEqual(floods.length);
  const first = delivered.length;
  expect(flood().filter(Boolean)).toHaveLength(first - 1);
});

test('what waits when the fleet stops is dropped', () => {
  const { clock, box, delivered } = inbox();
  box.add(packet('a'));
  box.clear();
  clock.advance(1);
  expect(delivered).toEqual([]);
  expect(clock.pending).toBe(0);
});
