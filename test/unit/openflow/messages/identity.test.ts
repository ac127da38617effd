/**
 * Goal: nothing is lost or changed between a message and its bytes.
 * Method: random messages of every type; decode(encode(m)) is m, and encoding that gives the same
 * bytes. Messages that fill 64 KiB and reserved numbers are among the vectors.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../../src/openflow/messages/index.ts';
import { message } from '../../../support/openflow-arbitrary.ts';

const xid = fc.integer({ min: 0, max: 0xffff_ffff });

test('every message survives encoding and decoding', () => {
  fc.assert(
    fc.property(message, xid, (sent, sentXid) => {
      const bytes = encodeMessage(sent, sentXid);
      const received = decodeMessage(bytes);
      expect(received).toEqual({ xid: sentXid, message: sent });
      expect(encodeMessage(received.message, sentXid)).toEqual(bytes);
    }),
    { numRuns: 5_000 },
  );
});
