/**
 * From a change to the switches that it touches: the downward half of the ring.
 *
 *     change ──touchedUnits──▶ (host, unit) pairs ──compile──▶ delta of each of our hosts ──▶ fleet
 *
 * Pairs are collected, and compiled from the state of then when they are handed on (handover.ts):
 * what several changes touched is compiled once.
 */
import {
  type CompiledUnit,
  type CompilerSettings,
  compileHost,
  switchConfig,
  UnitCache,
} from '../compiler/index.ts';
import type { Change, Host, Topology, UnitKey } from '../topology/index.ts';
import { Scope, splitKey, touchedUnits } from '../topology/index.ts';
import type { FleetControl, UnitDelta } from './fleet-control.ts';

const RULE_UNIT = 'security-group-rule/';

export class Reconciler {
  readonly #topology: Topology;
  readonly #fleet: FleetControl;
  /** Our hosts, with the epoch of each. */
  readonly #owned = new Map<string, bigint>();
  readonly #settings: CompilerSettings | undefined;
  #cache: UnitCache;
  /** On our hosts, since they were told last. */
  #touched = new Scope();
  /** Our hosts whose records changed meanwhile: their tunnel may have other settings now. */
  readonly #renewed = new Set<string>();

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
    this.#settings = settings;
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
   * Applies a change to the topology, and notes what it touched until `flush`.
   * @returns the hosts that it touched, ours or not
   */
  change(change: Change): ReadonlySet<string> {
    const scope = touchedUnits(this.#topology, change);
    for (const [hostId, keys] of scope.entries()) {
      if (!this.#owned.has(hostId)) continue;
      for (const key of keys) this.#touched.add(hostId, key);
    }
    for (const { key } of change.puts) {
      const { kind, id } = splitKey(key);
      if (kind === 'host' && this.#owned.has(id)) this.#renewed.add(id);
    }
    return scope.hosts();
  }

  /** Hosts of ours that the next `flush` is for. */
  get hostsTouched(): number {
    return this.#touched.hostCount;
  }

  /** Hands each of our hosts what was touched there. */
  flush(): void {
    const { revision } = this.#topology;
    const touched = this.#touched;
    this.#touched = new Scope();
    for (const [hostId, keys] of localFirst(touched.entries())) {
      if (!this.#owned.has(hostId) || this.#renewed.has(hostId)) continue;
      const delta = new Map<UnitKey, CompiledUnit | undefined>();
      for (const key of keys) {
        delta.set(key, this.#cache.compile(this.#topology, hostId, key));
      }
      if (this.#losesCounts(hostId, delta)) this.#leaving(hostId);
      this.#fleet.update(hostId, revision, delta);
    }
    this.#adoptAgain(this.#renewed);
    this.#renewed.clear();
    this.#fleet.advance(revision);
  }

  /** After a snapshot nothing is known of what changed: every host gets its state anew. */
  reset(): void {
    this.#cache = new UnitCache(this.#settings);
    this.#touched = new Scope();
    this.#renewed.clear();
    this.#adoptAgain(this.#owned.keys());
    this.#fleet.advance(this.#topology.revision);
  }

  #adoptAgain(hostIds: Iterable<string>): void {
    for (const hostId of hostIds) {
      const host = this.#topology.get('host', hostId);
      const epoch = this.#owned.get(hostId);
      if (host !== undefined && epoch !== undefined) this.adopt(host, epoch);
    }
  }

  /** Whether flows go that count for a rule that is still there; those that change count on. */
  #losesCounts(hostId: string, delta: UnitDelta): boolean {
    for (const [key, unit] of delta) {
      if (!key.startsWith(RULE_UNIT)) continue;
      const id = key.slice(RULE_UNIT.length);
      if (this.#topology.get('security_group_rule', id) === undefined) continue;
      const before = this.#fleet.units(hostId)?.get(key);
      if (before !== undefined && losesFlow(before, unit)) return true;
    }
    return false;
  }
}

/**
 * Hosts with ports of their own among what was touched, then those that send to them: where a VM
 * runs, its connections are shown to the host where it is to arrive before others send there, too.
 */
function localFirst(touched: Iterable<Touched>): Touched[] {
  const own: Touched[] = [];
  const others: Touched[] = [];
  for (const entry of touched) (hasLocalPort(entry[1]) ? own : others).push(entry);
  return [...own, ...others];
}

type Touched = readonly [hostId: string, keys: ReadonlySet<UnitKey>];

function hasLocalPort(keys: Iterable<UnitKey>): boolean {
  for (const key of keys) if (key.startsWith('local-port/')) return true;
  return false;
}

type FlowsOf = Pick<CompiledUnit, 'flows'>;

function losesFlow(before: FlowsOf, after: FlowsOf | undefined): boolean {
  if (before === after) return false;
  const kept = new Set(after?.flows.map(({ key }) => key));
  return before.flows.some(({ key }) => !kept.has(key));
}
