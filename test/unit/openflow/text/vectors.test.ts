/**
 * Goal: text and bytes of matches, actions and flows are those of ovs-ofctl, in both directions.
 * Method: every vector that the real tool recorded (test/vectors/openflow) is parsed and encoded,
 * and its bytes are decoded, printed and encoded again.
 */
import { expect, test } from 'vitest';
import {
  ACTION_ROWS,
  decodeActions,
  encodeActions,
} from '../../../../src/openflow/actions/index.ts';
import { instructionBytes, instructionsFromBytes } from '../../../../src/openflow/instructions.ts';
import { FIELDS, matchBytes, matchFromBytes } from '../../../../src/openflow/oxm/index.ts';
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

const NXAST_CT = 35;

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

test.for(goodVectors('actions-other.txt'))(
  '"$text" in another form is read as "$printed"',
  (vector) => {
    const [bytes = Buffer.alloc(0)] = vector.bytes;
    expect(formatActions(actionsOf(bytes))).toBe(vector.printed);
    expect(formatActions(actionsOf(actionBytes(vector.printed)))).toBe(vector.printed);
  },
);

test('a meter instruction, as OpenFlow 1.3 has it, is read as the action that comes first', () => {
  const meter = Buffer.from('0006000800000007', 'hex');
  const apply = instructionBytes(parseFlow('actions=output:1').instructions);
  for (const bytes of [Buffer.concat([meter, apply]), Buffer.concat([apply, meter])]) {
    const flow = { match: {}, instructions: instructionsFromBytes(bytes) };
    expect(formatFlow(flow)).toContain('actions=meter:7,output:1');
  }
});

test('every field that Open vSwitch writes in a match is in a vector', () => {
  const seen = goodVectors('matches.txt').flatMap(({ bytes }) =>
    bytes.flatMap((each) => Object.keys(matchFromBytes(each))),
  );
  const written = FIELDS.filter(({ view }) => !view).map(({ name }) => name);
  expect(written.filter((name) => !seen.includes(name))).toEqual([]);
});

test('every form of every action is in a vector', () => {
  const seen = [...goodVectors('actions.txt'), ...goodVectors('actions-other.txt')].flatMap(
    ({ bytes }) => bytes.flatMap(formsIn),
  );
  const forms = ACTION_ROWS.flatMap((row) => row.forms);
  const names = forms.filter(({ standard, nicira }) => !seen.includes(formKey(standard, nicira)));
  expect(names.map(({ name }) => name)).toEqual([]);
});

function formKey(standard: number | undefined, nicira: number | undefined): string {
  return standard === undefined ? `nicira ${nicira}` : `standard ${standard}`;
}

/** The forms of a list of actions; inside ct stand Nicira's after 24 bytes. */
function formsIn(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += Math.max(8, bytes.readUInt16BE(at + 2))) {
    const isNicira = bytes.readUInt16BE(at) === 0xffff;
    const nicira = isNicira ? bytes.readUInt16BE(at + 8) : undefined;
    forms.push(isNicira ? formKey(undefined, nicira) : formKey(bytes.readUInt16BE(at), undefined));
    if (nicira === NXAST_CT) forms.push(...formsIn(bytes.subarray(at + 24)));
  }
  return forms;
}

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
