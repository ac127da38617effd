/**
 * What it takes to decide what each host of a network is told when one more comes to it, or goes:
 * compiled, and compared with what the host has; nothing is sent.
 */
import { compileHost, DesiredState, UnitCache } from '../src/compiler/index.ts';
import { type Change, type Topology, touchedUnits, type UnitKey } from '../src/topology/index.ts';
import { type Bench, type Figure, quantile } from './report.ts';
import { makeWorld, portComes } from './world.ts';

const SIZES = [50, 250, 1_000];
const ROUNDS = 30;

export const join: Bench = {
  name: 'join',
  run: () => Promise.resolve(SIZES.flatMap(measure)),
};

/** One port on each host of so many but the first, which has one from time to time. */
function measure(hosts: number): Figure[] {
  const topology = makeWorld({ hosts: hosts + 1, ports: hosts, onFirst: 0 });
  const region = new Region(topology);
  const [joins, leaves]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { puts, ...comes } = portComes(topology, hosts + round);
    joins.push(region.take({ ...comes, puts }));
    const revision = topology.revision + 1;
    leaves.push(region.take({ ...comes, revision, puts: [], deletes: puts.map(({ key }) => key) }));
  }
  return [
    { name: `${hosts} hosts, one comes, p50`, value: quantile(joins, 0.5), unit: 'ms' },
    { name: `${hosts} hosts, it goes, p50`, value: quantile(leaves, 0.5), unit: 'ms' },
  ];
}

class Region {
  readonly #topology: Topology;
  readonly #cache = new UnitCache();
  readonly #states = new Map<string, DesiredState>();

  constructor(topology: Topology) {
    this.#topology = topology;
    for (const { id } of topology.list('host')) {
      const state = new DesiredState();
      state.apply(compileHost(topology, id, this.#cache.compile));
      this.#states.set(id, state);
    }
  }

  /** @returns milliseconds */
  take(change: Change): number {
    const start = performance.now();
    for (const [hostId, keys] of touchedUnits(this.#topology, change).entries()) {
      const unit = (key: UnitKey) => this.#cache.compile(this.#topology, hostId, key);
      this.#states.get(hostId)?.apply(new Map([...keys].map((key) => [key, unit(key)])));
    }
    return performance.now() - start;
  }
}
