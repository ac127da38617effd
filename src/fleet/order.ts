/**
 * In which order the members of a push go to the switch. A push that fits into one bundle is atomic
 * and needs no more than OVS's own checks (a flow's group must exist); a long one is cut into
 * several bundles, and its order is what makes every prefix of it safe (long-push.ts).
 *
 * Meters fit no bundle: they come before the first, and leave after the last (OVS would also delete
 * the flows of a meter that leaves).
 *
 * A marker vouches only for what is in: with more than one bundle the touched markers go first, and
 * they come (back) when everything else has been done.
 */

import { Marker } from '../pipeline/index.ts';
import type {
  BundleChanges,
  Changes,
  FlowChange,
  GroupChange,
  MeterState,
  Step,
} from './changes.ts';
import { inLevels } from './levels.ts';
import { longPush } from './long-push.ts';

export interface MeterStep {
  readonly type: 'add_meter' | 'modify_meter' | 'delete_meter';
  readonly meter: MeterState;
}

/** What a push does to meters before its bundles and after them. */
export function orderMeters({ meters }: Changes): {
  readonly before: readonly MeterStep[];
  readonly after: readonly MeterStep[];
} {
  const steps = meters.map(({ op, meter }): MeterStep => ({ type: `${op}_meter`, meter }));
  const leaves = ({ type }: MeterStep): boolean => type === 'delete_meter';
  return { before: steps.filter((step) => !leaves(step)), after: steps.filter(leaves) };
}

/** The bundles of a push, each at most `stepsMax` long; every prefix of them is safe. */
export function orderSteps(changes: Changes, stepsMax: number): Step[][] {
  const { groups } = changes;
  const flows = changes.flows.filter(({ flow }) => flow.table !== Marker.id);
  const markers = changes.flows.filter(({ flow }) => flow.table === Marker.id);
  const last = [...deleteFlows(markers), ...putFlows(markers)];
  const steps = [...shortPush({ flows, groups }), ...last];
  if (steps.length === 0) return [];
  if (steps.length <= stepsMax) return [steps];
  const stale = markers.map(({ flow }): Step => ({ type: 'delete_flow', flow }));
  return cut([...stale, ...longPush({ flows, groups }), ...last], stepsMax);
}

/** No flow ever refers to a group that is not there; OVS deletes the flows of a group that goes. */
function shortPush({ flows, groups }: BundleChanges): Step[] {
  return [
    ...groups.flatMap(putGroup),
    ...putFlows(flows),
    ...deleteFlows(flows),
    ...groups.flatMap(({ op, group }): Step[] =>
      op === 'delete' ? [{ type: 'delete_group', group }] : [],
    ),
  ];
}

function putGroup(change: GroupChange): Step[] {
  const { op, group } = change;
  if (op === 'modify') return [{ type: 'modify_group', group, before: change.before }];
  return op === 'add' ? [{ type: 'add_group', group }] : [];
}

function putFlows(changes: readonly FlowChange[]): Step[] {
  const puts = changes.filter((change) => change.op !== 'delete');
  return inLevels(puts, ({ flow }) => flow)
    .reverse()
    .map(({ flow }): Step => ({ type: 'put_flow', flow }));
}

function deleteFlows(changes: readonly FlowChange[]): Step[] {
  const deletes = changes.filter(({ op }) => op === 'delete');
  return inLevels(deletes, ({ flow }) => flow).map(
    ({ flow }): Step => ({ type: 'delete_flow', flow }),
  );
}

function cut(steps: readonly Step[], stepsMax: number): Step[][] {
  const count = Math.ceil(steps.length / stepsMax);
  return Array.from({ length: count }, (_, index) =>
    steps.slice(index * stepsMax, (index + 1) * stepsMax),
  );
}
