/**
 * Goal: no bytes of a peer crash, hang or exhaust the decoders of matches, actions and
 * instructions: DecodeError is all that they throw, and what they give can be encoded again.
 * Method: a million inputs each from a fixed seed: the vectors and random values with bytes changed,
 * cut and inserted, with the outer length put right so that the inner parts are reached; and noise.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeActions, encodeActions } from '../../../../src/openflow/actions/index.ts';
import { instructionBytes, instructionsFromBytes } from '../../../../src/openflow/instructions.ts';
import { matchBytes, matchFromBytes } from '../../../../src/openflow/oxm/index.ts';
import {
  formatActions,
  formatInstructions,
  formatMatch,
  parseFlow,
  TextError,
} from '../../../../src/openflow/text/index.ts';
import { DecodeError, Reader, Writer } from '../../../../src/openflow/wire/index.ts';
import { badVectors, goodVectors } from '../../../../tools/vector-file.ts';
import { anyActions, anyInstructions, anyMatch } from '../../../support/flow-arbitrary.ts';
import { mutate, Noise } from '../../../support/mutations.ts';

const SEED = 20_260_203;
const COUNT = 1_000_000;

interface Subject<T> {
  readonly seeds: readonly Buffer[];
  /** Puts the outermost length right. */
  readonly repair: (input: Buffer) => Buffer;
  readonly decode: (input: Buffer) => T;
  readonly encode: (value: T) => Buffer;
  readonly print: (value: T) => string;
}

/** Decodes damaged seeds and noise; gives how many inputs were refused. */
function attack<T>({ seeds, repair, decode, encode, print }: Subject<T>): number {
  const noise = new Noise(SEED);
  let refused = 0;
  for (let i = 0; i < COUNT; i++) {
    const input = repair(
      i % 8 === 0 ? noise.bytes(noise.next(64)) : mutate(noise.pick(seeds), noise),
    );
    try {
      const value = decode(input);
      // Looking at every hundredth closely keeps the whole within seconds.
      if (i % 100 === 0) expect(encode(decode(encode(value)))).toEqual(encode(value));
      if (i % 100 === 0) print(value);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw new Error(`input ${input.toString('hex')}`, { cause: error });
      }
      refused += 1;
    }
  }
  return refused;
}

function vectors(good: string, bad: string, part: number): Buffer[] {
  return [...goodVectors(good), ...badVectors(bad)].flatMap(({ bytes }) => bytes[part] ?? []);
}

function actionBytes(actions: Parameters<typeof encodeActions>[1]): Buffer {
  const writer = new Writer();
  encodeActions(writer, actions);
  return writer.take();
}

const sample = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.sample(arbitrary, { numRuns: 1_000, seed: SEED });

test('damaged matches give matches or DecodeErrors', { timeout: 240_000 }, () => {
  const refused = attack({
    seeds: [
      ...vectors('matches.txt', 'matches-malformed.txt', 0),
      ...sample(anyMatch).map(matchBytes),
    ],
    repair: (input) => {
      const padded = Buffer.concat([input, Buffer.alloc((8 - (input.length % 8)) % 8)]);
      if (padded.length >= 4) padded.writeUInt32BE(0x1_0000 + Math.min(input.length, 0xffff), 0);
      return padded;
    },
    decode: matchFromBytes,
    encode: matchBytes,
    print: formatMatch,
  });
  expect(refused).toBeGreaterThan(COUNT / 20);
  expect(refused).toBeLessThan(COUNT * 0.95);
});

test('damaged actions give actions or DecodeErrors', { timeout: 240_000 }, () => {
  const refused = attack({
    seeds: [
      ...vectors('actions.txt', 'actions-malformed.txt', 0),
      ...sample(anyActions).map(actionBytes),
    ],
    repair: (input) => input.subarray(0, input.length - (input.length % 8)),
    decode: (input) => decodeActions(new Reader(input), input.length),
    encode: actionBytes,
    print: formatActions,
  });
  expect(refused).toBeGreaterThan(COUNT / 20);
  expect(refused).toBeLessThan(COUNT * 0.95);
});

test('damaged instructions give instructions or DecodeErrors', { timeout: 240_000 }, () => {
  const refused = attack({
    seeds: [
      ...vectors('flows.txt', 'flows-malformed.txt', 1),
      ...sample(anyInstructions).map(instructionBytes),
    ].filter(({ length }) => length > 0),
    repair: (input) => {
      const whole = Buffer.from(input.subarray(0, input.length - (input.length % 8)));
      // Half of them as one instruction that applies all that follows.
      if (whole.length >= 8 && whole.length % 16 === 0) {
        whole.writeUInt32BE(0x4_0000 + Math.min(whole.length, 0xffff), 0);
      }
      return whole;
    },
    decode: instructionsFromBytes,
    encode: instructionBytes,
    print: formatInstructions,
  });
  expect(refused).toBeGreaterThan(COUNT / 20);
  expect(refused).toBeLessThan(COUNT * 0.95);
});

test('damaged texts of flows give flows or TextErrors', { timeout: 240_000 }, () => {
  const noise = new Noise(SEED);
  const texts = [
    ...goodVectors('flows.txt').map(({ text }) => text),
    ...goodVectors('matches.txt').map(({ text }) => `${text} actions=drop`),
    ...goodVectors('actions.txt').map(({ text }) => `actions=${text}`),
  ].map((text) => Buffer.from(text));
  let refused = 0;
  for (let i = 0; i < 50_000; i++) {
    const text = mutate(noise.pick(texts), noise).toString('latin1');
    try {
      parseFlow(text);
    } catch (error) {
      if (!(error instanceof TextError)) throw new Error(`text ${text}`, { cause: error });
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});
