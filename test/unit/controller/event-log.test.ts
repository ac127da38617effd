/**
 * Goal: watchers learn of every resource that changed, once a revision, and of nothing twice.
 * Method: changes as the store gives them, applied to a topology between the two halves.
 */
import { beforeEach, expect, test } from 'vitest';
import { trunk } from '../../../lab/records.ts';
import { EventLog, type RevisionNews } from '../../../src/controller/event-log.ts';
import {
  type AnyRecord,
  type Change,
  type RecordKey,
  Tables,
  Topology,
} from '../../../src/topology/index.ts';

let topology: Topology;
let log: EventLog;
let seen: RevisionNews[];
let lost: number;
const watcher = {
  news: (news: RevisionNews) => void seen.push(news),
  lost: () => void (lost += 1),
};

beforeEach(() => {
  topology = new Topology();
  log = new EventLog(topology, 3);
  seen = [];
  lost = 0;
});

function commit(puts: readonly RecordKey[], deletes: readonly RecordKey[] = []): void {
  const change: Change = {
    revision: topology.revision + 1,
    at: 'now',
    puts: puts.map((key) => ({ key, value: record(key) })),
    deletes,
  };
  const tell = log.observe(change);
  topology.apply(change);
  tell();
}

function record(key: RecordKey): AnyRecord {
  if (key === 'trunk/t') return trunk('t', 'p', { s: 11 });
  const ports = {
    fixed_ips: [],
    allowed_address_pairs: [],
    security_groups: [],
    network_id: 'n',
    device_id: '',
    mac_address: key,
  };
  return { ...ports, id: key, admin_state_up: true } as unknown as AnyRecord;
}

const resources = () =>
  seen.map(({ resources: list }) =>
    list.map(({ kind, id, deleted }) => `${kind}/${id}${deleted ? ' gone' : ''}`),
  );

test('a binding and a status are news of their port, told once', () => {
  log.watch(0, watcher);
  commit(['binding/p', 'status/p', 'host/h']);
  expect(resources()).toEqual([['port/p']]);
});

test('what becomes of a port is news of its trunk, too', () => {
  commit(['trunk/t']);
  log.watch(1, watcher);
  for (const port of ['p', 's', 'other']) commit([`status/${port}`]);
  commit([], ['status/s', 'trunk/t']);
  expect(resources()).toEqual([
    ['port/p', 'trunk/t'],
    ['port/s', 'trunk/t'],
    ['port/other'],
    ['port/s', 'trunk/t gone'],
  ]);
});

test('a resource that went is told with its last record', () => {
  commit(['port/p', 'binding/p']);
  log.watch(1, watcher);
  commit(['network/n'], ['binding/p', 'port/p']);
  expect(resources()).toEqual([['port/p gone', 'network/n']]);
});

test('who was away is told what came meanwhile, in order, and goes on', () => {
  for (const id of ['a', 'b', 'c']) commit([`network/${id}`]);
  log.watch(1, watcher);
  commit(['network/d']);
  expect(seen.map(({ revision }) => revision)).toEqual([2, 3, 4]);
});

test('who was away for too long is told so', () => {
  for (const id of ['a', 'b', 'c', 'd']) commit([`network/${id}`]);
  expect(log.watch(0, watcher)).toBeUndefined();
  expect(log.watch(1, watcher)).toBeDefined();
  expect(seen).toHaveLength(3);
});

test('after a snapshot nobody is left with a gap', () => {
  commit(['network/a']);
  log.watch(0, watcher);
  topology.load(9, new Tables());
  log.reset();
  expect(lost).toBe(1);
  commit(['network/b']);
  expect(seen).toHaveLength(1);
  expect(log.watch(8, watcher)).toBeUndefined();
  expect(log.watch(9, watcher)).toBeDefined();
});

test('who has stopped is told nothing', () => {
  log.watch(0, watcher)?.();
  commit(['network/a']);
  expect(seen).toEqual([]);
});
