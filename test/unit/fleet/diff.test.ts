/**
 * Goal: what is installed is compared by meaning, cheaply where the bytes agree; changes of the same
 * thing fold into one that a switch accepts.
 * Method: flows and groups built by hand.
 */
import { describe, expect, test } from 'vitest';
import { type InstalledFlow, PendingChanges } from '../../../src/fleet/changes.ts';
import { countDrift, diffFlows, diffGroups, diffMeters } from '../../../src/fleet/diff.ts';
import { instructionBytes, matchBytes } from '../../../src/openflow/index.ts';
import {
  type CompiledFlow,
  type CompiledGroup,
  type CompiledMeter,
  compiledFlow,
  compiledGroup,
  encodeUnit,
  flowKey,
  type GroupChange,
  type MeterChange,
  packetMeter,
} from '../../../src/pipeline/index.ts';
import { installed } from '../../support/fake-switch.ts';

const MATCH = matchBytes({ in_port: 1, metadata: 7n });
const GOTO = instructionBytes([{ type: 'goto_table', table: 20 }]);
const FLOW = compiledFlow({ table: 0, priority: 5, cookie: 9n, match: MATCH, instructions: GOTO });
const INSTALLED: InstalledFlow = installed(FLOW);

function group(groupId: number, size: number): CompiledGroup {
  const buckets = Array.from({ length: size }, () => Buffer.alloc(8));
  return compiledGroup({ groupId, type: 'all', buckets, cookie: 1n });
}

function meter(meterId: number, rate: number): CompiledMeter {
  const meters = [packetMeter(meterId, { rate, burst: 1 })];
  const [compiled] = encodeUnit('', ['base', ''], { flows: [], meters }).meters;
  return compiled as CompiledMeter;
}

describe('flows', () => {
  test('equal bytes are no difference', () => {
    expect(diffFlows([INSTALLED], [FLOW])).toEqual([]);
  });

  test('the same match in another order is the same flow', () => {
    // Two OXM fields of 4 + 4 and 4 + 8 bytes behind the 4 bytes of the header, swapped.
    const swapped = Buffer.concat([
      MATCH.subarray(0, 4),
      MATCH.subarray(12, 24),
      MATCH.subarray(4, 12),
    ]);
    const read = { ...INSTALLED, match: swapped, key: flowKey(0, 5, swapped) };
    expect(read.key).not.toBe(FLOW.key);
    expect(diffFlows([read], [FLOW])).toEqual([]);
  });

  test('another cookie, other instructions or a timeout is a change', () => {
    const drop = Buffer.alloc(0);
    for (const other of [{ instructions: drop }, { lasting: false }, { cookie: 8n }]) {
      const before = { ...INSTALLED, ...other };
      expect(diffFlows([before], [FLOW])).toEqual([{ op: 'modify', flow: FLOW, before }]);
    }
  });

  test('what is missing is added, what is foreign goes, even where it cannot be read', () => {
    const match = Buffer.from('nonsense');
    const foreign = { ...INSTALLED, match, key: 'foreign' };
    expect(diffFlows([foreign], [FLOW])).toEqual([
      { op: 'add', flow: FLOW },
      { op: 'delete', flow: foreign },
    ]);
  });
});

test('meters differ by flags and bands', () => {
  const meters = diffMeters(
    [meter(1, 1), meter(2, 1), meter(3, 1)],
    [meter(2, 2), meter(3, 1), meter(4, 1)],
  );
  expect(meters.map(({ op, meter: { meterId } }) => [op, meterId])).toEqual([
    ['modify', 2],
    ['add', 4],
    ['delete', 1],
  ]);
});

test('groups differ by type and buckets; drift is counted by what was found', () => {
  const groups = diffGroups(
    [group(1, 1), group(2, 1), group(3, 1)],
    [group(2, 2), group(3, 1), group(4, 1)],
  );
  expect(groups.map(({ op, group: { groupId } }) => [op, groupId])).toEqual([
    ['modify', 2],
    ['add', 4],
    ['delete', 1],
  ]);
  const flows = [{ op: 'add', flow: FLOW }] as const;
  expect(countDrift({ flows, groups, meters: diffMeters([meter(1, 5)], [meter(1, 6)]) })).toEqual({
    flowsMissing: 1,
    flowsChanged: 0,
    flowsForeign: 0,
    groupsMissing: 1,
    groupsChanged: 1,
    groupsForeign: 1,
    metersMissing: 0,
    metersChanged: 1,
    metersForeign: 0,
  });
});

describe('pending changes', () => {
  function fold(...ops: ('add' | 'modify' | 'delete')[]): string[] {
    const pending = new PendingChanges();
    let before = group(1, 0);
    for (const [index, op] of ops.entries()) {
      const next = group(1, index + 1);
      const change: GroupChange =
        op === 'modify' ? { op, group: next, before } : { op, group: op === 'add' ? next : before };
      pending.add({
        flows: [],
        groups: op === 'delete' ? [] : [change],
        groupDeletes: op === 'delete' ? [change] : [],
        meters: [],
      });
      before = next;
    }
    return pending.take().groups.map((change) => {
      const [had, has] = [change.op === 'modify' ? change.before : undefined, change.group];
      return [change.op, had?.buckets.length, has.buckets.length]
        .filter((part) => part !== undefined)
        .join(' ');
    });
  }

  test('a flow that changed twice is sent once, as it is in the end', () => {
    const [pending, other] = [new PendingChanges(), compiledFlow({ ...INSTALLED, table: 1 })];
    const add = (op: 'add' | 'delete', ...flows: CompiledFlow[]): void =>
      pending.add({
        flows: flows.map((flow) => ({ op, flow })),
        groups: [],
        groupDeletes: [],
        meters: [],
      });
    add('add', FLOW, other);
    expect(pending.hasFlow(FLOW.key)).toBe(true);
    add('delete', FLOW);
    const { flows } = pending.take();
    expect(flows).toEqual([
      { op: 'delete', flow: FLOW },
      { op: 'add', flow: other },
    ]);
    expect(pending.take()).toEqual({ flows: [], groups: [], meters: [] });
  });

  test.each<[MeterChange['op'][], MeterChange['op'][]]>([
    [['add', 'modify'], ['add']],
    [['add', 'delete'], []],
    [['modify', 'delete'], ['delete']],
    [['delete', 'add'], ['modify']],
    [['delete', 'add', 'delete'], ['delete']],
  ])('changes %j of one meter are %j to the switch', (ops, told) => {
    const pending = new PendingChanges();
    for (const [index, op] of ops.entries()) {
      const meters = [{ op, meter: meter(1, index + 1) }];
      pending.add({ flows: [], groups: [], groupDeletes: [], meters });
    }
    expect(pending.hasMeter(1)).toBe(told.length > 0);
    expect(pending.take().meters.map(({ op }) => op)).toEqual(told);
  });

  test('a group that was never sent is added, or forgotten', () => {
    expect(fold('add', 'modify')).toEqual(['add 2']);
    expect(fold('add', 'delete')).toEqual([]);
  });

  test('a group that the switch has is modified, or deleted', () => {
    expect(fold('modify', 'modify')).toEqual(['modify 0 2']);
    expect(fold('delete', 'add')).toEqual(['modify 0 2']);
    expect(fold('modify', 'delete')).toEqual(['delete 0']);
  });
});
