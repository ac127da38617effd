/**
 * Goal: JSON-RPC 1.0 and 2.0 never get mixed up, whichever the kind of message.
 * Method: the vectors of test/vectors/ovsdb/envelope.txt, in the directions that they name.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  decodeEnvelope,
  encodeEnvelope,
  type OutboundEnvelope,
} from '../../../src/ovsdb/wire/envelope.ts';

interface Vector {
  readonly name: string;
  readonly direction: string;
  readonly wire: string;
  readonly verdict: string;
  readonly meaning: string;
}

const VECTORS = readFileSync('test/vectors/ovsdb/envelope.txt', 'utf8')
  .split(/\n\n/)
  .filter((block) => !block.startsWith('#'))
  .map((block): Vector => {
    const [name = '', wire = '', meaning = ''] = block.trim().split('\n');
    const [, direction = '', text = ''] = /^(<>|<|>) (.*)$/.exec(wire) ?? [];
    return { name, direction, wire: text, verdict: meaning.slice(0, 1), meaning: meaning.slice(2) };
  });

const accepted = VECTORS.filter(({ verdict }) => verdict === '=');
const refused = VECTORS.filter(({ verdict }) => verdict === '!');

describe('an envelope', () => {
  test('has vectors of every verdict', () => {
    expect(accepted.length + refused.length).toBe(VECTORS.length);
    expect(new Set(accepted.map(({ meaning }) => JSON.parse(meaning).kind)).size).toBe(4);
  });

  test.each(accepted)('is read: $name', ({ wire, meaning }) => {
    expect(decodeEnvelope(JSON.parse(wire))).toEqual(JSON.parse(meaning));
  });

  test.each(accepted.filter(({ direction }) => direction === '<>'))(
    'is written: $name',
    ({ wire, meaning }) => {
      const written = encodeEnvelope(JSON.parse(meaning) as OutboundEnvelope);
      expect(JSON.parse(written)).toEqual(JSON.parse(wire));
    },
  );

  test.each(refused)('is refused: $name', ({ wire, meaning }) => {
    expect(() => decodeEnvelope(JSON.parse(wire))).toThrow(meaning);
  });

  test('never carries the member jsonrpc, for which ovsdb-server drops a connection', () => {
    const text = encodeEnvelope({ kind: 'request', id: 1, call: { method: 'm', params: [] } });
    expect(text).not.toContain('jsonrpc');
  });
});
