/**
 * Goal: a push that takes several bundles follows a packet's way, which is not the order of the
 * tables' numbers, and what names clauses of rules names old and new while the way changes.
 * Method: small pushes by hand, one step a bundle.
 */
import { expect, test } from 'vitest';
import type { FlowChange, GroupState, Step } from '../../../src/fleet/changes.ts';
import { orderSteps } from '../../../src/fleet/order.ts';
import type { Action, ConjunctionAction } from '../../../src/openflow/actions/index.ts';
import {
  instructionBytes,
  instructionsFromBytes,
  matchBytes,
} from '../../../src/openflow/index.ts';
import { bucketBytes } from '../../../src/openflow/messages/index.ts';
import {
  Classifier,
  type CompiledFlow,
  type CookieKind,
  CopyIsolation,
  compiledFlow,
  cookieOf,
  IngressConnection,
  IngressRules,
  IngressSecurity,
  InPort,
  Isolation,
  L2Forwarding,
  MulticastMembers,
  OutputPort,
  PRIORITY,
  RemoteSender,
  RuleHits,
} from '../../../src/pipeline/index.ts';

function flow(table: number, actions: readonly Action[] = [], cookie = 1n): CompiledFlow {
  const match = matchBytes({ metadata: 1n });
  const instructions = instructionBytes([{ type: 'apply_actions', actions }]);
  return compiledFlow({ table, priority: PRIORITY.normal, cookie, match, instructions });
}

const SOMETHING: readonly Action[] = [{ type: 'set_field', field: OutputPort.register, value: 1 }];

const naming = (id: number): ConjunctionAction => ({
  type: 'conjunction',
  id,
  clause: 1,
  clauses: 2,
});

function push(flows: readonly FlowChange[]): Step[] {
  return orderSteps({ flows, groups: [], meters: [] }, 1).flat();
}

/** A packet comes to a connection's table, which asks the rules, which ask for the hits. */
const WAY = [IngressConnection.id, IngressRules.id, RuleHits.id];

test('what is asked is there before who asks, and leaves after', () => {
  const flows = WAY.map((table) => flow(table));
  const tables = (steps: readonly Step[]): number[] =>
    steps.flatMap((step) => ('flow' in step ? step.flow.table : []));
  expect(tables(push(flows.map((each) => ({ op: 'add', flow: each }))))).toEqual(WAY.toReversed());
  expect(tables(push(flows.map((each) => ({ op: 'delete', flow: each }))))).toEqual(WAY);
});

test('an address of a port that is on another host from now on leads there at once', () => {
  const here: Action = { type: 'set_field', field: OutputPort.register, value: 7 };
  const there: Action = { type: 'set_field', field: 'tun_dst', value: 1 };
  const leading = (kind: CookieKind, id: string, action: Action): CompiledFlow =>
    flow(L2Forwarding.id, [action], cookieOf(kind, id));
  const before = leading('local-port', 'p', here);
  const other = flow(Classifier.id);
  const steps = (after: CompiledFlow): string[] =>
    push([
      { op: 'add', flow: flow(IngressSecurity.id) },
      { op: 'add', flow: other },
      { op: 'modify', flow: after, before },
    ]).map(said);
  const remote = leading('remote-port', 'p', there);
  expect(steps(remote)[0]).toBe(`put_flow ${L2Forwarding.id}`);
  expect(steps(remote)).not.toContain(`drop ${L2Forwarding.id}`);
  expect(steps(leading('remote-port', 'q', there))[0]).toBe(`drop ${L2Forwarding.id}`);
});

test('an address leads nowhere while it comes to lead to another port', () => {
  const leading = (value: number): CompiledFlow =>
    flow(L2Forwarding.id, [{ type: 'set_field', field: OutputPort.register, value }]);
  const steps = push([
    { op: 'modify', flow: leading(4), before: leading(3) },
    { op: 'add', flow: flow(IngressSecurity.id, SOMETHING) },
  ]);
  expect(steps.map(said)).toEqual(['drop 60', 'put_flow 70', 'put_flow 60']);
  const same = push([{ op: 'modify', flow: leading(3), before: leading(3) }]);
  expect(same.map(({ type }) => type)).toEqual(['put_flow']);
});

test('a flow names the clauses before and after until all else has changed', () => {
  const [before, after] = [flow(IngressRules.id, [naming(1)]), flow(IngressRules.id, [naming(2)])];
  const asking = flow(IngressConnection.id);
  const steps = push([
    { op: 'modify', flow: after, before },
    { op: 'add', flow: asking },
  ]);
  const seen = steps.map((step) =>
    step.type === 'put_flow' && step.flow.table === IngressRules.id ? idsOf(step.flow) : step.type,
  );
  expect(seen).toEqual([[2, 1], 'put_flow', [2]]);
});

function idsOf({ instructions }: CompiledFlow): number[] {
  return instructionsFromBytes(instructions).flatMap((each) =>
    each.type === 'apply_actions'
      ? each.actions.flatMap((action) => (action.type === 'conjunction' ? action.id : []))
      : [],
  );
}

test('a port that gets another number is led to nowhere until its new number is ready', () => {
  const leading = (value: number): CompiledFlow =>
    flow(L2Forwarding.id, [{ type: 'set_field', field: OutputPort.register, value }]);
  const steps = push([
    { op: 'modify', flow: leading(2), before: leading(1) },
    { op: 'add', flow: flow(IngressSecurity.id, SOMETHING) },
  ]);
  expect(steps.map(said)).toEqual([
    `drop ${L2Forwarding.id}`,
    `put_flow ${IngressSecurity.id}`,
    `put_flow ${L2Forwarding.id}`,
  ]);
});

test('a wire speaks for no number of a subport until its flows are ready', () => {
  const speaking = (value: number): CompiledFlow =>
    flow(Classifier.id, [{ type: 'set_field', field: InPort.register, value }]);
  const steps = push([
    { op: 'modify', flow: speaking(52), before: speaking(51) },
    { op: 'add', flow: flow(IngressSecurity.id, SOMETHING) },
  ]);
  expect(steps.map(said)).toEqual([
    `drop ${Classifier.id}`,
    `put_flow ${IngressSecurity.id}`,
    `put_flow ${Classifier.id}`,
  ]);
});

test('copies that go are gone before entries change, and those that come are last', () => {
  const copying = (...ports: readonly number[]): CompiledFlow =>
    flow(
      MulticastMembers.id,
      ports.map((value): Action => {
        const to: Action = { type: 'set_field', field: OutputPort.register, value };
        return { type: 'clone', actions: [to, { type: 'resubmit', table: IngressSecurity.id }] };
      }),
    );
  const leading = (value: number): CompiledFlow =>
    flow(L2Forwarding.id, [{ type: 'set_field', field: OutputPort.register, value }]);
  const entry: FlowChange = { op: 'modify', flow: leading(5), before: leading(3) };
  const seen = (...changes: readonly FlowChange[]): string[] =>
    push([entry, ...changes]).map((step) => {
      if (!('flow' in step) || step.flow.table !== MulticastMembers.id) return said(step);
      const ports = [1, 2, 3, 4, 5].filter((value) =>
        step.flow.instructions.includes(copying(value).instructions.subarray(8)),
      );
      return `${step.type} ${ports.join(' ')}`;
    });
  const [drop, lead] = [`drop ${L2Forwarding.id}`, `put_flow ${L2Forwarding.id}`];
  expect(seen({ op: 'modify', flow: copying(4, 5), before: copying(3, 4) })).toEqual([
    'put_flow 4',
    drop,
    lead,
    'put_flow 4 5',
  ]);
  expect(seen({ op: 'modify', flow: copying(4), before: copying(3, 4) })).toEqual([
    'put_flow 4',
    drop,
    lead,
  ]);
  expect(seen({ op: 'add', flow: copying(5) })).toEqual([drop, lead, 'put_flow 5']);
  expect(seen({ op: 'delete', flow: copying(3) })).toEqual(['delete_flow 3', drop, lead]);
});

/** What a step does, and in which table: drop where it puts a flow that does nothing. */
function said(step: Step): string {
  if (!('flow' in step)) return step.type;
  const drops = step.type === 'put_flow' && step.flow.instructions.length === 0;
  return `${drops ? 'drop' : step.type} ${step.flow.table}`;
}

test('a drop of what is not heard comes when paths close, and leaves when they open', () => {
  const [drop, sender] = [dropping(Isolation.id), flow(RemoteSender.id, SOMETHING)];
  const closing = push([
    { op: 'add', flow: drop },
    { op: 'delete', flow: sender },
  ]);
  expect(closing.map(said)).toEqual([`delete_flow ${RemoteSender.id}`, `drop ${Isolation.id}`]);
  const opening = push([
    { op: 'add', flow: sender },
    { op: 'delete', flow: drop },
  ]);
  expect(opening.map(said)).toEqual([`delete_flow ${Isolation.id}`, `put_flow ${RemoteSender.id}`]);
});

function dropping(table: number): CompiledFlow {
  const { cookie, match, priority } = flow(table);
  return compiledFlow({ table, priority, cookie, match, instructions: instructionBytes([]) });
}

test('a port gets its copies at once for as long as it hears everybody, before or after', () => {
  const directly = bucketBytes({ bucketId: 3, actions: [{ type: 'output', port: 3 }] });
  const asking = bucketBytes({
    bucketId: 3,
    actions: [{ type: 'resubmit', table: CopyIsolation.id }],
  });
  const between = flow(RemoteSender.id);
  const steps = (from: Buffer, to: Buffer) =>
    orderSteps(
      {
        flows: [{ op: 'add', flow: between }],
        groups: [{ op: 'modify', before: groupOf(from), group: groupOf(to) }],
        meters: [],
      },
      1,
    )
      .flat()
      .map((step) =>
        step.type === 'modify_group'
          ? step.group.buckets.map((each) => each.equals(to))
          : step.type,
      );
  expect(steps(directly, asking)).toEqual(['put_flow', [true]]);
  expect(steps(asking, directly)).toEqual([[true], 'put_flow']);
  const elsewhere = bucketBytes({ bucketId: 3, actions: [{ type: 'output', port: 4 }] });
  expect(steps(directly, elsewhere)).toEqual([[], 'put_flow', [true]]);
});

function groupOf(bucket: Buffer): GroupState {
  return { groupId: 1, type: 'all', buckets: [bucket] };
}
