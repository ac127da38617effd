/**
 * Whether what is about to be written would be too much for a host, one record after the other:
 * each is looked at with all those before it. It decides on the replica, as every rule does: what
 * other controllers write at the same moment may come on top, as much as is under way and no more.
 */
import type { Intent } from '../intent.ts';
import type { Port } from '../port.ts';
import { CopyCheck, wantedHost } from './copy-check.ts';
import type { Load } from './group-flows.ts';
import { type Growth, growthsOf, plugged, type RecordChange } from './growth.ts';
import type { HostLimits, Overrun } from './host-limits.ts';
import { type LoadSource, NO_LOAD, plus } from './host-loads.ts';

export class LimitCheck {
  readonly #now: LoadSource;
  readonly #then: Intent;
  readonly #limits: HostLimits;
  /** What was looked at so far; the first of it is in `#more`. */
  #growths: Growth[] = [];
  #total: Load = NO_LOAD;
  #settled = 0;
  /** By host. */
  readonly #more = new Map<string, Load>();
  readonly #copies: CopyCheck;

  /** `then` is the intent once all of it is written. */
  constructor(now: LoadSource, then: Intent, limits: HostLimits) {
    this.#now = now;
    this.#then = then;
    this.#limits = limits;
    this.#copies = new CopyCheck(now, then, limits.lookups);
  }

  /** What would be too much; then the change is not counted, and need not be made. */
  add(change: RecordChange): Overrun | undefined {
    return this.#addGrowths(this.#growthsOf(change)) ?? this.#copies.add(change);
  }

  /** A port that is meant for a host is looked at as if it were plugged in there. */
  #growthsOf(change: RecordChange): Growth[] {
    const times = { now: this.#now, next: this.#then };
    const growths = growthsOf(times, change);
    const { before, after, kind } = change;
    if (kind !== 'port' || after === undefined) return growths;
    const port = after as Port;
    const wanted = wantedHost(this.#now, port);
    const isPlugged = this.#then.get('binding', port.id) !== undefined;
    const isNew = (before as Port | undefined)?.['binding:host_id'] !== port['binding:host_id'];
    if (wanted === undefined || isPlugged || !isNew) return growths;
    return [...growths, ...plugged(times, port, wanted)];
  }

  #addGrowths(growths: readonly Growth[]): Overrun | undefined {
    if (growths.length === 0) return undefined;
    const before = { growths: this.#growths.length, total: this.#total };
    this.#growths.push(...growths);
    this.#total = growths.reduce<Load>(plus, this.#total);
    if (this.#now.hostLoads.fitsAnywhere(this.#total, this.#limits)) return undefined;
    const overrun = this.#settle();
    if (overrun === undefined) return undefined;
    this.#growths = this.#growths.slice(0, before.growths);
    this.#total = before.total;
    this.#settled = 0;
    this.#more.clear();
    return overrun;
  }

  /** Adds up what no host has been asked about yet. */
  #settle(): Overrun | undefined {
    for (; this.#settled < this.#growths.length; this.#settled++) {
      const growth = this.#growths[this.#settled] as Growth;
      for (const hostId of growth.hosts()) {
        const more = plus(this.#more.get(hostId) ?? NO_LOAD, growth);
        const overrun = this.#now.hostLoads.overrun(hostId, more, this.#limits);
        if (overrun !== undefined) return overrun;
        this.#more.set(hostId, more);
      }
    }
    return undefined;
  }
}
