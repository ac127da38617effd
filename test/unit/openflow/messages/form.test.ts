/**
 * Goal: messages have one form when a switch that takes one must take the other: of the same parts,
 * whatever their values.
 * Method: pairs of messages that differ in one thing.
 */
import { describe, expect, test } from 'vitest';
import type { Action } from '../../../../src/openflow/actions/index.ts';
import { instructionBytes } from '../../../../src/openflow/instructions.ts';
import {
  bucketBytes,
  encodeFlowMod,
  encodeGroupMod,
  encodeMessage,
  type FlowModCommand,
  formOf,
} from '../../../../src/openflow/messages/index.ts';
import { type Match, matchBytes } from '../../../../src/openflow/oxm/index.ts';

const TCP: Match = { eth_type: 0x0800, ip_proto: 6 };
const SET: Action = { type: 'set_field', field: 'reg1', value: 1 };
const CT = { type: 'ct', flags: 1, zone: 1, table: 5 } as const;

function flow(
  match: Match,
  actions: Action[] = [],
  more: { tableId?: number; command?: string } = {},
) {
  return encodeFlowMod(
    {
      command: (more.command ?? 'OFPFC_ADD') as FlowModCommand,
      tableId: more.tableId ?? 1,
      cookie: 1n,
      priority: 1,
      match: matchBytes(match),
      instructions: instructionBytes(
        actions.length === 0 ? [] : [{ type: 'apply_actions', actions }],
      ),
    },
    0,
  );
}

function group(actions: Action[], command: 'OFPGC_ADD' | 'OFPGC_MODIFY' = 'OFPGC_ADD', id = 1) {
  const buckets = [bucketBytes({ bucketId: id, actions })];
  const groupId = id;
  return encodeGroupMod({ command, groupType: 'all', groupId, buckets }, 0);
}

const OUTPUT: Action = { type: 'output', port: 1 };

describe('messages have one form', () => {
  test.each<[string, Buffer, Buffer]>([
    ['values of a match', flow({ ...TCP, tcp_dst: 80 }), flow({ ...TCP, tcp_dst: 443 })],
    [
      'masks of a match',
      flow({ reg1: { value: 0, mask: 1 } }),
      flow({ reg1: { value: 2, mask: 2 } }),
    ],
    ['values of an action', flow({}, [SET, OUTPUT]), flow({}, [{ ...SET, value: 2 }, OUTPUT])],
    ['zones', flow({}, [CT]), flow({}, [{ ...CT, zone: 9 }])],
    ['copies of a group', group([OUTPUT]), group([{ type: 'output', port: 7 }], 'OFPGC_ADD', 9)],
  ])('with other %s', (_what, one, other) => {
    expect(one.equals(other)).toBe(false);
    expect(formOf(one)).toBe(formOf(other));
  });
});

describe('messages have different forms', () => {
  test.each<[string, Buffer, Buffer]>([
    ['tables', flow({}), flow({}, [], { tableId: 2 })],
    ['commands', flow({}), flow({}, [], { command: 'OFPFC_DELETE_STRICT' })],
    ['fields', flow({ reg1: 1 }), flow({ reg2: 1 })],
    ['masks', flow({ metadata: 1n }), flow({ metadata: { value: 1n, mask: 1n } })],
    ['protocols', flow(TCP), flow({ ...TCP, ip_proto: 17 })],
    ['actions', flow({}, [SET]), flow({}, [SET, OUTPUT])],
    ['fields that are set', flow({}, [SET]), flow({}, [{ ...SET, field: 'reg2' }])],
    [
      'actions within another',
      flow({}, [{ ...CT, actions: [{ type: 'set_field', field: 'ct_mark', value: 1 }] }]),
      flow({}, [{ ...CT, actions: [{ type: 'set_field', field: 'ct_label', value: 1n }] }]),
    ],
    ['copies of a group', group([OUTPUT]), group([SET, OUTPUT])],
    ['commands for a group', group([OUTPUT]), group([OUTPUT], 'OFPGC_MODIFY')],
  ])('with other %s', (_what, one, other) => {
    expect(formOf(one)).not.toBe(formOf(other));
  });
});

test('a property is passed by as long as it is padded, and one of no length ends, too', () => {
  const odd = { type: 'unknown', code: 0xffff, bytes: Buffer.alloc(9, 1) } as const;
  const buckets = [bucketBytes({ bucketId: 1, actions: [OUTPUT], properties: [odd] })];
  const fields = { command: 'OFPGC_ADD', groupType: 'all', groupId: 1 } as const;
  const message = encodeGroupMod({ ...fields, buckets }, 0);
  expect(formOf(message)).not.toBe(formOf(group([OUTPUT])));
  message.fill(0, 24);
  expect(formOf(message)).toBeTypeOf('number');
});

test('what is neither a flow-mod nor a group-mod has none', () => {
  expect(formOf(encodeMessage({ type: 'OFPT_HELLO', versions: [] }, 0))).toBeUndefined();
});
