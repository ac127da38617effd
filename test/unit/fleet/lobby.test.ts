/**
 * Goal: channels wait for their host for a bounded time and in a bounded number.
 * Method: links in memory, a clock that the test moves.
 */
import { beforeEach, expect, test } from 'vitest';
import { Lobby } from '../../../src/fleet/lobby.ts';
import type { SwitchLink } from '../../../src/fleet/ports.ts';
import { FakeLink, FakeSwitch } from '../../support/fake-switch.ts';
import { FleetRecord } from '../../support/fleet-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let record: FleetRecord;
let lobby: Lobby;
let known: Set<bigint>;
let seated: SwitchLink[];

beforeEach(() => {
  clock = new VirtualClock();
  record = new FleetRecord();
  known = new Set();
  seated = [];
  lobby = new Lobby({
    clock,
    log: record.logger(),
    seat: (link) => {
      if (!known.has(link.datapathId)) return false;
      seated.push(link);
      return true;
    },
  });
});

const newLink = (datapathId: bigint): FakeLink => new FakeLink(new FakeSwitch(), datapathId);

test('a channel whose host is known goes straight through', () => {
  known.add(1n);
  lobby.enter(newLink(1n));
  expect(seated).toHaveLength(1);
  expect(lobby.size).toBe(0);
});

test('a channel that comes before its bridge row waits for it', () => {
  const link = newLink(1n);
  lobby.enter(link);
  lobby.retry();
  expect(seated).toEqual([]);
  known.add(1n);
  lobby.retry();
  expect(seated).toEqual([link]);
  clock.advance(60_000);
  expect(link.closed).toBeUndefined();
});

test('one that nobody claims is closed after a while, with the reason logged', () => {
  const link = newLink(0xabcn);
  lobby.enter(link);
  clock.advance(4_999);
  expect(link.closed).toBeUndefined();
  clock.advance(1);
  expect(link.closed).toMatch(/no connected host claims/);
  expect(record.lines.at(-1)).toMatchObject({ datapathId: '0000000000000abc' });
});

test('one that goes while it waits is forgotten', () => {
  const link = newLink(1n);
  lobby.enter(link);
  link.close('gone');
  known.add(1n);
  lobby.retry();
  expect(seated).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('only so many may wait', () => {
  const links = Array.from({ length: 1025 }, (_, index) => newLink(BigInt(index)));
  for (const link of links) lobby.enter(link);
  expect(links.filter(({ closed }) => closed !== undefined)).toHaveLength(1);
  lobby.close();
  expect(links.every(({ closed }) => closed !== undefined)).toBe(true);
  expect(clock.pending).toBe(0);
});
