/**
 * Pings each 10 ms between VMs, none of which may be lost. On a machine that gives a switch no
 * processor for long enough, the kernel loses frames before any flow sees them: it counts those.
 */
import type { Host } from '../../lab/host.ts';
import { overflowed } from '../../lab/overflow.ts';
import { ContinuousPing, type Family } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';

export type Pair = readonly [from: Vm, to: Vm, family: Family];

export interface Losses {
  /** By who pinged whom; nothing lost is an empty list. */
  readonly lost: readonly string[];
  /** Pings lost that no full socket of a switch explains. */
  readonly unexplained: number;
}

export class LossCount {
  readonly #hosts: readonly Host[];
  readonly #before: number;
  readonly #running: readonly (readonly [name: string, ping: ContinuousPing])[];
  #full = 0;

  private constructor(
    hosts: readonly Host[],
    before: number,
    running: readonly (readonly [string, ContinuousPing])[],
  ) {
    this.#hosts = hosts;
    this.#before = before;
    this.#running = running;
  }

  static async start(hosts: readonly Host[], pairs: readonly Pair[]): Promise<LossCount> {
    const before = await fullSockets(hosts);
    const running = await Promise.all(
      pairs.map(async ([from, to, family]) => {
        const ping = await ContinuousPing.start(from, to.address(family));
        return [`${from.name} > ${to.name} ${family}`, ping] as const;
      }),
    );
    return new LossCount(hosts, before, running);
  }

  /** Before a port is unplugged: its socket takes along what it has counted. */
  async look(): Promise<void> {
    this.#full = Math.max(this.#full, (await fullSockets(this.#hosts)) - this.#before);
  }

  async stop(): Promise<Losses> {
    const reports = await Promise.all(
      this.#running.map(async ([name, ping]) => ({ name, ...(await ping.stop()) })),
    );
    await this.look();
    const sum = reports.reduce((total, { lost }) => total + lost, 0);
    const lost = reports
      .filter((report) => report.lost > 0)
      .map(({ name, lost: count, sent }) => `${name}: ${count} of ${sent}`);
    return { lost, unexplained: Math.max(sum - this.#full, 0) };
  }
}

function fullSockets(hosts: readonly Host[]): Promise<number> {
  const namespaces = hosts.map(({ namespace }) => namespace);
  return overflowed('ovs-vswitchd', namespaces);
}
