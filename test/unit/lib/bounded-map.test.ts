/** Goal: the map forgets what was not used for the longest time. Method: one of two entries. */
import { expect, test } from 'vitest';
import { BoundedMap } from '../../../src/lib/bounded-map.ts';

test('what was not used for the longest time goes first', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  map.set('a', 4);
  map.delete('c');
  expect([map.size, map.get('a')]).toEqual([1, 4]);
});
