/**
 * Goal: the vectors are true: the real ovs-ofctl reads our bytes as we mean them.
 * Method: `ovs-ofctl ofp-print` of each, compared with what is written beside it.
 */
import { expect, test } from 'vitest';
import { exec } from '../../../lab/exec.ts';
import { readVectors } from '../../support/openflow-vectors.ts';

test.each(readVectors('messages.txt'))('ovs-ofctl reads: $name', async ({ bytes, printed }) => {
  const input = `${bytes.toString('hex')}\n`;
  const text = await exec(['ovs-ofctl', 'ofp-print', '-'], { input });
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => line.trimEnd()).join('\n')).toBe(printed);
});
