/**
 * Goal: incremental equals from scratch, and a recompute of everything changes nothing.
 * Method: random lists of states, walked forwards, backwards, squashed, split into single records
 * in random order, repeated, and with empty changes between. After each change every host is
 * compared with a fresh compile, so a unit that `touchedUnits` left out shows; the changes go to a
 * switch that refuses what a real one would.
 */
import { expect, test } from 'vitest';
import {
  type CompiledUnit,
  compileHost,
  DesiredState,
  UnitCache,
} from '../../../src/compiler/index.ts';
import { type Change, Topology, touchedUnits, type UnitKey } from '../../../src/topology/index.ts';
import { changeBetween, randomStates, type State } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';
import { dumpState, dumpSwitch, RecordingSwitch } from '../../support/world-switch.ts';

const HOSTS = ['host-1', 'host-2', 'host-3', 'host-4', 'host-5'];
const EMPTY: State = new Map();
const SEEDS = Array.from({ length: 6 }, (_, index) => 1000 + index);
const STEPS = 45;

/** A controller without I/O: what it holds must always be what a fresh one would compute. */
class World {
  readonly topology = new Topology();
  readonly #cache = new UnitCache();
  readonly #hosts = new Map(
    HOSTS.map((id) => [id, { state: new DesiredState(), held: new RecordingSwitch() }]),
  );

  take(change: Change): void {
    const scope = touchedUnits(this.topology, change);
    for (const [hostId, { state, held }] of this.#hosts) {
      const delta = new Map<UnitKey, CompiledUnit | undefined>();
      for (const key of scope.unitsOf(hostId)) {
        delta.set(key, this.#cache.compile(this.topology, hostId, key));
      }
      held.take(state.apply(delta));
    }
  }

  check(): void {
    for (const [hostId, { state, held }] of this.#hosts) {
      const fresh = new DesiredState();
      const units = compileHost(this.topology, hostId);
      fresh.apply(units);
      expect(dumpState(state), hostId).toEqual(dumpState(fresh));
      expect(queuesOf(state), hostId).toEqual(queuesOf(fresh));
      expect(dumpSwitch(held), hostId).toEqual(dumpState(fresh));
      const again = state.apply(units);
      const changes = [again.flows, again.groups, again.groupDeletes, again.meters];
      expect(changes.flat()).toEqual([]);
    }
  }
}

function queuesOf({ queues }: DesiredState): (readonly [number, number])[] {
  return [...queues].sort(([one], [other]) => one - other);
}

type Expander = (states: readonly State[], random: SeededRandom) => State[];

const EXPANDERS: Readonly<Record<string, Expander>> = {
  'as they come': (states) => [...states],
  'in reverse order': (states) => states.toReversed(),
  'with empty changes between': (states) => states.flatMap((state) => [state, state]),
  'from nothing each time': (states) =>
    states.filter((_, i) => i % 6 === 0).flatMap((state) => [EMPTY, state]),
  'five at a time': (states) => states.filter((_, index) => index % 5 === 4),
  'one record at a time in random order': (states, random) => split(states, random),
};

for (const [name, expand] of Object.entries(EXPANDERS)) {
  test.each(SEEDS)(`states ${name} leave what a fresh compile gives (seed %i)`, (seed) => {
    const random = new SeededRandom(seed);
    const world = new World();
    let before = EMPTY;
    for (const after of expand(randomStates(random, STEPS), random)) {
      world.take(changeBetween(before, after, world.topology.revision + 1));
      world.check();
      before = after;
    }
  });
}

test.each(SEEDS)('a change that comes twice changes nothing the second time (seed %i)', (seed) => {
  const world = new World();
  let before = EMPTY;
  for (const after of randomStates(new SeededRandom(seed), STEPS)) {
    const change = changeBetween(before, after, world.topology.revision + 1);
    world.take(change);
    world.take({ ...change, revision: change.revision + 1 });
    world.check();
    before = after;
  }
});

test.each(SEEDS)('units may be handed over in any order and in any portions (seed %i)', (seed) => {
  const random = new SeededRandom(seed);
  const topology = new Topology();
  const states = randomStates(random, STEPS);
  touchedUnits(topology, changeBetween(EMPTY, states.at(-1) ?? EMPTY, 1));
  for (const hostId of HOSTS) {
    const whole = new DesiredState();
    const units = compileHost(topology, hostId);
    whole.apply(units);
    const pieces = new DesiredState();
    for (const [key, unit] of random.shuffle([...units, ...units])) {
      if (random.chance(0.3)) pieces.apply(new Map([[key, undefined]]));
      pieces.apply(new Map([[key, unit]]));
    }
    expect(dumpState(pieces)).toEqual(dumpState(whole));
  }
});

/** Each difference as a change of its own: records come before and after those they name. */
function split(states: readonly State[], random: SeededRandom): State[] {
  const pieces: State[] = [];
  let before = EMPTY;
  for (const after of states) {
    const keys = new Set([...before.keys(), ...after.keys()]);
    const draft = new Map(before);
    for (const key of random.shuffle([...keys])) {
      if (before.get(key) === after.get(key)) continue;
      const value = after.get(key);
      if (value === undefined) draft.delete(key);
      else draft.set(key, value);
      pieces.push(new Map(draft));
    }
    before = after;
  }
  return pieces;
}
