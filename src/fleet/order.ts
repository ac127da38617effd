/**
 * In which order the members of a push go to the switch. A push that fits into one bundle is atomic
 * and needs no more than OVS's own checks (a flow's group must exist); a long one is cut into
 * several bundles, and this order is what makes every prefix of it safe:
 *
 * - No flow ever refers to a group that is not there: groups come before all flows and leave after
 *   them (OVS would also delete the flows of a group that leaves).
 * - Meters fit no bundle: they come before the first, and leave after the last (OVS would also
 *   delete the flows of a meter that leaves).
 * - Nothing opens too early: flows appear from the last table to the first, so that packets find a
 *   new path only when all of it is there, and within a table from the highest priority down, so
 *   that what guards a flow is there before it.
 * - Nothing stays open by leaving: flows go from the first table to the last, and within a table
 *   from the lowest priority up, so that a guard leaves after what it guards.
 * - A marker vouches only for what is in: with more than one bundle the touched markers go first,
 *   and they come (back) when everything else has been done.
 */
import type { CompiledFlow } from '../pipeline/index.ts';
import type {
  Changes,
  FlowChange,
  FlowState,
  GroupChange,
  GroupState,
  MeterState,
} from './changes.ts';

export type Step =
  | { readonly type: 'add_group'; readonly group: GroupState }
  | { readonly type: 'modify_group'; readonly group: GroupState; readonly before: GroupState }
  | { readonly type: 'put_flow'; readonly flow: CompiledFlow }
  | { readonly type: 'delete_flow'; readonly flow: FlowState }
  | { readonly type: 'delete_group'; readonly group: GroupState };

export interface MeterStep {
  readonly type: 'add_meter' | 'modify_meter' | 'delete_meter';
  readonly meter: MeterState;
}

type Stage = (changes: Split) => Step[];

interface Split extends Omit<Changes, 'meters'> {
  readonly markers: readonly FlowChange[];
}

/** One row a stage, in order. */
const STAGES: readonly Stage[] = [
  ({ groups }) => groups.flatMap(putGroup),
  ({ flows }) => putFlows(flows),
  ({ flows }) => deleteFlows(flows),
  ({ groups }) =>
    groups.flatMap(({ op, group }) => (op === 'delete' ? [{ type: 'delete_group', group }] : [])),
  ({ markers }) => deleteFlows(markers),
  ({ markers }) => putFlows(markers),
];

/** What a push does to meters before its bundles and after them. */
export function orderMeters({ meters }: Changes): {
  readonly before: readonly MeterStep[];
  readonly after: readonly MeterStep[];
} {
  const steps = meters.map(({ op, meter }): MeterStep => ({ type: `${op}_meter`, meter }));
  const leaves = ({ type }: MeterStep): boolean => type === 'delete_meter';
  return { before: steps.filter((step) => !leaves(step)), after: steps.filter(leaves) };
}

/**
 * The bundles of a push, each at most `stepsMax` long, in an order of which every prefix is safe.
 * `markerTable` is the table whose flows vouch for the others.
 */
export function orderSteps(changes: Changes, markerTable: number, stepsMax: number): Step[][] {
  const split: Split = {
    groups: changes.groups,
    flows: changes.flows.filter(({ flow }) => flow.table !== markerTable),
    markers: changes.flows.filter(({ flow }) => flow.table === markerTable),
  };
  const steps = STAGES.flatMap((stage) => stage(split));
  if (steps.length === 0) return [];
  if (steps.length <= stepsMax) return [steps];
  const stale = split.markers.map(({ flow }): Step => ({ type: 'delete_flow', flow }));
  return cut([...stale, ...steps], stepsMax);
}

function cut(steps: readonly Step[], stepsMax: number): Step[][] {
  const count = Math.ceil(steps.length / stepsMax);
  return Array.from({ length: count }, (_, index) =>
    steps.slice(index * stepsMax, (index + 1) * stepsMax),
  );
}

function putGroup(change: GroupChange): Step[] {
  const { op, group } = change;
  if (op === 'modify') return [{ type: 'modify_group', group, before: change.before }];
  return op === 'add' ? [{ type: 'add_group', group }] : [];
}

function putFlows(changes: readonly FlowChange[]): Step[] {
  const puts = changes.filter((change) => change.op !== 'delete');
  return levels(puts)
    .reverse()
    .flatMap((level) => level.map(({ flow }): Step => ({ type: 'put_flow', flow })));
}

function deleteFlows(changes: readonly FlowChange[]): Step[] {
  const deletes = changes.filter(({ op }) => op === 'delete');
  return levels(deletes).flatMap((level) =>
    level.map(({ flow }): Step => ({ type: 'delete_flow', flow })),
  );
}

/** The changes of one priority of one table, first table and lowest priority first. */
function levels<C extends FlowChange>(changes: readonly C[]): C[][] {
  const byLevel = new Map<number, C[]>();
  for (const change of changes) {
    const level = (change.flow.table << 16) | change.flow.priority;
    const others = byLevel.get(level);
    if (others === undefined) byLevel.set(level, [change]);
    else others.push(change);
  }
  const sorted = [...byLevel].sort(([one], [other]) => one - other);
  return sorted.map(([, level]) => level);
}
