/**
 * Goal: the vectors are true: the real ovs-ofctl reads our bytes as we mean them, and what we
 * refuse is what it refuses.
 * Method: `ovs-ofctl ofp-print` of each, compared with what is written beside it; of the malformed
 * ones, those that it reads all the same are listed here by name.
 */
import { expect, test } from 'vitest';
import { exec, tryExec } from '../../../lab/exec.ts';
import { readVectors } from '../../support/openflow-vectors.ts';

test.each(readVectors('messages.txt'))('ovs-ofctl reads: $name', async ({ bytes, printed }) => {
  const input = `${bytes.toString('hex')}\n`;
  const text = await exec(['ovs-ofctl', 'ofp-print', '-'], { input });
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => line.trimEnd()).join('\n')).toBe(printed);
});

/** Where we are stricter: it reads any version, skips a broken hello, prints numbers it has no name for. */
const READ_ALL_THE_SAME = [
  'another version',
  'a hello whose element is shorter than its header',
  'a hello whose element goes past the end',
  'a role status with an unknown reason',
  'an unknown bundle control',
];
const REFUSAL = /decode error|packet too short|message is empty|truncated to|only uses/;

test('ovs-ofctl refuses the malformed vectors too', async () => {
  const read: string[] = [];
  for (const { name, bytes } of readVectors('messages-malformed.txt')) {
    const input = `${bytes.toString('hex')}\n`;
    const { stdout, stderr } = await tryExec(['ovs-ofctl', 'ofp-print', '-'], { input });
    if (!REFUSAL.test(stdout + stderr)) read.push(name);
  }
  expect(read).toEqual(READ_ALL_THE_SAME);
});
