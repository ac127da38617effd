/**
 * Goal: a port that is plugged where it would be too much is not served, its host says why, nobody
 * else notices, and it is served as soon as there is room.
 * Method: a controller in memory with small limits; the test plays its hosts.
 */
import { expect, test } from 'vitest';
import { binding, host, network, networkLog, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import {
  type AnyRecord,
  DEFAULT_HOST_LIMITS,
  lookupsOf,
  type RecordKey,
} from '../../../src/topology/index.ts';
import { ControllerWorld } from '../../support/controller-world.ts';

const IDS = ['p1', 'p2', 'p3'] as const;
const [P1, P2, P3] = IDS.map((id, index) =>
  port(id, { network: 'n', mac: `02:00:00:00:00:0${index}`, ips: [] }),
) as [ReturnType<typeof port>, ReturnType<typeof port>, ReturnType<typeof port>];
const INTENT = {
  'network/n': network('n', 7),
  'port/p1': P1,
  'port/p2': P2,
  'port/p3': P3,
} as const;

function crowded(): ControllerWorld {
  return new ControllerWorld(INTENT, { ...DEFAULT_HOST_LIMITS, lookups: lookupsOf(2) });
}

function hostsOf(world: ControllerWorld): (string | undefined)[] {
  return IDS.map((id) => world.topology.get('binding', id)?.host_id);
}

function errorsOf(world: ControllerWorld, id: string): readonly string[] | undefined {
  return world.controller.hosts().find((host) => host.id === id)?.errors;
}

test('a port too many is not served, and its host says why', async () => {
  const world = crowded();
  await world.connect('h1', ['p1', 'p2', 'p3']);
  await world.acknowledge('h1');
  expect(hostsOf(world)).toEqual(['h1', 'h1', undefined]);
  expect(world.topology.get('status', 'p1')?.active).toBe(true);
  expect(world.topology.get('status', 'p3')).toBeUndefined();
  expect(errorsOf(world, 'h1')).toEqual([
    `port p3 is not served: Host h1 would need ${lookupsOf(3)} lookups for one broadcast packet, ` +
      `and takes ${lookupsOf(2)}; nothing was changed. ` +
      'Use other hosts for ports of this network, or another network.',
  ]);
  world.put(['port/p3', { ...P3, name: 'renamed' }]);
  await world.settle();
  const warnings = world.record.lines.filter(({ message }) => message.includes('bear too much'));
  expect(warnings).toMatchObject([{ port: 'p3', hostId: 'h1', limit: 'lookups' }]);
});

test('it is served when another goes, or elsewhere', async () => {
  const world = crowded();
  await world.connect('h1', ['p1', 'p2', 'p3']);
  world.commit({ put: new Map(), delete: ['port/p1', 'binding/p1'] });
  world.clock.advance(500);
  await world.settle();
  expect(hostsOf(world)).toEqual([undefined, 'h1', 'h1']);
  expect(errorsOf(world, 'h1')).toEqual([]);
});

test('one that its host shows no more is nobody’s trouble', async () => {
  const world = crowded();
  await world.connect('h1', ['p1', 'p2', 'p3']);
  world.show('h1', ['p1', 'p2']);
  await world.connect('h2', ['p3']);
  expect(hostsOf(world)).toEqual(['h1', 'h1', 'h2']);
  expect(errorsOf(world, 'h1')).toEqual([]);
});

test('it is served when what others cost is less, as a log that goes', async () => {
  // A log costs a port 12 flows; what a port adds is counted with a few too many.
  const flows = loadOfTwo() + 11;
  const intent = { 'network/n': INTENT['network/n'], 'port/p1': P1, 'port/p2': P2 };
  const log = networkLog('l', { project_id: P1.project_id });
  const world = new ControllerWorld({ ...intent, 'log/l': log }, { ...DEFAULT_HOST_LIMITS, flows });
  await world.connect('h1', ['p1', 'p2']);
  // What has changed until now is looked at before the log goes.
  world.clock.advance(500);
  await world.settle();
  expect(hostsOf(world)).toEqual(['h1', undefined, undefined]);
  world.commit({ put: new Map(), delete: ['log/l'] });
  world.clock.advance(500);
  await world.settle();
  expect(hostsOf(world)).toEqual(['h1', 'h1', undefined]);
});

/** Flows of a host with two ports that nobody logs. */
function loadOfTwo(): number {
  const records: readonly (readonly [RecordKey, AnyRecord])[] = [
    ['host/h1', host('h1', '198.18.0.1')],
    ['network/n', INTENT['network/n']],
    ['port/p1', P1],
    ['port/p2', P2],
    ['binding/p1', binding('p1', 'h1', 1)],
    ['binding/p2', binding('p2', 'h1', 2)],
  ];
  return topologyOf(records).hostLoads.of('h1').flows;
}
