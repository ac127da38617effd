/**
 * MAC addresses behind learning ports that are used no more: whoever owns the host of the port
 * reads now and then how long ago a packet came from each, and has it forgotten.
 *
 *     switch ──idle times──▶ MacAger ──unused──▶ MacLearner ──▶ one commit
 *
 * Flows have no timeouts, for a switch holds what was desired and nothing else. Nothing is written
 * while an address is used, and nothing ages on a host that is away.
 */
import { type Counted, cookieOf } from '../compiler/index.ts';
import type { FlowCount } from '../fleet/index.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { hashText } from '../lib/hash.ts';
import type { Logger } from '../lib/log.ts';
import { learnedKeysOf, type Topology } from '../topology/index.ts';
import type { FleetControl } from './fleet-control.ts';

export interface MacAgerOptions {
  readonly topology: Topology;
  readonly fleet: Pick<FleetControl, 'count' | 'status'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hosts that are ours. */
  readonly owned: () => Iterable<string>;
  /** Called with the id of the record of each address that was not used for so long. */
  readonly unused: (id: string) => void;
  readonly ageMs: number;
}

/** As switches have it (IEEE 802.1Q, ageing time). */
export const MAC_AGE_MS = 300_000;

/** Readings of a host within the age of an address, so that it lives an eighth longer at most. */
const READINGS = 8;
/** Hosts take turns within the time between two readings. */
const TURNS = 8;
const COUNTED: Counted = 'addresses';

export class MacAger {
  readonly #options: MacAgerOptions;
  readonly #turnMs: number;
  /** Hosts that have not answered yet. */
  readonly #asked = new Set<string>();
  #turns = 0;
  #timer: Timer | undefined;

  constructor(options: MacAgerOptions) {
    this.#options = options;
    this.#turnMs = Math.ceil(options.ageMs / READINGS / TURNS);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(this.#turnMs, () => {
      this.#schedule();
      this.#turns += 1;
      this.#turn();
    });
  }

  #turn(): void {
    const { topology, owned } = this.#options;
    if (topology.count('learned_mac') === 0) return;
    for (const hostId of owned()) {
      if ((hashText(hostId).lo >>> 0) % TURNS === this.#turns % TURNS) this.#read(hostId);
    }
  }

  #read(hostId: string): void {
    const { fleet, log } = this.#options;
    if (this.#asked.has(hostId) || fleet.status(hostId)?.state !== 'ready') return;
    if (this.#idsOf(hostId).size === 0) return;
    this.#asked.add(hostId);
    fleet
      .count(hostId, COUNTED)
      .then((flows) => this.#age(hostId, flows))
      .catch((error: unknown) => {
        log.debug('Uses of MAC addresses were not read.', { host: hostId, reason: String(error) });
      })
      .finally(() => this.#asked.delete(hostId));
  }

  #age(hostId: string, flows: readonly FlowCount[]): void {
    const { ageMs, unused } = this.#options;
    const ids = this.#idsOf(hostId);
    for (const { cookie, packets, idleMs, ageMs: sinceMs } of flows) {
      const id = ids.get(cookie);
      if (id !== undefined && (packets > 0 ? idleMs : sinceMs) >= ageMs) unused(id);
    }
  }

  /** By the cookie of their flows. */
  #idsOf(hostId: string): Map<bigint, string> {
    const ids = new Map<bigint, string>();
    for (const key of learnedKeysOf(this.#options.topology, hostId)) {
      const id = key.slice('learned-mac/'.length);
      ids.set(cookieOf('learned-mac', id), id);
    }
    return ids;
  }
}
