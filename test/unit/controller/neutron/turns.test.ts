/** Goal: at one key one goes at a time, in order of arrival; other keys do not wait. */
import { expect, test } from 'vitest';
import { Turns } from '../../../../src/controller/neutron/turns.ts';

test('turns at a key come one after another, and nobody waits at another key', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const ends = new Map<string, () => void>();
  const come = async (key: string, name: string): Promise<void> => {
    ends.set(name, await turns.take(key));
    seen.push(name);
  };
  const settle = () => new Promise(setImmediate);

  const all = [come('a', 'a1'), come('a', 'a2'), come('b', 'b1'), come('a', 'a3')];
  await settle();
  expect(seen).toEqual(['a1', 'b1']);
  ends.get('a1')?.();
  await settle();
  expect(seen).toEqual(['a1', 'b1', 'a2']);
  ends.get('a2')?.();
  await Promise.all(all);
  expect(seen).toEqual(['a1', 'b1', 'a2', 'a3']);
  ends.get('a3')?.();
  await come('a', 'a4');
  expect(seen.at(-1)).toBe('a4');
});
