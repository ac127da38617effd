/**
 * Goal: the vectors that our unit tests believe are what the real ovs-ofctl says today.
 * Method: it encodes the text of every good vector (sent to a socket of ours that says hello) and
 * prints the bytes of every one; it must refuse the bytes of the malformed ones.
 */
import { expect, test } from 'vitest';
import { exec } from '../../../lab/exec.ts';
import { encodeWithOfctl, printWithOfctl } from '../../../tools/ofctl.ts';
import { badVectors, goodVectors } from '../../../tools/vector-file.ts';

const NO_MATCH = Buffer.from('0001000400000000', 'hex');

/** A list of actions as the instruction that applies it. */
function apply(actions: Buffer): Buffer {
  const header = Buffer.from('0004000000000000', 'hex');
  header.writeUInt16BE(8 + actions.length, 2);
  return Buffer.concat([header, actions]);
}

const hex = (bytes: Buffer | undefined) => bytes?.toString('hex');

test('ovs-ofctl encodes and prints every match as recorded', async () => {
  const vectors = goodVectors('matches.txt');
  const encoded = await encodeWithOfctl(vectors.map(({ text }) => `${text} actions=drop`));
  expect(encoded.map(({ match }) => hex(match))).toEqual(vectors.map((v) => hex(v.bytes[0])));
  const printed = await printWithOfctl(encoded);
  expect(printed).toEqual(vectors.map((vector) => `${vector.printed} actions=drop`));
});

test('ovs-ofctl encodes and prints every list of actions as recorded', async () => {
  const vectors = goodVectors('actions.txt');
  const flows = vectors.map(({ context, text }) => `${context} actions=${text}`);
  const encoded = await encodeWithOfctl(flows);
  expect(encoded.map(({ instructions }) => hex(instructions.subarray(8)))).toEqual(
    vectors.map((vector) => hex(vector.bytes[0])),
  );
  const printed = await printWithOfctl(encoded);
  expect(printed.map((line) => line?.replace(/^.*actions=/, ''))).toEqual(
    vectors.map((vector) => vector.printed),
  );
});

test('ovs-ofctl prints every other form of an action as recorded', async () => {
  const vectors = goodVectors('actions-other.txt');
  const printed: string[] = [];
  for (const { bytes } of vectors) {
    const input = `${flowMod14(apply(bytes[0] ?? Buffer.alloc(0))).toString('hex')}\n`;
    const text = await exec(['ovs-ofctl', '--no-names', 'ofp-print', '-'], { input });
    printed.push(text.trim().replace(/^.*actions=/, ''));
  }
  expect(printed).toEqual(vectors.map(({ text }) => text));
});

/** An OFPT_FLOW_MOD of OpenFlow 1.4 that adds a flow without a match. */
function flowMod14(instructions: Buffer): Buffer {
  const head = Buffer.alloc(48);
  head.set([5, 14]);
  head.fill(0xff, 32, 44);
  const message = Buffer.concat([head, NO_MATCH, instructions]);
  message.writeUInt16BE(message.length, 2);
  return message;
}

test('ovs-ofctl encodes and prints every flow as recorded', async () => {
  const vectors = goodVectors('flows.txt');
  const encoded = await encodeWithOfctl(vectors.map(({ text }) => text));
  expect(encoded.map(({ match, instructions }) => [hex(match), hex(instructions)])).toEqual(
    vectors.map((vector) => vector.bytes.map(hex)),
  );
  expect(await printWithOfctl(encoded)).toEqual(vectors.map((vector) => vector.printed));
});

test('ovs-ofctl refuses the malformed vectors too', async () => {
  const empty = Buffer.alloc(0);
  const flows = [
    ...badVectors('matches-malformed.txt').map(({ error, bytes }) => ({
      error,
      match: bytes[0] ?? empty,
      instructions: empty,
    })),
    ...badVectors('actions-malformed.txt').map(({ error, bytes }) => ({
      error,
      match: NO_MATCH,
      instructions: apply(bytes[0] ?? empty),
    })),
    ...badVectors('flows-malformed.txt').map(({ error, bytes }) => ({
      error,
      match: bytes[0] ?? empty,
      instructions: bytes[1] ?? empty,
    })),
  ];
  const printed = await printWithOfctl(flows);
  const accepted = flows.filter((_, i) => printed[i] !== undefined).map(({ error }) => error);
  expect(accepted).toEqual(['bits that reg0 has', 'at most 8 nested lists']);
});
