/**
 * Goal: a flow that units share is the sum of what they say, whoever comes and goes in what order.
 * Method: units made by hand; the shared flows as text.
 */
import { expect, test } from 'vitest';
import {
  type CompiledUnit,
  type ConjunctionDraft,
  DesiredState,
  EgressRules,
  encodeUnit,
  PRIORITY,
} from '../../../src/pipeline/index.ts';
import { flowLine } from '../../support/world-text.ts';

const says = (in_port: number, id: number, clause = 1): ConjunctionDraft => ({
  table: EgressRules,
  priority: PRIORITY.normal,
  match: { in_port },
  id,
  clause,
  clauses: 2,
});

const unit = (id: string, ...conjunctions: ConjunctionDraft[]): CompiledUnit =>
  encodeUnit(id, ['network', id], { flows: [], conjunctions });

const give = (...units: CompiledUnit[]) => new Map(units.map((each) => [each.key, each]));

function shown(state: DesiredState): string[] {
  const lines = state.flowsOf(EgressRules.id).map((flow) => flowLine(flow));
  return lines.map((line) => line.split('in_port=')[1] ?? '').sort();
}

test('one flow names what all units say, once and in order', () => {
  const state = new DesiredState();
  state.apply(give(unit('a', says(1, 9)), unit('b', says(1, 5), says(1, 9))));
  expect(shown(state)).toEqual(['1 actions=conjunction(5,1/2),conjunction(9,1/2)']);
});

test('what two units said stays until both have gone, and the flow with the last of them', () => {
  const state = new DesiredState();
  state.apply(give(unit('a', says(1, 9)), unit('b', says(1, 9), says(2, 9, 2))));
  expect(state.apply(new Map([['a', undefined]])).flows).toEqual([]);
  expect(shown(state)).toEqual(['1 actions=conjunction(9,1/2)', '2 actions=conjunction(9,2/2)']);
  const { flows } = state.apply(new Map([['b', undefined]]));
  expect(flows.filter(({ flow }) => flow.table === EgressRules.id).map(({ op }) => op)).toEqual([
    'delete',
    'delete',
  ]);
  expect(state.flowCount).toBe(0);
});

test('one who joins changes the one flow that it joins', () => {
  const state = new DesiredState();
  state.apply(give(unit('a', says(1, 9), says(2, 9))));
  const { flows } = state.apply(give(unit('b', says(2, 3))));
  const changes = flows.filter(({ flow }) => flow.table === EgressRules.id);
  expect(changes.map(({ op, flow }) => [op, flowLine(flow).split('in_port=')[1]])).toEqual([
    ['modify', '2 actions=conjunction(3,1/2),conjunction(9,1/2)'],
  ]);
});

test('a flow that too many clauses share names as many as fit a message, always the same', () => {
  const ids = Array.from({ length: 4_100 }, (_, index) => index + 1);
  const state = new DesiredState();
  state.apply(give(unit('a', ...ids.toReversed().map((id) => says(1, id)))));
  const [flow] = state.flowsOf(EgressRules.id);
  expect(flow?.message.length).toBeLessThan(2 ** 16);
  const named = shown(state)[0]?.match(/conjunction\(\d+/g) ?? [];
  expect(named).toHaveLength(4_000);
  expect(named.at(-1)).toBe('conjunction(4000');
});

test('hosts that hold the same units hold the same flows, encoded once', () => {
  const [a, b, c] = [unit('a', says(1, 9)), unit('b', says(1, 5)), unit('c', says(1, 7))];
  const hold = (...units: CompiledUnit[]): DesiredState => {
    const state = new DesiredState();
    state.apply(give(...units));
    return state;
  };
  const flowOf = (state: DesiredState) => state.flowsOf(EgressRules.id)[0];
  const shared = flowOf(hold(a, b));
  expect(flowOf(hold(b, a))).toBe(shared);
  const late = hold(b);
  late.apply(give(a, c));
  expect(flowOf(late)).not.toBe(shared);
  late.apply(new Map([['c', undefined]]));
  expect(flowOf(late)).toBe(shared);
});
