/**
 * The desired state of one host: the union of its units, kept incrementally.
 *
 *     units ──apply(delta)──▶ winners per flow key, group, meter ──▶ changes, fingerprints, markers
 *
 * The state depends only on the units that it holds, never on the order in which they came: where
 * two units yield the same flow (user data can do that, as overlapping allowed address pairs), the
 * one with the lower cookie wins, and the other takes its place when it goes.
 */
import {
  type CompiledGroup,
  type CompiledMeter,
  type CompiledQueue,
  type CompiledUnit,
  sameGroup,
  sameMeter,
  sameQueue,
} from './compiled.ts';
import { type CompiledFlow, sameFlow } from './compiled-flow.ts';
import { Conjunctions } from './conjunctions.ts';
import { Fingerprint } from './fingerprint.ts';
import { GROUPS_SLOT, markerFlow } from './markers.ts';

/**
 * add: new, or the same key with another cookie (a switch replaces the flow and its counters).
 * modify: same key and cookie, other instructions; the counters stay (OFPFC_MODIFY_STRICT).
 * `before` is what had the key; nobody says it of markers.
 */
export interface FlowChange {
  readonly op: 'add' | 'modify' | 'delete';
  readonly flow: CompiledFlow;
  readonly before?: CompiledFlow;
}

export type GroupChange =
  | { readonly op: 'add' | 'delete'; readonly group: CompiledGroup }
  | { readonly op: 'modify'; readonly group: CompiledGroup; readonly before: CompiledGroup };

export interface MeterChange {
  readonly op: 'add' | 'modify' | 'delete';
  readonly meter: CompiledMeter;
}

/**
 * In the order in which they must go to the switch, so that no flow ever names a group or a meter
 * that is not there: `meters` but for deletes, `groups` (add, modify), `flows` (deletes, then
 * modifies and adds, markers last), `groupDeletes`, deletes of `meters`.
 */
export interface StateChanges {
  readonly meters: readonly MeterChange[];
  readonly groups: readonly GroupChange[];
  readonly flows: readonly FlowChange[];
  readonly groupDeletes: readonly GroupChange[];
}

export class DesiredState {
  readonly #units = new Map<string, CompiledUnit>();
  readonly #flows = new Contest<string, CompiledFlow>(sameFlow);
  readonly #groups = new Contest<number, CompiledGroup>(sameGroup);
  readonly #meters = new Contest<number, CompiledMeter>(sameMeter);
  readonly #queues = new Contest<number, CompiledQueue>(sameQueue);
  readonly #conjunctions = new Conjunctions();
  readonly #tables = new Map<number, Fingerprint>();
  readonly #groupSum = new Fingerprint();
  #rates: ReadonlyMap<number, number> = new Map();

  /** The units held, by key. */
  get units(): ReadonlyMap<string, CompiledUnit> {
    return this.#units;
  }

  get flowCount(): number {
    return this.#flows.size;
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  /** Tables that hold a flow, ascending; the table Marker is not among them. */
  tables(): number[] {
    return [...this.#tables.keys()].sort((one, other) => one - other);
  }

  /** The flow that holds a key. */
  flow(key: string): CompiledFlow | undefined {
    return this.#flows.winner(key);
  }

  /** The flows that one table should hold. Walks over all flows of the host. */
  flowsOf(table: number): CompiledFlow[] {
    const flows: CompiledFlow[] = [];
    for (const flow of this.#flows.winners()) if (flow.table === table) flows.push(flow);
    return flows;
  }

  groups(): Iterable<CompiledGroup> {
    return this.#groups.winners();
  }

  meters(): Iterable<CompiledMeter> {
    return this.#meters.winners();
  }

  /**
   * Kilobits a second that each queue is promised: the same map until one of them is another. They
   * are no part of what goes to the switch.
   */
  get queues(): ReadonlyMap<number, number> {
    return this.#rates;
  }

  /** The marker flows that the switch should hold: one for each of `tables()`, one for groups. */
  markers(): CompiledFlow[] {
    const markers = this.tables().map((table) => this.#marker(table));
    if (this.#groupSum.count > 0) markers.push(markerFlow(GROUPS_SLOT, this.#groupSum));
    return markers;
  }

  /**
   * Puts units in place of what they gave before (undefined: the host has that unit no more) and
   * returns the net difference. Costs what the delta holds, not what the host holds.
   */
  apply(delta: ReadonlyMap<string, CompiledUnit | undefined>): StateChanges {
    this.#applyQueues(delta);
    const flows = this.#flows.begin();
    const groups = this.#groups.begin();
    const meters = this.#meters.begin();
    for (const [key, unit = NOTHING] of delta) {
      const before = this.#units.get(key) ?? NOTHING;
      if (before === unit) continue;
      replaceFlows(flows, before, unit);
      replaceGroups(groups, before.groups, unit.groups);
      for (const meter of before.meters) meters.remove(meter.meterId, meter);
      for (const meter of unit.meters) meters.insert(meter.meterId, meter);
      this.#conjunctions.replace(before.conjunctions, unit.conjunctions);
      if (unit === NOTHING) this.#units.delete(key);
      else this.#units.set(key, unit);
    }
    this.#shareFlows(flows);
    return { ...this.#settle(flows.end(), groups.end()), meters: meters.end().map(meterChange) };
  }

  /** Before the units are replaced. */
  #applyQueues(delta: ReadonlyMap<string, CompiledUnit | undefined>): void {
    const queues = this.#queues.begin();
    for (const [key, unit = NOTHING] of delta) {
      const before = this.#units.get(key) ?? NOTHING;
      for (const queue of before.queues) queues.remove(queue.queueId, queue);
      for (const queue of unit.queues) queues.insert(queue.queueId, queue);
    }
    if (queues.end().length === 0) return;
    this.#rates = new Map([...this.#queues.winners()].map(({ queueId, kbps }) => [queueId, kbps]));
  }

  /** What several units share goes the way of what one of them has by itself. */
  #shareFlows(flows: Round<string, CompiledFlow>): void {
    for (const { before, after } of this.#conjunctions.settle()) {
      if (before !== undefined) flows.remove(before.key, before);
      if (after !== undefined) flows.insert(after.key, after);
    }
  }

  #settle(
    flows: readonly Difference<CompiledFlow>[],
    groups: readonly Difference<CompiledGroup>[],
  ): Omit<StateChanges, 'meters'> {
    const touched = new Set<number>();
    const deletes: FlowChange[] = [];
    const puts: FlowChange[] = [];
    for (const { before, after } of flows) {
      this.#count(before, after);
      touched.add(((after ?? before) as CompiledFlow).table);
      if (after === undefined) deletes.push({ op: 'delete', flow: before as CompiledFlow });
      else if (before === undefined) puts.push({ op: 'add', flow: after });
      else
        puts.push({ op: before.cookie === after.cookie ? 'modify' : 'add', flow: after, before });
    }
    const groupPuts: GroupChange[] = [];
    const groupDeletes: GroupChange[] = [];
    const markers = [...touched].map((table) => this.#markerChange(table));
    if (groups.length > 0) markers.push(this.#settleGroups(groups, groupPuts, groupDeletes));
    return { groups: groupPuts, flows: [...deletes, ...puts, ...markers], groupDeletes };
  }

  #count(before: CompiledFlow | undefined, after: CompiledFlow | undefined): void {
    const { table } = (after ?? before) as CompiledFlow;
    let sum = this.#tables.get(table);
    if (sum === undefined) {
      sum = new Fingerprint();
      this.#tables.set(table, sum);
    }
    if (before !== undefined) sum.subtract(before.hash);
    if (after !== undefined) sum.add(after.hash);
  }

  #settleGroups(
    differences: readonly Difference<CompiledGroup>[],
    puts: GroupChange[],
    deletes: GroupChange[],
  ): FlowChange {
    for (const { before, after } of differences) {
      if (before !== undefined) this.#groupSum.subtract(before.hash);
      if (after !== undefined) this.#groupSum.add(after.hash);
      if (after === undefined) deletes.push({ op: 'delete', group: before as CompiledGroup });
      else if (before === undefined) puts.push({ op: 'add', group: after });
      else puts.push({ op: 'modify', group: after, before });
    }
    const op = this.#groupSum.count > 0 ? 'add' : 'delete';
    return { op, flow: markerFlow(GROUPS_SLOT, this.#groupSum) };
  }

  #markerChange(table: number): FlowChange {
    const flow = this.#marker(table);
    if (this.#tables.get(table)?.count !== 0) return { op: 'add', flow };
    this.#tables.delete(table);
    return { op: 'delete', flow };
  }

  #marker(table: number): CompiledFlow {
    return markerFlow(table, this.#tables.get(table) ?? new Fingerprint());
  }
}

/** `before` and `after` differ, and one of them at least is there. */
interface Difference<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

function meterChange({ before, after }: Difference<CompiledMeter>): MeterChange {
  if (after === undefined) return { op: 'delete', meter: before as CompiledMeter };
  return { op: before === undefined ? 'add' : 'modify', meter: after };
}

const NOTHING: CompiledUnit = {
  key: '',
  cookie: 0n,
  flows: [],
  groups: [],
  meters: [],
  queues: [],
  conjunctions: [],
};

interface Candidate {
  readonly cookie: bigint;
}

/** Who holds each key: one candidate nearly always, the lowest cookie where there are more. */
class Contest<K, T extends Candidate> {
  readonly #single = new Map<K, T>();
  /** Keys with several candidates, lowest cookie first; the first is in `#single` as well. */
  readonly #rivals = new Map<K, T[]>();
  readonly #same: (one: T, other: T) => boolean;

  constructor(same: (one: T, other: T) => boolean) {
    this.#same = same;
  }

  get size(): number {
    return this.#single.size;
  }

  winner(key: K): T | undefined {
    return this.#single.get(key);
  }

  winners(): Iterable<T> {
    return this.#single.values();
  }

  /** A round of changes: `end` gives the net differences of the winners. */
  begin(): Round<K, T> {
    if (this.#single.size === 0) return this.#firstRound();
    const before = new Map<K, T | undefined>();
    return {
      insert: (key, item) => {
        const holder = this.#single.get(key);
        if (!before.has(key)) before.set(key, holder);
        this.#insert(key, item, holder);
      },
      remove: (key, item) => {
        if (!before.has(key)) before.set(key, this.#single.get(key));
        this.#remove(key, item);
      },
      end: () => this.#differences(before),
    };
  }

  /** Nothing was held, so that nothing need be remembered: who holds a key in the end is new. */
  #firstRound(): Round<K, T> {
    return {
      insert: (key, item) => this.#insert(key, item, this.#single.get(key)),
      remove: (key, item) => this.#remove(key, item),
      end: () => {
        const differences: Difference<T>[] = [];
        for (const after of this.#single.values()) differences.push({ before: undefined, after });
        return differences;
      },
    };
  }

  #differences(before: ReadonlyMap<K, T | undefined>): Difference<T>[] {
    const differences: Difference<T>[] = [];
    for (const [key, old] of before) {
      const now = this.#single.get(key);
      if (old === now) continue;
      if (old !== undefined && now !== undefined && this.#same(old, now)) continue;
      differences.push({ before: old, after: now });
    }
    return differences;
  }

  #insert(key: K, item: T, holder: T | undefined): void {
    if (holder === undefined) {
      this.#single.set(key, item);
      return;
    }
    const rivals = this.#rivals.get(key) ?? [holder];
    rivals.push(item);
    rivals.sort(byCookie);
    this.#rivals.set(key, rivals);
    this.#single.set(key, rivals[0] as T);
  }

  #remove(key: K, item: T): void {
    const rivals = this.#rivals.get(key);
    if (rivals === undefined) {
      this.#single.delete(key);
      return;
    }
    rivals.splice(rivals.indexOf(item), 1);
    this.#single.set(key, rivals[0] as T);
    if (rivals.length === 1) this.#rivals.delete(key);
  }
}

interface Round<K, T> {
  insert(key: K, item: T): void;
  remove(key: K, item: T): void;
  end(): Difference<T>[];
}

/** Flows that hosts share stay as they are while what is a host's own changes. */
function replaceFlows(
  round: Round<string, CompiledFlow>,
  before: CompiledUnit,
  after: CompiledUnit,
): void {
  if (before.flows === after.flows) return;
  for (const flow of before.flows) round.remove(flow.key, flow);
  for (const flow of after.flows) round.insert(flow.key, flow);
}

/** Those that hosts share stay where they are. */
function replaceGroups(
  round: Round<number, CompiledGroup>,
  before: readonly CompiledGroup[],
  after: readonly CompiledGroup[],
): void {
  before.forEach((group, at) => {
    if (group !== after[at]) round.remove(group.groupId, group);
  });
  after.forEach((group, at) => {
    if (group !== before[at]) round.insert(group.groupId, group);
  });
}

function byCookie(one: Candidate, other: Candidate): number {
  if (one.cookie === other.cookie) return 0;
  return one.cookie < other.cookie ? -1 : 1;
}
