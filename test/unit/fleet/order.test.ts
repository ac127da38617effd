/**
 * Goal: every prefix of a push is safe, whatever the states before and after.
 * Method: random states of a switch; the push from one to the other is applied step by step, and
 * bundle by bundle, to a switch in memory that refuses what Open vSwitch refuses.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowState, GroupState, Step } from '../../../src/fleet/changes.ts';
import { diffFlows, diffGroups } from '../../../src/fleet/diff.ts';
import { orderSteps } from '../../../src/fleet/order.ts';
import { instructionBytes, matchBytes } from '../../../src/openflow/index.ts';
import {
  type CompiledFlow,
  compiledFlow,
  compiledGroup,
  fingerprintOf,
  GROUPS_SLOT,
  Marker,
  markerFlow,
  placeOnWay,
} from '../../../src/pipeline/index.ts';
import { describeFlow, FakeSwitch, groupsOf, installed } from '../../support/fake-switch.ts';

interface State {
  readonly flows: readonly CompiledFlow[];
  readonly groups: readonly GroupState[];
}

function flow(table: number, priority: number, id: number, groupId?: number): CompiledFlow {
  const match = matchBytes({ metadata: BigInt(id) });
  const actions = groupId === undefined ? [] : [{ type: 'group', groupId } as const];
  const instructions = instructionBytes([{ type: 'apply_actions', actions }]);
  return compiledFlow({ table, priority, cookie: 1n, match, instructions });
}

function group(groupId: number, buckets: number): GroupState {
  return { groupId, type: 'all', buckets: Array.from({ length: buckets }, () => Buffer.alloc(8)) };
}

function withMarkers({ flows, groups }: State): State {
  const tables = new Set(flows.map(({ table }) => table));
  const markers = [...tables].map((table) => {
    const held = flows.filter((item) => item.table === table).map(compiledFlow);
    return markerFlow(table, fingerprintOf(held));
  });
  const groupSum = fingerprintOf(groups.map((item) => compiledGroup({ ...item, cookie: 0n })));
  if (groups.length > 0) markers.push(markerFlow(GROUPS_SLOT, groupSum));
  return { flows: [...flows, ...markers], groups };
}

const aState: fc.Arbitrary<State> = fc
  .record({
    groups: fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 5 }), size: fc.nat(3) }), {
      selector: ({ id }) => id,
    }),
    flows: fc.array(
      fc.record({
        table: fc.constantFrom(0, 10, 60, 100),
        priority: fc.constantFrom(0, 100, 300),
        id: fc.nat(3),
        group: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ groups, flows }) => {
    const ids = new Set(groups.map(({ id }) => id));
    const built = flows
      .filter((item) => item.group === undefined || ids.has(item.group))
      .map((item) => flow(item.table, item.priority, item.id, item.group));
    const unique = new Map(built.map((item) => [item.key, item]));
    const list = groups.map(({ id, size }) => group(id, size));
    return withMarkers({ flows: [...unique.values()], groups: list });
  });

function switchWith({ flows, groups }: State): FakeSwitch {
  const target = new FakeSwitch();
  for (const item of groups) target.groups.set(item.groupId, item);
  for (const item of flows) target.flows.set(item.key, installed(item));
  return target;
}

function push(from: FakeSwitch, to: State, stepsMax: number): Step[][] {
  const flows = diffFlows(from.flows.values(), to.flows);
  const groups = diffGroups(from.groups.values(), to.groups);
  return orderSteps({ flows, groups, meters: [] }, stepsMax);
}

const someStepsMax = fc.integer({ min: 1, max: 12 });

test('a push leads from any state to any other, and no flow ever refers to a missing group', () => {
  fc.assert(
    fc.property(aState, aState, someStepsMax, (from, to, stepsMax) => {
      const target = switchWith(from);
      for (const step of push(target, to, stepsMax).flat()) {
        target.apply([step]);
        const references = [...target.flows.values()]
          .filter(({ table }) => table !== Marker.id)
          .flatMap(groupsOf);
        expect(references.every((id) => target.groups.has(id))).toBe(true);
      }
      expect(target.contents()).toEqual(to.flows.map(describeFlow).toSorted());
      expect(target.groups).toEqual(new Map(to.groups.map((item) => [item.groupId, item])));
      expect(push(target, to, stepsMax)).toEqual([]);
    }),
  );
});

test('between two bundles no marker vouches for a table that is half-way', () => {
  fc.assert(
    fc.property(aState, aState, someStepsMax, (from, to, stepsMax) => {
      const target = switchWith(from);
      for (const bundle of push(target, to, stepsMax)) {
        // The first bundle may be cut inside the markers that it takes away: nothing moved yet.
        target.apply(bundle);
        const held = [...target.flows.values()].map(compiledFlow);
        const truth = withMarkers({
          flows: held.filter(({ table }) => table !== Marker.id),
          groups: [...target.groups.values()],
        });
        const honest = new Set(truth.flows.map(describeFlow));
        const markers = held.filter(({ table }) => table === Marker.id);
        expect(markers.filter((item) => !honest.has(describeFlow(item)))).toEqual([]);
      }
    }),
  );
});

test('paths open from their end and guards come first; paths close from their beginning', () => {
  fc.assert(
    fc.property(aState, aState, (from, to) => {
      const steps = push(switchWith(from), to, 1000).flat();
      const puts = steps.flatMap((step) => (step.type === 'put_flow' ? step.flow : []));
      const deletes = steps.flatMap((step) => (step.type === 'delete_flow' ? step.flow : []));
      const rank = ({ table, priority }: FlowState): number => placeOnWay(table) * 1000 + priority;
      const plain = (list: FlowState[]): number[] =>
        list.filter(({ table }) => table !== Marker.id).map(rank);
      expect(plain(puts)).toEqual(plain(puts).toSorted((one, other) => other - one));
      expect(plain(deletes)).toEqual(plain(deletes).toSorted((one, other) => one - other));
    }),
  );
});

test('nothing to do is no bundle at all', () => {
  expect(orderSteps({ flows: [], groups: [], meters: [] }, 10)).toEqual([]);
});
