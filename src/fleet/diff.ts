/** Pure comparison of what a switch holds with what it should hold. */
import { DecodeError, instructionBytes, instructionsFromBytes } from '../openflow/index.ts';
import { matchBytes, matchFromBytes } from '../openflow/oxm/index.ts';
import { type CompiledFlow, flowKey, sameMeter } from '../pipeline/index.ts';
import type {
  Changes,
  FlowChange,
  GroupChange,
  GroupState,
  InstalledFlow,
  MeterChange,
  MeterState,
} from './changes.ts';
import type { DriftReport } from './types.ts';

/** What must change in one table for it to hold `desired` and nothing else. */
export function diffFlows(
  installed: Iterable<InstalledFlow>,
  desired: Iterable<CompiledFlow>,
): FlowChange[] {
  const found = new Map<string, InstalledFlow>();
  for (const flow of installed) found.set(flow.key, flow);
  const wanted: CompiledFlow[] = [];
  for (const flow of desired) {
    const twin = found.get(flow.key);
    if (twin !== undefined && sameFlow(twin, flow)) found.delete(flow.key);
    else wanted.push(flow);
  }
  return found.size === 0 ? wanted.map(added) : compareCanonical(found.values(), wanted);
}

/**
 * What the bytes alone do not show to be equal is decoded and encoded again first: another version
 * of OVS may write the same flow in another order.
 */
function compareCanonical(
  installed: Iterable<InstalledFlow>,
  desired: readonly CompiledFlow[],
): FlowChange[] {
  const found = new Map<string, { asRead: InstalledFlow; canonical: InstalledFlow }>();
  for (const asRead of installed) {
    const canonical = canonicalFlow(asRead);
    found.set(canonical.key, { asRead, canonical });
  }
  const changes: FlowChange[] = [];
  for (const flow of desired) {
    const twin = found.get(flow.key);
    found.delete(flow.key);
    if (twin === undefined) changes.push(added(flow));
    else if (!sameFlow(twin.canonical, flow)) {
      changes.push({ op: 'modify', flow, before: twin.asRead });
    }
  }
  for (const { asRead } of found.values()) changes.push({ op: 'delete', flow: asRead });
  return changes;
}

function added(flow: CompiledFlow): FlowChange {
  return { op: 'add', flow };
}

/** As we would write it. */
export function canonicalFlow(flow: InstalledFlow): InstalledFlow {
  try {
    const match = matchBytes(matchFromBytes(flow.match));
    const instructions = instructionBytes(instructionsFromBytes(flow.instructions));
    return { ...flow, match, instructions, key: flowKey(flow.table, flow.priority, match) };
  } catch (error) {
    // What we cannot read is certainly none of ours.
    if (error instanceof DecodeError) return flow;
    throw error;
  }
}

function sameFlow(installed: InstalledFlow, desired: CompiledFlow): boolean {
  return (
    installed.lasting &&
    installed.cookie === desired.cookie &&
    installed.instructions.equals(desired.instructions)
  );
}

export function diffGroups(
  installed: Iterable<GroupState>,
  desired: Iterable<GroupState>,
): GroupChange[] {
  const left = new Map<number, GroupState>();
  for (const group of installed) left.set(group.groupId, group);
  const changes: GroupChange[] = [];
  for (const group of desired) {
    const before = left.get(group.groupId);
    left.delete(group.groupId);
    if (before === undefined) changes.push({ op: 'add', group });
    else if (!sameGroup(before, group)) {
      changes.push({ op: 'modify', group, before });
    }
  }
  for (const group of left.values()) changes.push({ op: 'delete', group });
  return changes;
}

export function diffMeters(
  installed: Iterable<MeterState>,
  desired: Iterable<MeterState>,
): MeterChange[] {
  const left = new Map<number, MeterState>();
  for (const meter of installed) left.set(meter.meterId, meter);
  const changes: MeterChange[] = [];
  for (const meter of desired) {
    const before = left.get(meter.meterId);
    left.delete(meter.meterId);
    if (before === undefined) changes.push({ op: 'add', meter });
    else if (!sameMeter(before, meter)) changes.push({ op: 'modify', meter });
  }
  for (const meter of left.values()) changes.push({ op: 'delete', meter });
  return changes;
}

/** Counts what was found on a switch: something missing, changed or foreign. */
export function countDrift({ flows, groups, meters }: Changes): DriftReport {
  const count = (changes: readonly { op: string }[], op: string): number =>
    changes.filter((change) => change.op === op).length;
  return {
    flowsMissing: count(flows, 'add'),
    flowsChanged: count(flows, 'modify'),
    flowsForeign: count(flows, 'delete'),
    groupsMissing: count(groups, 'add'),
    groupsChanged: count(groups, 'modify'),
    groupsForeign: count(groups, 'delete'),
    metersMissing: count(meters, 'add'),
    metersChanged: count(meters, 'modify'),
    metersForeign: count(meters, 'delete'),
  };
}

function sameGroup(one: GroupState, other: GroupState): boolean {
  return (
    one.type === other.type &&
    one.buckets.length === other.buckets.length &&
    one.buckets.every((bucket, index) => other.buckets[index]?.equals(bucket) === true)
  );
}
