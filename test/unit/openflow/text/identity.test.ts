/**
 * Goal: decode(encode(x)) = x and parse(format(x)) = x, whatever x is.
 * Method: fast-check over random canonical matches, lists of actions (nested too) and
 * instructions, made from the rows of the fields.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeActions, encodeActions } from '../../../../src/openflow/actions/index.ts';
import { instructionBytes, instructionsFromBytes } from '../../../../src/openflow/instructions.ts';
import { canonicalMatch, matchBytes, matchFromBytes } from '../../../../src/openflow/oxm/index.ts';
import {
  formatActions,
  formatFlow,
  formatInstructions,
  formatMatch,
  parseActions,
  parseFlow,
  parseInstructions,
  parseMatch,
} from '../../../../src/openflow/text/index.ts';
import { Reader, Writer } from '../../../../src/openflow/wire/index.ts';
import {
  acceptedFlow,
  anyActions,
  anyInstructions,
  anyMatch,
} from '../../../support/flow-arbitrary.ts';

const RUNS = { numRuns: 500 };
const TIMEOUT = { timeout: 60_000 };

test('a match that is encoded and decoded is the same match', TIMEOUT, () => {
  fc.assert(
    fc.property(anyMatch, (match) => {
      expect(matchFromBytes(matchBytes(match))).toEqual(match);
    }),
    RUNS,
  );
});

test('a match in canonical form stays as it is', TIMEOUT, () => {
  fc.assert(
    fc.property(anyMatch, (match) => {
      expect(canonicalMatch(match)).toEqual(match);
    }),
    RUNS,
  );
});

test('actions that are encoded and decoded are the same actions', TIMEOUT, () => {
  fc.assert(
    fc.property(anyActions, (actions) => {
      const writer = new Writer();
      encodeActions(writer, actions);
      const bytes = writer.take();
      expect(bytes.length % 8).toBe(0);
      expect(decodeActions(new Reader(bytes), bytes.length)).toEqual(actions);
    }),
    RUNS,
  );
});

test('instructions that are encoded and decoded are the same instructions', TIMEOUT, () => {
  fc.assert(
    fc.property(anyInstructions, (instructions) => {
      expect(instructionsFromBytes(instructionBytes(instructions))).toEqual(instructions);
    }),
    RUNS,
  );
});

test(
  'instructions in any order are encoded in the order in which they take effect',
  TIMEOUT,
  () => {
    fc.assert(
      fc.property(anyInstructions, fc.integer(), (instructions, turn) => {
        const turned = [...instructions].sort((a, b) =>
          turn % 2 === 0 ? a.type.localeCompare(b.type) : b.type.localeCompare(a.type),
        );
        expect(instructionBytes(turned)).toEqual(instructionBytes(instructions));
      }),
      RUNS,
    );
  },
);

test('a flow that is printed and parsed is the same flow', TIMEOUT, () => {
  fc.assert(
    fc.property(acceptedFlow, (flow) => {
      expect(parseMatch(formatMatch(flow.match))).toEqual(flow.match);
      expect(parseInstructions(formatInstructions(flow.instructions))).toEqual(flow.instructions);
    }),
    RUNS,
  );
});

test('any actions that are printed and parsed are the same actions', TIMEOUT, () => {
  fc.assert(
    fc.property(anyActions, (actions) => {
      expect(parseActions(formatActions(actions))).toEqual(actions);
    }),
    RUNS,
  );
});

test('everything else that a flow says is printed and parsed too', TIMEOUT, () => {
  const u16 = fc.integer({ min: 1, max: 0xffff });
  const flow = fc.record(
    {
      table: fc.integer({ min: 1, max: 254 }),
      priority: u16.filter((priority) => priority !== 0x8000),
      cookie: fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }),
      idleTimeout: u16,
      hardTimeout: u16,
      importance: u16,
      flags: fc.integer({ min: 1, max: 31 }),
      match: fc.constant({ in_port: 1 }),
      instructions: fc.constant([]),
    },
    { requiredKeys: ['match', 'instructions'] },
  );
  fc.assert(
    fc.property(flow, (each) => {
      expect(parseFlow(formatFlow(each))).toEqual(each);
    }),
    RUNS,
  );
});

test('tables are printed and parsed by the names that they have', () => {
  const tableNames = new Map([
    [0, 'Classifier'],
    [7, 'L2Forwarding'],
  ]);
  const text = 'table=Classifier, reg0=0x1 actions=resubmit(,L2Forwarding),goto_table:L2Forwarding';
  const flow = parseFlow(text, { tableNames });
  expect(flow.table).toBe(0);
  expect(flow.instructions.at(-1)).toEqual({ type: 'goto_table', table: 7 });
  expect(formatFlow(flow, { tableNames })).toBe(text);
  expect(formatFlow(flow)).toBe('reg0=0x1 actions=resubmit(,7),goto_table:7');
});
