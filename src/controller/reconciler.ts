/**
 * From a change to the switches that it touches: the downward half of the ring.
 *
 *     change ──touchedUnits──▶ (host, unit) pairs ──compile──▶ delta of each of our hosts ──▶ fleet
 */
import {
  type CompiledUnit,
  type CompilerSettings,
  compileHost,
  switchConfig,
  UnitCache,
} from '../compiler/index.ts';
import type { Change, Host, Topology, UnitKey } from '../topology/index.ts';
import { splitKey, touchedUnits } from '../topology/index.ts';
import type { FleetControl, UnitDelta } from './fleet-control.ts';

const RULE_UNIT = 'security-group-rule/';

export class Reconciler {
  readonly #topology: Topology;
  readonly #fleet: FleetControl;
  /** Our hosts, with the epoch of each. */
  readonly #owned = new Map<string, bigint>();
  readonly #cache: UnitCache;

  readonly #leaving: (hostId: string) => void;

  /** @param leaving a host of ours is about to lose flows of rules that live on */
  constructor(
    topology: Topology,
    fleet: FleetControl,
    leaving: (hostId: string) => void,
    settings?: CompilerSettings,
  ) {
    this.#topology = topology;
    this.#fleet = fleet;
    this.#leaving = leaving;
    this.#cache = new UnitCache(settings);
  }

  /** Hands a host of ours its whole desired state. */
  adopt(host: Host, epoch: bigint): void {
    this.#owned.set(host.id, epoch);
    this.#fleet.adopt(host.id, {
      epoch,
      revision: this.#topology.revision,
      units: compileHost(this.#topology, host.id, this.#cache.compile),
      config: switchConfig(host),
    });
  }

  release(hostId: string): void {
    if (this.#owned.delete(hostId)) this.#fleet.release(hostId);
  }

  /**
   * Applies a change to the topology and hands each of our hosts what it touched there.
   * @returns the hosts that it touched, ours or not
   */
  change(change: Change): ReadonlySet<string> {
    const scope = touchedUnits(this.#topology, change);
    const renewed = this.#renewed(change);
    for (const [hostId, keys] of scope.entries()) {
      if (!this.#owned.has(hostId) || renewed.has(hostId)) continue;
      const delta = new Map<UnitKey, CompiledUnit | undefined>();
      for (const key of keys) {
        delta.set(key, this.#cache.compile(this.#topology, hostId, key));
      }
      if (this.#losesCounts(hostId, delta)) this.#leaving(hostId);
      this.#fleet.update(hostId, change.revision, delta);
    }
    for (const [host, epoch] of renewed.values()) this.adopt(host, epoch);
    this.#fleet.advance(change.revision);
    return scope.hosts();
  }

  /** After a snapshot nothing is known of what changed: every host gets its state anew. */
  reset(): void {
    for (const [hostId, epoch] of this.#owned) {
      const host = this.#topology.get('host', hostId);
      if (host !== undefined) this.adopt(host, epoch);
    }
    this.#fleet.advance(this.#topology.revision);
  }

  /** Whether flows go, or become others, that count for a rule that is still there. */
  #losesCounts(hostId: string, delta: UnitDelta): boolean {
    for (const [key, unit] of delta) {
      if (!key.startsWith(RULE_UNIT)) continue;
      const id = key.slice(RULE_UNIT.length);
      if (this.#topology.get('security_group_rule', id) === undefined) continue;
      const before = this.#fleet.units(hostId)?.get(key);
      if (before !== undefined && before !== unit) return true;
    }
    return false;
  }

  /** Our hosts whose records changed: their tunnel may have other settings now. */
  #renewed(change: Change): ReadonlyMap<string, readonly [Host, bigint]> {
    const renewed = new Map<string, readonly [Host, bigint]>();
    for (const { key } of change.puts) {
      const { kind, id } = splitKey(key);
      const host = kind === 'host' ? this.#topology.get('host', id) : undefined;
      const epoch = this.#owned.get(id);
      if (host !== undefined && epoch !== undefined) renewed.set(id, [host, epoch]);
    }
    return renewed;
  }
}
