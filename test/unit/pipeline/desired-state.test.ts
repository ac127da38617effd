/**
 * Goal: a host's state follows its units, whatever two units claim, and says what changed in the
 * order in which a switch must hear it.
 * Method: small units made by hand; changes as text.
 */
import { describe, expect, test } from 'vitest';
import { ETH_TYPE } from '../../../src/openflow/constants.ts';
import {
  Classifier,
  type CompiledUnit,
  copyBucket,
  copyToAll,
  DesiredState,
  encodeUnit,
  type FlowDraft,
  type GroupDraft,
  L2Forwarding,
  markerSlot,
  PortSecurityEth,
  PRIORITY,
  RemoteSender,
  type StateChanges,
} from '../../../src/pipeline/index.ts';

const toPort = (in_port: number): FlowDraft =>
  Classifier.flow(PRIORITY.normal).match({ in_port }).goto(PortSecurityEth);
const toTunnel = (in_port: number): FlowDraft =>
  Classifier.flow(PRIORITY.normal).match({ in_port }).goto(RemoteSender);
const drop = (eth_type: number): FlowDraft =>
  L2Forwarding.flow(PRIORITY.normal).match({ eth_type }).drop();
const flood = (groupId: number): FlowDraft =>
  L2Forwarding.flow(PRIORITY.rest).group(groupId).done();
const group = (ports: readonly number[]): GroupDraft =>
  copyToAll(
    9,
    ports.map((port) => copyBucket({ bucketId: port, actions: [{ type: 'output', port }] })),
  );

const unit = (id: string, flows: FlowDraft[], groups: GroupDraft[] = []): CompiledUnit =>
  encodeUnit(id, ['network', id], { flows, groups });

/** One word a change; markers by the table that they speak for. */
function told({ groups, flows, groupDeletes }: StateChanges): string[] {
  return [
    ...groups.map(({ op, group: { groupId } }) => `${op} group ${groupId}`),
    ...flows.map(({ op, flow }) =>
      flow.table === 250 ? `${op} marker ${markerSlot(flow.match)}` : `${op} flow in ${flow.table}`,
    ),
    ...groupDeletes.map(({ op, group: { groupId } }) => `${op} group ${groupId}`),
  ];
}

test('queues are another map only when one of them is another', () => {
  const promised = (kbps: number) =>
    encodeUnit('one', ['network', 'one'], { flows: [], queues: [{ queueId: 3, kbps }] });
  const state = new DesiredState();
  const give = (unit: CompiledUnit | undefined) => {
    state.apply(new Map([['one', unit]]));
    return state.queues;
  };
  const first = give(promised(100));
  expect(first).toEqual(new Map([[3, 100]]));
  expect(give(promised(100))).toBe(first);
  expect(give(promised(200))).toEqual(new Map([[3, 200]]));
  expect(give(undefined)).toEqual(new Map());
});

describe('a change', () => {
  test('of nothing tells nothing', () => {
    const state = new DesiredState();
    const one = unit('one', [toPort(1)]);
    state.apply(new Map([['one', one]]));
    expect(told(state.apply(new Map([['one', one]])))).toEqual([]);
    expect(told(state.apply(new Map([['one', unit('one', [toPort(1)])]])))).toEqual([]);
    expect(told(state.apply(new Map([['two', undefined]])))).toEqual([]);
  });

  test('puts groups before the flows that name them, and takes them away after', () => {
    const state = new DesiredState();
    const one = unit('one', [flood(9)], [group([1, 2])]);
    expect(told(state.apply(new Map([['one', one]])))).toEqual([
      'add group 9',
      'add flow in 60',
      'add marker 60',
      'add marker 256',
    ]);
    const wider = unit('one', [flood(9)], [group([1, 2, 3])]);
    expect(told(state.apply(new Map([['one', wider]])))).toEqual([
      'modify group 9',
      'add marker 256',
    ]);
    expect(told(state.apply(new Map([['one', undefined]])))).toEqual([
      'delete flow in 60',
      'delete marker 60',
      'delete marker 256',
      'delete group 9',
    ]);
    expect(state.flowCount + state.groupCount + state.markers().length).toBe(0);
  });

  test('of actions alone is a modify, which keeps the counters', () => {
    const state = new DesiredState();
    state.apply(new Map([['one', unit('one', [toPort(1)])]]));
    const changes = state.apply(new Map([['one', unit('one', [toTunnel(1)])]]));
    expect(told(changes)).toEqual(['modify flow in 0', 'add marker 0']);
  });

  test('that hands a flow to another unit is one add over it, never a moment without', () => {
    const state = new DesiredState();
    state.apply(new Map([['one', unit('one', [toPort(1)])]]));
    const delta = new Map([
      ['one', undefined],
      ['two', unit('two', [toPort(1)])],
    ]);
    expect(told(state.apply(delta))).toEqual(['add flow in 0', 'add marker 0']);
  });

  test('touches the markers of its own tables only', () => {
    const state = new DesiredState();
    state.apply(new Map([['one', unit('one', [toPort(1), drop(ETH_TYPE.ARP)])]]));
    const changes = state.apply(new Map([['one', unit('one', [toPort(1)])]]));
    expect(told(changes)).toEqual(['delete flow in 60', 'delete marker 60']);
  });
});

describe('two units that claim one flow', () => {
  const units = [unit('one', [toPort(1)]), unit('two', [toTunnel(1)]), unit('three', [toPort(1)])];
  const byCookie = units.toSorted((one, other) => (one.cookie < other.cookie ? -1 : 1));

  test.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ])('the lower cookie wins in any order (%d, %d, %d)', (...order) => {
    const state = new DesiredState();
    for (const index of order) {
      const each = units[index];
      state.apply(new Map([[each?.key ?? '', each]]));
    }
    expect([...state.flowsOf(0)].map((flow) => flow.cookie)).toEqual([byCookie[0]?.cookie]);
  });

  test('the next one takes its place when it goes', () => {
    const state = new DesiredState();
    state.apply(new Map(units.map((each) => [each.key, each])));
    for (const [index, each] of byCookie.entries()) {
      state.apply(new Map([[each.key, undefined]]));
      const next = byCookie[index + 1];
      const expected = next === undefined ? [] : [next.cookie];
      expect([...state.flowsOf(0)].map((flow) => flow.cookie)).toEqual(expected);
    }
  });
});

test('a unit that says a flow twice holds it once', () => {
  expect(unit('one', [toPort(1), toTunnel(1)]).flows).toHaveLength(1);
});
