/**
 * From a change to the switches that it touches: the downward half of the ring.
 *
 *     change ──touchedUnits──▶ (host, unit) pairs ──compile──▶ delta of each of our hosts ──▶ fleet
 *
 * Pairs are collected, and compiled from the state of then when they are handed on (handover.ts):
 * what several changes touched is compiled once. Hosts are told in rounds, some in a turn of the
 * event loop: a change of a thousand hosts keeps nobody waiting who asks meanwhile.
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

/**
 * Hosts that are told in one turn: some 20 ms while code is cold. Between turns few answers of
 * switches are heard at a time: with half as many hosts a change of 50 takes a tenth longer.
 */
const TURN_HOSTS = 64;

/** Those that changes up to a revision touched, and how many of them have been told. */
interface Round {
  readonly revision: number;
  readonly hostIds: readonly string[];
  told: number;
}

export class Reconciler {
  readonly #topology: Topology;
  readonly #fleet: FleetControl;
  /** Our hosts, with the epoch of each. */
  readonly #owned = new Map<string, bigint>();
  readonly #settings: CompilerSettings | undefined;
  #cache: UnitCache;
  /** On our hosts, since each was told last. */
  #touched = new Scope();
  #round: Round | undefined;
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
   * Applies a change to the topology, and notes what it touched until the host is told.
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

  /** Hosts that are to be told. */
  get hostsTouched(): number {
    return this.#touched.hostCount + this.#renewed.size;
  }

  /** Whether there is nothing to hand on. */
  get isDone(): boolean {
    return this.#round === undefined && this.hostsTouched === 0;
  }

  /**
   * Hands some of our hosts what was touched there.
   * @returns whether each host has been handed all that was touched before the round began
   */
  handOn(): boolean {
    this.#round ??= this.#beginRound();
    const { revision, hostIds, told } = this.#round;
    this.#round.told += TURN_HOSTS;
    for (const hostId of hostIds.slice(told, this.#round.told)) this.#tell(hostId);
    if (this.#round.told < hostIds.length) return false;
    this.#round = undefined;
    // What came meanwhile may have touched nobody, or only hosts that had their turn after it.
    this.#fleet.advance(this.isDone ? this.#topology.revision : revision);
    return true;
  }

  /** After a snapshot nothing is known of what changed: every host gets its state anew. */
  reset(): void {
    this.#cache = new UnitCache(this.#settings);
    this.#touched = new Scope();
    this.#round = undefined;
    this.#renewed.clear();
    for (const hostId of this.#owned.keys()) this.#adoptAgain(hostId);
    this.#fleet.advance(this.#topology.revision);
  }

  #beginRound(): Round {
    const hostIds = new Set([...localFirst(this.#touched.entries()), ...this.#renewed]);
    return { revision: this.#topology.revision, hostIds: [...hostIds], told: 0 };
  }

  /** All that was touched by now: what a host has is of one state of the topology. */
  #tell(hostId: string): void {
    const keys = this.#touched.take(hostId);
    if (this.#renewed.delete(hostId)) return this.#adoptAgain(hostId);
    if (!this.#owned.has(hostId)) return;
    const delta = new Map<UnitKey, CompiledUnit | undefined>();
    for (const key of keys) delta.set(key, this.#cache.compile(this.#topology, hostId, key));
    if (this.#losesCounts(hostId, delta)) this.#leaving(hostId);
    this.#fleet.update(hostId, this.#topology.revision, delta);
  }

  #adoptAgain(hostId: string): void {
    const host = this.#topology.get('host', hostId);
    const epoch = this.#owned.get(hostId);
    if (host !== undefined && epoch !== undefined) this.adopt(host, epoch);
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
function localFirst(touched: ReturnType<Scope['entries']>): string[] {
  const own: string[] = [];
  const others: string[] = [];
  for (const [hostId, keys] of touched) (hasLocalPort(keys) ? own : others).push(hostId);
  return [...own, ...others];
}

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
