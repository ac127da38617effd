/**
 * Goal: the simulator does what Open vSwitch does where the two could differ.
 * Method: flows made by hand for each rule of ovs-actions(7) that the pipeline leans on.
 */
import { describe, expect, test } from 'vitest';
import type { Action } from '../../../src/openflow/actions/index.ts';
import { OFPP } from '../../../src/openflow/constants.ts';
import { instructionBytes } from '../../../src/openflow/instructions.ts';
import { type Match, matchBytes } from '../../../src/openflow/oxm/index.ts';
import {
  compiledFlow,
  compiledGroup,
  copyBucket,
  copyToAll,
  DesiredState,
  type GroupDraft,
} from '../../../src/pipeline/index.ts';
import { type PacketFields, SwitchModel } from '../../../src/simulator/index.ts';

interface TestFlow {
  readonly table?: number;
  readonly priority?: number;
  readonly match?: Match;
  readonly actions?: readonly Action[];
  readonly goto?: number;
}

function run(flows: readonly TestFlow[], packet: PacketFields = {}, groups: GroupDraft[] = []) {
  const state = new DesiredState();
  const compiled = flows.map(({ table = 0, priority = 1, match = {}, actions = [], goto }) =>
    compiledFlow({
      table,
      priority,
      cookie: 1n,
      match: matchBytes(match),
      instructions: instructionBytes([
        { type: 'apply_actions', actions },
        ...(goto === undefined ? [] : [{ type: 'goto_table', table: goto } as const]),
      ]),
    }),
  );
  const made = groups.map((group) => compiledGroup({ ...group, cookie: 1n }));
  state.apply(
    new Map([
      [
        'unit',
        {
          key: 'unit',
          cookie: 1n,
          flows: compiled,
          groups: made,
          meters: [],
          queues: [],
          conjunctions: [],
        },
      ],
    ]),
  );
  return new SwitchModel(state).run(packet, 1);
}

const output = (port: number): Action => ({ type: 'output', port });

describe('output', () => {
  test('to the ingress port does nothing, unless it is named IN_PORT', () => {
    expect(run([{ actions: [output(1)] }]).outputs).toEqual([]);
    expect(run([{ actions: [output(OFPP.IN_PORT)] }]).outputs).toMatchObject([{ port: 1 }]);
  });

  test('to a register that nobody wrote does nothing', () => {
    const source = { field: 'reg15', offset: 0, bits: 32 } as const;
    expect(run([{ actions: [{ type: 'output_reg', source }] }]).outputs).toEqual([]);
  });

  test('sends the packet as it is at that point, and without its metadata', () => {
    const actions: Action[] = [
      output(2),
      { type: 'set_field', field: 'eth_dst', value: 5 },
      { type: 'set_field', field: 'reg3', value: 5 },
      output(3),
    ];
    expect(run([{ actions }], { eth_dst: 4 }).outputs).toMatchObject([
      { port: 2, packet: { eth_dst: 4 } },
      { port: 3, packet: { eth_dst: 5 } },
    ]);
    expect(run([{ actions }], { eth_dst: 4 }).outputs[1]?.packet).toEqual({ eth_dst: 5 });
  });
});

test('a bucket does not see what another bucket did, nor does the flow after the group', () => {
  const set: Action = { type: 'set_field', field: 'tun_dst', value: 9 };
  const group = copyToAll(7, [
    copyBucket({ bucketId: 1, actions: [set, output(2)] }),
    copyBucket({ bucketId: 2, actions: [output(3)] }),
  ]);
  const { outputs } = run([{ actions: [{ type: 'group', groupId: 7 }, output(4)] }], {}, [group]);
  expect(outputs.map(({ port, tunnel }) => [port, tunnel.destination])).toEqual([
    [2, 9],
    [3, 0n],
    [4, 0n],
  ]);
});

test('the highest priority wins, and a table without a match drops', () => {
  const flows = [
    { priority: 5, match: { eth_dst: 1 }, actions: [output(2)] },
    { priority: 9, match: { eth_dst: { value: 1, mask: 1 } }, goto: 3 },
    { table: 3, match: { eth_dst: 2 }, actions: [output(4)] },
  ];
  const { outputs, steps } = run(flows, { eth_dst: 1 });
  expect(outputs).toEqual([]);
  expect(steps.map(({ table, flow, unit }) => [table, flow?.priority, unit])).toEqual([
    [0, 9, 'unit'],
    [3, undefined, undefined],
  ]);
});

test('move copies runs of bits and leaves the others alone', () => {
  const { outputs } = run(
    [
      {
        actions: [
          { type: 'set_field', field: 'metadata', value: 0xabcdefn },
          {
            type: 'move',
            source: { field: 'metadata', offset: 8, bits: 8 },
            destination: { field: 'eth_dst', offset: 40, bits: 8 },
          },
          { type: 'set_field', field: 'eth_src', value: 0x0f, mask: 0x0f },
          output(2),
        ],
      },
    ],
    { eth_dst: 0x11_0000_0000_22, eth_src: 0xa0 },
  );
  expect(outputs[0]?.packet).toEqual({ eth_dst: 0xcd_0000_0000_22, eth_src: 0xaf });
});

test('an action that the simulator does not know is an error, not a guess', () => {
  expect(() => run([{ actions: [{ type: 'dec_ttl' }] }])).toThrow('dec_ttl');
});
