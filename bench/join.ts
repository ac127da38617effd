/**
 * What it takes to decide what each host of a network is told when one more comes to it, or goes:
 * compiled, and compared with what the host has; nothing is sent. Between two turns the event loop
 * serves others.
 */
import { DesiredState } from '../src/compiler/index.ts';
import type { FleetControl } from '../src/controller/fleet-control.ts';
import { Reconciler } from '../src/controller/reconciler.ts';
import type { Change, Topology } from '../src/topology/index.ts';
import { type Bench, type Figure, quantile } from './report.ts';
import { makeWorld, portComes } from './world.ts';

const SIZES = [50, 250, 1_000];
const ROUNDS = 30;

export const join: Bench = {
  name: 'join',
  run: () => Promise.resolve(SIZES.flatMap(measure)),
};

/** Milliseconds that a change takes. */
interface Took {
  readonly all: number;
  readonly longestTurn: number;
}

/** One port on each host of so many but the first, which has one from time to time. */
function measure(hosts: number): Figure[] {
  const topology = makeWorld({ hosts: hosts + 1, ports: hosts, onFirst: 0 });
  const region = new Region(topology);
  const [joins, leaves]: [Took[], Took[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { puts, ...comes } = portComes(topology, hosts + round);
    joins.push(region.take({ ...comes, puts }));
    const revision = topology.revision + 1;
    leaves.push(region.take({ ...comes, revision, puts: [], deletes: puts.map(({ key }) => key) }));
  }
  const p50 = (name: string, values: readonly number[]): Figure => ({
    name: `${hosts} hosts, ${name}, p50`,
    value: quantile(values, 0.5),
    unit: 'ms',
  });
  return [
    p50(
      'one comes',
      joins.map(({ all }) => all),
    ),
    p50(
      'it goes',
      leaves.map(({ all }) => all),
    ),
    p50(
      'the longest turn of each',
      [...joins, ...leaves].map(({ longestTurn }) => longestTurn),
    ),
  ];
}

class Region {
  readonly #reconciler: Reconciler;

  constructor(topology: Topology) {
    const states = new Map<string, DesiredState>();
    const stateOf = (hostId: string): DesiredState => {
      const state = states.get(hostId) ?? new DesiredState();
      states.set(hostId, state);
      return state;
    };
    const fleet: Partial<FleetControl> = {
      adopt: (hostId, { units }) => void stateOf(hostId).apply(units),
      update: (hostId, _, delta) => void stateOf(hostId).apply(delta),
      advance: () => {},
      units: (hostId) => stateOf(hostId).units,
    };
    this.#reconciler = new Reconciler(topology, fleet as FleetControl, () => {});
    for (const host of topology.list('host')) this.#reconciler.adopt(host, 1n);
  }

  take(change: Change): Took {
    const turns: number[] = [];
    const turn = (work: () => void): void => {
      const start = performance.now();
      work();
      turns.push(performance.now() - start);
    };
    turn(() => this.#reconciler.change(change));
    while (!this.#reconciler.isDone) turn(() => this.#reconciler.handOn());
    return { all: turns.reduce((sum, ms) => sum + ms, 0), longestTurn: Math.max(...turns) };
  }
}
