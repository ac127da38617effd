/**
 * Goal: all other hosts of a network get each copy once, and a host that comes or goes costs the
 * others one group, which is the same one for nearly all of them.
 * Method: a network that hosts join one by one; units of a cache beside those compiled anew.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { chunkCount, inChunks, withoutOwn } from '../../../src/compiler/host-chunks.ts';
import { type CompiledUnit, compileUnit, UnitCache } from '../../../src/compiler/index.ts';
import { type AnyRecord, type RecordKey, touchedUnits } from '../../../src/topology/index.ts';
import { changeBetween, type State } from '../../support/world.ts';

const KEY = 'network/net';

/** Hosts h1, h2 … with a port each; the tunnel of `unreachable` ends nowhere. */
function world(hosts: number, { vni = 101, unreachable = 0 } = {}): Map<RecordKey, AnyRecord> {
  const state = new Map<RecordKey, AnyRecord>([['network/net', network('net', vni)]]);
  for (let h = 1; h <= hosts; h += 1) {
    const at = { network: 'net', mac: `02:00:00:00:00:${hex(h)}`, ips: [`10.0.0.${h}`] };
    state.set(`host/h${h}`, host(`h${h}`, h === unreachable ? '' : `198.18.0.${h}`));
    state.set(`port/p${h}`, port(`p${h}`, at));
    state.set(`binding/p${h}`, binding(`p${h}`, `h${h}`, 3));
  }
  return state;
}

const hex = (value: number) => value.toString(16).padStart(2, '0');

/** What the flood of a host sends to others, bucket by bucket; its own ports have number 3. */
const copies = (unit: CompiledUnit | undefined): string[] =>
  (unit?.groups ?? []).flatMap(({ groupId, buckets }) =>
    groupId >= 0x8000_0000 ? buckets.map(String) : [],
  );

/** A cache, and the topology that it is asked about, which becomes other states. */
function cached(first: State) {
  const cache = new UnitCache();
  const topology = topologyOf(first);
  let [state, revision] = [first, 1];
  return {
    topology,
    unit: (hostId: string) => cache.compile(topology, hostId, KEY),
    become: (next: State) => {
      revision += 1;
      touchedUnits(topology, changeBetween(state, next, revision));
      state = next;
    },
  };
}

test('each other host gets one copy, however many there are', () => {
  const { topology, unit, become } = cached(world(1));
  for (let hosts = 1; hosts <= 50; hosts += 1) {
    become(world(hosts));
    for (const hostId of ['h1', `h${hosts}`, `h${Math.ceil(hosts / 2)}`]) {
      expect(unit(hostId)).toEqual(compileUnit(topology, hostId, KEY));
      expect(new Set(copies(unit(hostId))).size).toBe(hosts - 1);
      expect(copies(unit(hostId))).toHaveLength(hosts - 1);
    }
    const all = Array.from({ length: hosts }, (_, h) => copies(unit(`h${h + 1}`)));
    expect(new Set(all.flat()).size).toBe(hosts === 1 ? 0 : hosts);
  }
});

test('a host that joins, or goes, alters one group of each other', () => {
  const hostIds = Array.from({ length: 40 }, (_, h) => `h${h + 1}`);
  const { unit, become } = cached(world(40));
  for (const hosts of [41, 40]) {
    const before = new Map(hostIds.map((id) => [id, unit(id)?.groups ?? []]));
    become(world(hosts));
    const altered = hostIds.flatMap((id) => {
      const then = before.get(id) ?? [];
      const groups = (unit(id)?.groups ?? []).filter(({ hash }) =>
        then.every((group) => group.hash.lo !== hash.lo),
      );
      expect(groups).toHaveLength(1);
      return groups;
    });
    // The others of its own chunk have that without themselves.
    expect(mostFrequent(altered)).toBeGreaterThanOrEqual(20);
  }
});

const mostFrequent = (items: readonly unknown[]) =>
  Math.max(...items.map((item) => items.filter((other) => other === item).length));

test('groups are of the network that has the number now', () => {
  const { topology, unit, become } = cached(world(40));
  unit('h1');
  become(world(40, { vni: 102 }));
  expect(unit('h1')).toEqual(compileUnit(topology, 'h1', KEY));
});

test('a host that nobody can send to sends to all others', () => {
  const { topology, unit } = cached(world(34, { unreachable: 1 }));
  expect(new Set(copies(unit('h1'))).size).toBe(33);
  expect(new Set(copies(unit('h2'))).size).toBe(32);
  for (const id of ['h1', 'h2']) expect(unit(id)).toEqual(compileUnit(topology, id, KEY));
});

test('one chunk more takes what it holds from one other', () => {
  const encaps = Array.from({ length: 1000 }, (_, index) => 0xc612_0000 + index);
  for (let count = 1; count < 63; count += 1) {
    const before = inChunks(encaps, count);
    const after = inChunks(encaps, count + 1, before);
    expect(before.filter((chunk, at) => after[at] !== chunk)).toHaveLength(1);
    expect(after.flat()).toHaveLength(1000);
  }
});

test('chunks stay short, and are as many as groups can be', () => {
  const encaps = Array.from({ length: 1000 }, (_, index) => 0xc612_0000 + index);
  const chunks = inChunks(encaps, chunkCount(encaps.length));
  expect(chunks).toHaveLength(63);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(50);
  expect(chunkCount(100_000)).toBe(64);
  expect(withoutOwn(chunks, 0xc612_0001).flat()).toHaveLength(999);
});
