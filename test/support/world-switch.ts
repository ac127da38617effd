/**
 * A switch that only remembers: it takes state changes in the order of the bundle and complains
 * about every one that a real switch would refuse, or that would leave a flow without its group or
 * its meter.
 */
import type { Action } from '../../src/openflow/actions/index.ts';
import { instructionsFromBytes } from '../../src/openflow/instructions.ts';
import type {
  CompiledFlow,
  CompiledGroup,
  CompiledMeter,
  DesiredState,
  StateChanges,
} from '../../src/pipeline/index.ts';

export class RecordingSwitch {
  readonly flows = new Map<string, CompiledFlow>();
  readonly groups = new Map<number, CompiledGroup>();
  readonly meters = new Map<number, CompiledMeter>();

  take(changes: StateChanges): void {
    for (const { op, meter } of changes.meters) {
      if ((op === 'add') === this.meters.has(meter.meterId)) throw new Error(`meter ${op}`);
      if (op !== 'delete') this.meters.set(meter.meterId, meter);
    }
    for (const { op, group } of changes.groups) {
      if ((op === 'add') === this.groups.has(group.groupId)) throw new Error(`group ${op}`);
      this.groups.set(group.groupId, group);
    }
    for (const { op, flow } of changes.flows) this.#takeFlow(op, flow);
    for (const { group } of changes.groupDeletes) {
      if (!this.groups.delete(group.groupId))
        throw new Error(`no group ${group.groupId} to delete`);
    }
    for (const { op, meter } of changes.meters) {
      if (op === 'delete') this.meters.delete(meter.meterId);
    }
    this.#checkReferences();
  }

  #takeFlow(op: 'add' | 'modify' | 'delete', flow: CompiledFlow): void {
    const held = this.flows.get(flow.key);
    if (op === 'delete') {
      if (!this.flows.delete(flow.key)) throw new Error('no flow to delete');
      return;
    }
    if (op === 'modify' && held?.cookie !== flow.cookie) throw new Error('modify of another flow');
    this.flows.set(flow.key, flow);
    for (const groupId of groupsOf(flow)) {
      if (!this.groups.has(groupId)) throw new Error(`a flow names group ${groupId} too early`);
    }
    for (const meterId of metersOf(flow)) {
      if (!this.meters.has(meterId)) throw new Error(`a flow names meter ${meterId} too early`);
    }
  }

  #checkReferences(): void {
    for (const flow of this.flows.values()) {
      for (const groupId of groupsOf(flow)) {
        if (!this.groups.has(groupId)) throw new Error(`group ${groupId} went before its flow`);
      }
      for (const meterId of metersOf(flow)) {
        if (!this.meters.has(meterId)) throw new Error(`meter ${meterId} went before its flow`);
      }
    }
  }
}

/** Everything a host should hold, as text that tests compare; markers last. */
export function dumpState(state: DesiredState): string[] {
  const flows = state.tables().flatMap((table) => [...state.flowsOf(table)].map(dumpFlow));
  const groups = [...state.groups()].map(dumpGroup);
  const meters = [...state.meters()].map(dumpMeter);
  return [...flows.sort(), ...groups.sort(), ...meters.sort(), ...state.markers().map(dumpFlow)];
}

export function dumpSwitch(held: RecordingSwitch): string[] {
  const isMarker = (flow: CompiledFlow) => flow.table === 250;
  const flows = [...held.flows.values()];
  return [
    ...flows
      .filter((flow) => !isMarker(flow))
      .map(dumpFlow)
      .sort(),
    ...[...held.groups.values()].map(dumpGroup).sort(),
    ...[...held.meters.values()].map(dumpMeter).sort(),
    ...flows.filter(isMarker).sort(bySlot).map(dumpFlow),
  ];
}

function dumpFlow(flow: CompiledFlow): string {
  const { table, priority, cookie, match, instructions } = flow;
  return `${table} ${priority} ${cookie.toString(16)} ${match.toString('hex')} ${instructions.toString('hex')}`;
}

function dumpGroup(group: CompiledGroup): string {
  const buckets = group.buckets.map((bucket) => bucket.toString('hex'));
  return `group ${group.groupId} ${group.type} ${buckets.join(' ')}`;
}

function dumpMeter({ meterId, flags, bands }: CompiledMeter): string {
  return `meter ${meterId} ${flags} ${bands.toString('hex')}`;
}

function bySlot(one: CompiledFlow, other: CompiledFlow): number {
  return Buffer.compare(one.match, other.match);
}

function groupsOf(flow: CompiledFlow): number[] {
  return actionsOf(flow).flatMap((action) => (action.type === 'group' ? [action.groupId] : []));
}

function metersOf(flow: CompiledFlow): number[] {
  return actionsOf(flow).flatMap((action) => (action.type === 'meter' ? [action.meterId] : []));
}

function actionsOf(flow: CompiledFlow): Action[] {
  return instructionsFromBytes(flow.instructions).flatMap((i): readonly Action[] =>
    i.type === 'apply_actions' ? i.actions : [],
  );
}
