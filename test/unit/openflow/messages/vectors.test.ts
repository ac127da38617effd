/**
 * Goal: every message means its bytes, and bytes that are no message are refused for the reason
 * that is theirs.
 * Method: vectors in both directions; each message type that has a codec must have one.
 */
import { expect, test } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  MESSAGES,
  type Message,
  MULTIPARTS,
  UNIMPLEMENTED_MESSAGES,
  UNIMPLEMENTED_MULTIPARTS,
} from '../../../../src/openflow/messages/index.ts';
import { readVectors } from '../../../support/openflow-vectors.ts';

const VECTORS = readVectors('messages.txt');

test.each(VECTORS)('$name', ({ xid, message, bytes }) => {
  expect(decodeMessage(bytes)).toEqual({ xid, message });
  expect(encodeMessage(message as Message, xid).toString('hex')).toBe(bytes.toString('hex'));
});

test.each(readVectors('messages-malformed.txt'))('$name is refused', ({ bytes, error }) => {
  expect(() => decodeMessage(bytes)).toThrow(
    expect.objectContaining({ name: 'DecodeError', message: error }),
  );
});

test('every codec has a vector', () => {
  const messages = VECTORS.map((vector) => vector.message as Message);
  const types = new Set(messages.map((message) => message.type));
  expect(MESSAGES.map((row) => row.type).filter((type) => !types.has(type))).toEqual([]);
  const bodies = new Set(
    messages.map((message) => 'body' in message && `${message.type} ${message.body.type}`),
  );
  for (const { type } of MULTIPARTS) {
    expect(bodies).toContain(`OFPT_MULTIPART_REQUEST ${type}`);
    expect(bodies).toContain(`OFPT_MULTIPART_REPLY ${type}`);
  }
});

test('every number of OpenFlow 1.5 has a codec or is listed as having none', () => {
  const standard = MESSAGES.filter((row) => row.experimenter === undefined).map((row) => row.code);
  const messages = [...standard, ...Object.keys(UNIMPLEMENTED_MESSAGES).map(Number)];
  // 4 is the envelope of experimenters; 22 and 23 left the standard with version 1.4.
  expect(messages.toSorted(byNumber)).toEqual(upTo(35).filter((n) => ![4, 22, 23].includes(n)));
  const kinds = MULTIPARTS.map((row) => row.code as number);
  const multiparts = [...kinds, ...Object.keys(UNIMPLEMENTED_MULTIPARTS).map(Number)];
  expect(multiparts.toSorted(byNumber)).toEqual([...upTo(19), 0xffff]);
});

function upTo(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, number) => number);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
