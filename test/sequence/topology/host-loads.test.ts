/**
 * Goal: what the topology says that a host bears is never less than what the compiler makes for it
 * and the simulator counts, and not much more; and no write adds more than was said beforehand.
 * Method: random topologies compiled for every host; random walks, one record at a time.
 */
import { expect, test } from 'vitest';
import { host } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, DesiredState } from '../../../src/compiler/index.ts';
import { instructionsFromBytes } from '../../../src/openflow/index.ts';
import { inVlan, SwitchModel } from '../../../src/simulator/index.ts';
import {
  lookupsOf,
  type RecordKey,
  recordKey,
  splitKey,
  Topology,
} from '../../../src/topology/index.ts';
import type { Load } from '../../../src/topology/load/group-flows.ts';
import { growthsOf } from '../../../src/topology/load/growth.ts';
import { BROADCAST, boundPorts, placeOf, randomPacket } from '../../support/packets.ts';
import { changeBetween, randomStates, type State } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';

const HOSTS = ['host-1', 'host-2', 'host-3', 'host-4', 'host-5'];
const SEEDS = Array.from({ length: 12 }, (_, index) => 7000 + index);
const STEPS = 30;

function stateOf(topology: Topology, hostId: string): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topology, hostId));
  return state;
}

function mostConjunctions(state: DesiredState): number {
  const counts = state
    .tables()
    .flatMap((table) => state.flowsOf(table))
    .map(({ instructions }) =>
      instructionsFromBytes(instructions)
        .flatMap((each) => (each.type === 'apply_actions' ? each.actions : []))
        .filter(({ type }) => type === 'conjunction'),
    );
  return Math.max(0, ...counts.map(({ length }) => length));
}

/** Where ports name the same remotes, and hosts cannot answer, a host has less than is counted. */
const MOST_TOO_MUCH = 1.6;

test.each(SEEDS)('a host never has more than is counted, nor much less (seed %i)', (seed) => {
  let [counted, made] = [0, 0];
  for (const state of randomStates(new SeededRandom(seed), STEPS)) {
    const topology = topologyOf(state);
    for (const hostId of HOSTS.filter((id) => topology.get('host', id) !== undefined)) {
      const compiled = stateOf(topology, hostId);
      const load = topology.hostLoads.of(hostId);
      expect(load.flows, hostId).toBeGreaterThanOrEqual(compiled.flowCount);
      expect(load.clauses, hostId).toBeGreaterThanOrEqual(mostConjunctions(compiled));
      counted += load.flows;
      made += compiled.flowCount;
    }
  }
  expect(counted / made).toBeLessThan(MOST_TOO_MUCH);
});

test('what every host has is counted exactly', () => {
  const topology = topologyOf(new Map([['host/h', host('h', '198.18.0.1')]]));
  expect(topology.hostLoads.of('h').flows).toBe(stateOf(topology, 'h').flowCount);
});

test.each(SEEDS)('no packet is looked up more often than is counted (seed %i)', (seed) => {
  const random = new SeededRandom(seed);
  const topology = topologyOf(randomStates(random, STEPS).at(-1) ?? new Map());
  const models = new Map(HOSTS.map((id) => [id, new SwitchModel(stateOf(topology, id))]));
  for (const { port, binding } of boundPorts(topology)) {
    const { ofport, vlan } = placeOf(binding);
    const here = topology.heldPorts(port.network_id, binding.host_id).size;
    for (let i = 0; i < 20; i++) {
      const packet = randomPacket(random, topology, port);
      const sent = random.chance(0.5) ? packet : { ...packet, eth_dst: BROADCAST };
      const run = models.get(binding.host_id)?.run(inVlan(sent, vlan), ofport);
      expect(run?.resubmits).toBeLessThanOrEqual(lookupsOf(here));
    }
  }
});

test.each(SEEDS)('no record adds more to a host than was said before (seed %i)', (seed) => {
  const random = new SeededRandom(seed);
  const topology = new Topology();
  let before: State = new Map();
  for (const after of randomStates(random, STEPS)) {
    for (const [key, value] of differences(random, before, after)) {
      writeWithin(topology, key, value);
    }
    before = after;
    const fresh = topologyOf(after);
    for (const id of HOSTS) expect(topology.hostLoads.of(id)).toEqual(fresh.hostLoads.of(id));
  }
});

type Value = ReturnType<State['get']>;

function differences(random: SeededRandom, before: State, after: State): [RecordKey, Value][] {
  const { puts, deletes } = changeBetween(before, after, 1);
  return random.shuffle([
    ...puts.map(({ key, value }): [RecordKey, Value] => [key, value]),
    ...deletes.map((key): [RecordKey, Value] => [key, undefined]),
  ]);
}

/** Writes a record, and holds every host against what the write was said to add. */
function writeWithin(topology: Topology, key: RecordKey, value: Value): void {
  const { kind, id } = splitKey(key);
  const most = new Map<string, Load>(HOSTS.map((host) => [host, topology.hostLoads.of(host)]));
  const change = { kind, id, before: topology.get(kind, id), after: value };
  for (const growth of growthsOf({ now: topology, next: topology }, change)) {
    for (const hostId of kind === 'host' ? HOSTS : growth.hosts()) {
      const load = most.get(hostId) ?? { flows: 0, clauses: 0 };
      const flows = load.flows + growth.flows;
      most.set(hostId, { flows, clauses: load.clauses + growth.clauses });
    }
  }
  const puts = value === undefined ? [] : [{ key: recordKey(kind, id), value }];
  const deletes = value === undefined ? [key] : [];
  topology.apply({ revision: topology.revision + 1, at: '', puts, deletes });
  for (const [hostId, { flows, clauses }] of most) {
    const load = topology.hostLoads.of(hostId);
    expect(load.flows, `${key} on ${hostId}`).toBeLessThanOrEqual(flows);
    expect(load.clauses, `${key} on ${hostId}`).toBeLessThanOrEqual(clauses);
  }
}
