/**
 * Differences between two states of a switch, and their coalescing: several changes of the same
 * flow or group fold into one, so that what waits for a bundle in flight never outgrows the state
 * itself.
 */
import type {
  CompiledFlow,
  CompiledGroup,
  CompiledMeter,
  StateChanges,
} from '../pipeline/index.ts';

/** A flow as it is, or should be, on a switch. One that was read from it is no more than that. */
export type FlowState = Omit<CompiledFlow, 'hash' | 'message' | 'zone'>;

/** A flow as it was read from a switch. */
export interface InstalledFlow extends FlowState {
  /** It has no timeout, flag or importance; none of ours has. */
  readonly lasting: boolean;
}

export type GroupState = Omit<CompiledGroup, 'hash' | 'cookie'>;
export type MeterState = Omit<CompiledMeter, 'hash' | 'cookie'>;

/**
 * add: not there yet, or another unit's. modify: there, and different. `before` is what is there,
 * where that is known. delete: `flow` is what is there.
 */
export type FlowChange =
  | { readonly op: 'add' | 'modify'; readonly flow: CompiledFlow; readonly before?: FlowState }
  | { readonly op: 'delete'; readonly flow: FlowState };

/** As for flows; `before` is what is there. */
export type GroupChange =
  | { readonly op: 'add' | 'delete'; readonly group: GroupState }
  | { readonly op: 'modify'; readonly group: GroupState; readonly before: GroupState };

/** As for flows. */
export interface MeterChange {
  readonly op: 'add' | 'modify' | 'delete';
  readonly meter: MeterState;
}

/** What goes in bundles. */
export interface BundleChanges {
  readonly flows: readonly FlowChange[];
  readonly groups: readonly GroupChange[];
}

/** Meters fit no bundle. */
export interface Changes extends BundleChanges {
  readonly meters: readonly MeterChange[];
}

/** One member of a push. */
export type Step =
  | { readonly type: 'add_group'; readonly group: GroupState }
  | { readonly type: 'modify_group'; readonly group: GroupState; readonly before: GroupState }
  | { readonly type: 'put_flow'; readonly flow: CompiledFlow }
  | { readonly type: 'delete_flow'; readonly flow: FlowState }
  | { readonly type: 'delete_group'; readonly group: GroupState };

/** Whether a flow is put where there is none, or one of another unit. */
export function isOtherUnit(change: FlowChange): boolean {
  if (change.op === 'delete') return false;
  const { before, flow, op } = change;
  return before === undefined ? op === 'add' : before.cookie !== flow.cookie;
}

export function isEmpty(changes: Changes): boolean {
  const { flows, groups, meters } = changes;
  return flows.length === 0 && groups.length === 0 && meters.length === 0;
}

/** Changes that wait for their turn, at most one a flow, one a group and one a meter. */
export class PendingChanges {
  /** The only one so far: it has no two changes of one thing, and mostly nothing follows it. */
  #sole: StateChanges | undefined;
  readonly #flows = new Map<string, FlowChange>();
  readonly #groups = new Map<number, GroupChange>();
  readonly #meters = new Map<number, MeterChange>();

  add(changes: StateChanges): void {
    if (this.#sole === undefined && this.#isUnfolded()) {
      this.#sole = changes;
      return;
    }
    this.#foldSole();
    this.#fold(changes);
  }

  hasFlow(key: string): boolean {
    this.#foldSole();
    return this.#flows.has(key);
  }

  hasGroup(groupId: number): boolean {
    this.#foldSole();
    return this.#groups.has(groupId);
  }

  hasMeter(meterId: number): boolean {
    this.#foldSole();
    return this.#meters.has(meterId);
  }

  /** Hands out everything and starts anew. */
  take(): Changes {
    const changes = this.#all();
    this.clear();
    return changes;
  }

  clear(): void {
    this.#sole = undefined;
    this.#flows.clear();
    this.#groups.clear();
    this.#meters.clear();
  }

  #isUnfolded(): boolean {
    return this.#flows.size === 0 && this.#groups.size === 0 && this.#meters.size === 0;
  }

  #all(): Changes {
    if (this.#sole === undefined) {
      return {
        flows: [...this.#flows.values()],
        groups: [...this.#groups.values()],
        meters: [...this.#meters.values()],
      };
    }
    const { flows, groups, groupDeletes, meters } = this.#sole;
    return { flows, groups: [...groups, ...groupDeletes], meters };
  }

  #foldSole(): void {
    if (this.#sole !== undefined) this.#fold(this.#sole);
    this.#sole = undefined;
  }

  #fold(changes: StateChanges): void {
    for (const change of changes.flows) this.#foldFlow(change);
    for (const change of changes.groups) this.#foldGroup(change);
    for (const change of changes.groupDeletes) this.#foldGroup(change);
    for (const change of changes.meters) this.#foldMeter(change);
  }

  /** What is there is what the first of several changes found. */
  #foldFlow(change: FlowChange): void {
    const { key } = change.flow;
    const earlier = this.#flows.get(key);
    const before = earlier && flowBefore(earlier);
    if (before === undefined) this.#flows.set(key, change);
    else if (change.op === 'delete') this.#flows.set(key, { op: 'delete', flow: before });
    else this.#flows.set(key, { op: change.op, flow: change.flow, before });
  }

  /** A switch refuses to add a group that it has and to modify one that it has not. */
  #foldGroup(change: GroupChange): void {
    const { groupId } = change.group;
    const before = installedBefore(this.#groups.get(groupId) ?? change);
    if (change.op !== 'delete') {
      const { group } = change;
      const folded: GroupChange =
        before === undefined ? { op: 'add', group } : { op: 'modify', group, before };
      this.#groups.set(groupId, folded);
    } else if (before === undefined) this.#groups.delete(groupId);
    else this.#groups.set(groupId, { op: 'delete', group: before });
  }

  /** As with groups. */
  #foldMeter({ op, meter }: MeterChange): void {
    const { meterId } = meter;
    const isThere = (this.#meters.get(meterId)?.op ?? op) !== 'add';
    if (op !== 'delete') this.#meters.set(meterId, { op: isThere ? 'modify' : 'add', meter });
    else if (isThere) this.#meters.set(meterId, { op, meter });
    else this.#meters.delete(meterId);
  }
}

/** What the switch holds in the place of a flow that is about to be changed, where it is known. */
function flowBefore(change: FlowChange): FlowState | undefined {
  return change.op === 'delete' ? change.flow : change.before;
}

/** What the switch holds of a group that is about to be changed. */
function installedBefore(change: GroupChange): GroupState | undefined {
  if (change.op === 'add') return undefined;
  return change.op === 'modify' ? change.before : change.group;
}
