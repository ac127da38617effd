/** Goal: a range of ports becomes blocks that hold each of its ports once, and no other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { portBlocks } from '../../../src/compiler/features/security-matches.ts';

const PORTS = 0x1_0000;

function portsOf(first: number, last: number): number[] {
  return portBlocks(first, last).flatMap((block) => {
    if (typeof block === 'number') return [block];
    const size = PORTS - block.mask;
    return Array.from({ length: size }, (_, index) => block.value + index);
  });
}

test('each port of a range is in one block, and no other is in any', () => {
  const range = fc
    .tuple(fc.nat(PORTS - 1), fc.nat(PORTS - 1))
    .map((ends) => ends.sort((one, other) => one - other) as [number, number]);
  fc.assert(
    fc.property(range, ([first, last]) => {
      const ports = portsOf(first, last);
      expect(ports.length).toBe(last - first + 1);
      expect(ports[0]).toBe(first);
      expect(ports.every((port, index) => port === first + index)).toBe(true);
      expect(portBlocks(first, last).length).toBeLessThanOrEqual(30);
    }),
    { numRuns: 60 },
  );
});

test('the largest ranges are the fewest blocks', () => {
  expect(portBlocks(0, PORTS - 1)).toEqual([{ value: 0, mask: 0 }]);
  expect(portBlocks(1, 65_535)).toHaveLength(16);
  expect(portBlocks(80, 80)).toEqual([80]);
});
