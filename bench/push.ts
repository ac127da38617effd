/**
 * 10,000 flows into a real, empty switch as one atomic bundle: compiled, encoded and pushed by a
 * host session's own OpenFlow half, beside `ovs-ofctl --bundle add-flows` of the very same flows,
 * in turn, on the same switch. A controller runs for long, so that its code is warm when it counts;
 * what the very first push of a process takes is told too.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ovs } from '../lab/ovs.ts';
import { compileHost } from '../src/compiler/index.ts';
import { ChannelLink } from '../src/fleet/switch-link.ts';
import { SwitchSide } from '../src/fleet/switch-side.ts';
import { systemClock, systemRandom } from '../src/lib/system.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { bareChannel, startSwitch } from './rig.ts';
import { makeWorld } from './world.ts';

const WARM_UP_ROUNDS = 10;
const ROUNDS = 15;
const DAY_MS = 86_400_000;
const WORLD = makeWorld({ hosts: 3, ports: 1_000, onFirst: 348 });

export const push: Bench = {
  name: 'push',
  async run(note) {
    const ovs = await startSwitch('bench');
    const { channel, end } = await bareChannel(ovs);
    const host = new Host(new ChannelLink(channel, 'loopback'));
    await host.begin();
    const { totalMs: firstMs } = await host.push();
    const file = join(ovs.dir, 'flows.txt');
    const count = await saveFlows(ovs, file);
    note(`${count} flows with their markers, ${ROUNDS} rounds each`);
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      await host.empty();
      await host.push();
    }

    const ours: number[] = [];
    const compiling: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await host.empty();
      const { totalMs, compileMs } = await host.push();
      ours.push(totalMs);
      compiling.push(compileMs);
      // Flows name groups; ours stay, so that theirs is flows and nothing else.
      await ovs.ofctl('del-flows', 'br-int');
      const start = performance.now();
      await ovs.ofctl('add-flows', 'br-int', file, '--bundle');
      theirs.push(performance.now() - start);
    }
    host.stop();
    await end();
    await ovs.stop();
    return figures(count, { firstMs, ours, compiling, theirs });
  },
};

/** The OpenFlow half of a host session, that gains and loses everything again and again. */
class Host {
  readonly #link: ChannelLink;
  readonly #side = new SwitchSide({
    clock: systemClock,
    random: systemRandom,
    auditIntervalMs: DAY_MS,
    kick: () => {},
    drift: () => {},
  });

  constructor(link: ChannelLink) {
    this.#link = link;
    this.#side.attach(link);
  }

  /** Makes sure that the switch is as empty as we think. */
  async begin(): Promise<void> {
    await this.#side.reconcile(this.#link, () => {});
  }

  /** From records to the switch's last acknowledgement. */
  async push(): Promise<{ totalMs: number; compileMs: number }> {
    const start = performance.now();
    const units = compileHost(WORLD, 'host-0');
    const compileMs = performance.now() - start;
    this.#side.update(units);
    await this.#side.push(this.#link, () => {});
    return { totalMs: performance.now() - start, compileMs };
  }

  async empty(): Promise<void> {
    const keys = [...this.#side.desired.units.keys()];
    this.#side.update(new Map(keys.map((key) => [key, undefined])));
    await this.#side.push(this.#link, () => {});
  }

  stop(): void {
    this.#side.stop('the benchmark is over');
  }
}

/** Writes what the switch holds as `ovs-ofctl` reads it; gives the number of flows. */
async function saveFlows(ovs: Ovs, file: string): Promise<number> {
  const dump = await ovs.ofctl('dump-flows', 'br-int', '--no-stats', '--no-names');
  const lines = dump.split('\n').filter((line) => line.includes('actions='));
  await writeFile(file, lines.join('\n'));
  return lines.length;
}

interface Samples {
  readonly firstMs: number;
  readonly ours: readonly number[];
  readonly compiling: readonly number[];
  readonly theirs: readonly number[];
}

function figures(count: number, { firstMs, ours, compiling, theirs }: Samples): Figure[] {
  const median = (list: readonly number[]): number => quantile(list, 0.5);
  // Of each round by itself: what else the machine does touches both of its halves.
  const ratios = ours.map((ms, round) => ms / (theirs[round] ?? Number.NaN));
  return [
    { name: 'flows in one atomic bundle', value: count, unit: 'flows' },
    { name: 'compile, encode and push, median', value: median(ours), unit: 'ms' },
    { name: 'of that: compile to bytes', value: median(compiling), unit: 'ms' },
    { name: 'the first push of the process', value: firstMs, unit: 'ms' },
    { name: 'ovs-ofctl --bundle add-flows, median', value: median(theirs), unit: 'ms' },
    { name: 'ratio, median of rounds', value: median(ratios), unit: '×', goal: 'at most 0.8' },
  ];
}
