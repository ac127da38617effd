/**
 * Goal: no bytes of a peer crash, hang or exhaust the decoder: DecodeError is all that it throws.
 * Method: a million inputs each, made from messages of every type by changing, cutting and inserting
 * bytes, and from nothing but noise; with the length field put right, so that bodies are reached,
 * and as they are. Whatever decodes can be encoded. The seed is in the name of a failing test.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Framer } from '../../../../src/openflow/framing.ts';
import { decodeMessage, encodeMessage } from '../../../../src/openflow/messages/index.ts';
import { DecodeError } from '../../../../src/openflow/wire/index.ts';
import { mutate, Noise } from '../../../support/mutations.ts';
import { message } from '../../../support/openflow-arbitrary.ts';

const SEED = 20_260_101;
const SEEDS = fc.sample(message, { numRuns: 2_000, seed: SEED }).map((m) => encodeMessage(m, 1));

/** Whether the input was refused; anything but a DecodeError fails the test. */
function refuses(decode: () => unknown, input: Buffer): boolean {
  try {
    decode();
    return false;
  } catch (error) {
    if (error instanceof DecodeError) return true;
    throw new Error(`input ${input.toString('hex')}`, { cause: error });
  }
}

function withTrueLength(input: Buffer): Buffer {
  if (input.length >= 4) input.writeUInt16BE(input.length, 2);
  return input;
}

test('seven hundred thousand damaged messages give messages or DecodeErrors', () => {
  const noise = new Noise(SEED);
  let refused = 0;
  const count = 700_000;
  for (let i = 0; i < count; i++) {
    const input = withTrueLength(mutate(noise.pick(SEEDS), noise));
    if (refuses(() => decodeMessage(input), input)) refused += 1;
  }
  expect(refused).toBeGreaterThan(count / 20);
  expect(refused).toBeLessThan(count * 0.95);
}, 240_000);

test('three hundred thousand bodies of noise give messages or DecodeErrors', () => {
  const noise = new Noise(SEED + 1);
  let refused = 0;
  const count = 300_000;
  for (let i = 0; i < count; i++) {
    const input = noise.bytes(8 + noise.next(64));
    input[0] = 6;
    input[1] = noise.next(36);
    withTrueLength(input);
    if (refuses(() => decodeMessage(input), input)) refused += 1;
  }
  expect(refused).toBeGreaterThan(count / 20);
}, 240_000);

test('a million damaged streams give frames or a DecodeError', () => {
  const noise = new Noise(SEED + 2);
  const count = 1_000_000;
  for (let i = 0; i < count; i++) {
    const input = mutate(Buffer.concat([noise.pick(SEEDS), noise.pick(SEEDS)]), noise);
    const cut = noise.next(input.length + 1);
    const framer = new Framer((frame) => {
      if (i % 16 === 0) refuses(() => decodeMessage(frame), frame);
    });
    framer.expectVersion(6);
    refuses(() => {
      framer.push(input.subarray(0, cut));
      framer.push(input.subarray(cut));
    }, input);
  }
}, 240_000);

test('whatever decodes can be encoded again', () => {
  const noise = new Noise(SEED + 3);
  for (let i = 0; i < 100_000; i++) {
    const input = withTrueLength(mutate(noise.pick(SEEDS), noise));
    if (!refuses(() => decodeMessage(input), input)) {
      encodeMessage(decodeMessage(input).message, 1);
    }
  }
}, 240_000);
