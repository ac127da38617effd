/**
 * Goal: text and bytes of matches, actions and flows are those of ovs-ofctl, in both directions.
 * Method: every vector that the real tool recorded (test/vectors/openflow) is parsed and encoded,
 * and its bytes are decoded, printed and encoded again.
 */
import { expect, test } from 'vitest';
import { decodeActions, encodeActions } from '../../../../src/openflow/actions/index.ts';
import { instructionBytes, instructionsFromBytes } from '../../../../src/openflow/instructions.ts';
import { matchBytes, matchFromBytes } from '../../../../src/openflow/oxm/index.ts';
import {
  formatActions,
  formatFlow,
  formatMatch,
  parseActions,
  parseFlow,
  parseMatch,
} from '../../../../src/openflow/text/index.ts';
import { DecodeError, Reader, Writer } from '../../../../src/openflow/wire/index.ts';
import { badVectors, goodVectors } from '../../../../tools/vector-file.ts';

function actionBytes(text: string): Buffer {
  const writer = new Writer();
  encodeActions(writer, parseActions(text));
  return writer.take();
}

function actionsOf(bytes: Buffer) {
  return decodeActions(new Reader(bytes), bytes.length);
}

function refusal(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
  return 'nothing was refused';
}

test.for(goodVectors('matches.txt'))('the match "$text" has the bytes of ovs-ofctl', (vector) => {
  const [bytes = Buffer.alloc(0)] = vector.bytes;
  expect(matchBytes(parseMatch(vector.text)).toString('hex')).toBe(bytes.toString('hex'));
  expect(formatMatch(matchFromBytes(bytes))).toBe(vector.printed);
  expect(matchBytes(matchFromBytes(bytes)).toString('hex')).toBe(bytes.toString('hex'));
  expect(formatMatch(parseMatch(vector.printed))).toBe(vector.printed);
});

test.for(goodVectors('actions.txt'))('"$text" has the bytes of ovs-ofctl', (vector) => {
  const [bytes = Buffer.alloc(0)] = vector.bytes;
  const reEncoded = new Writer();
  encodeActions(reEncoded, actionsOf(bytes));
  expect(actionBytes(vector.text).toString('hex')).toBe(bytes.toString('hex'));
  expect(formatActions(actionsOf(bytes))).toBe(vector.printed);
  expect(reEncoded.take().toString('hex')).toBe(bytes.toString('hex'));
  expect(formatActions(parseActions(vector.printed))).toBe(vector.printed);
});

test.for(goodVectors('flows.txt'))('the flow "$text" has the bytes of ovs-ofctl', (vector) => {
  const [match = Buffer.alloc(0), instructions = Buffer.alloc(0)] = vector.bytes;
  const flow = parseFlow(vector.text);
  expect(matchBytes(flow.match).toString('hex')).toBe(match.toString('hex'));
  expect(instructionBytes(flow.instructions).toString('hex')).toBe(instructions.toString('hex'));
  const decoded = {
    match: matchFromBytes(match),
    instructions: instructionsFromBytes(instructions),
  };
  expect(formatFlow(decoded)).toBe(vector.printed);
  expect(instructionBytes(decoded.instructions).toString('hex')).toBe(instructions.toString('hex'));
});

test.for(badVectors('matches-malformed.txt'))('a match without $error is refused', (vector) => {
  expect(refusal(() => matchFromBytes(vector.bytes[0] ?? Buffer.alloc(0)))).toContain(vector.error);
});

test.for(badVectors('actions-malformed.txt'))('actions without $error are refused', (vector) => {
  expect(refusal(() => actionsOf(vector.bytes[0] ?? Buffer.alloc(0)))).toContain(vector.error);
});

test.for(badVectors('flows-malformed.txt'))('instructions without $error are refused', (vector) => {
  const [, bytes = Buffer.alloc(0)] = vector.bytes;
  expect(refusal(() => instructionsFromBytes(bytes))).toContain(vector.error);
});
