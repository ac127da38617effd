/** Goal: no body, however deep, reaches code that recurses. Method: the scanner on edge cases. */
import { describe, expect, test } from 'vitest';
import { nestedDeeperThan } from '../../../src/api/plugins/body.ts';

describe('the depth of a JSON text', () => {
  test('is the number of brackets open at once', () => {
    expect(nestedDeeperThan('[[[]]]', 3)).toBe(false);
    expect(nestedDeeperThan('[[[]]]', 2)).toBe(true);
    expect(nestedDeeperThan('[{"a":[1]},{"b":[2]}]', 3)).toBe(false);
    expect(nestedDeeperThan('[{"a":[1]},{"b":[2]}]', 2)).toBe(true);
  });

  test('does not count brackets inside strings, escaped quotes included', () => {
    expect(nestedDeeperThan('{"a":"[[[[[["}', 1)).toBe(false);
    expect(nestedDeeperThan(String.raw`{"a":"\"[[[","b":"\\"}`, 1)).toBe(false);
    expect(nestedDeeperThan(String.raw`{"a":"\\","b":[[1]]}`, 2)).toBe(true);
  });

  test('of a million brackets is found without recursion', () => {
    expect(nestedDeeperThan('['.repeat(1_000_000), 32)).toBe(true);
  });
});
