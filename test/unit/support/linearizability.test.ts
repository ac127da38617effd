/** Goal: the judge of histories convicts liars and nobody else. Method: small histories by hand. */
import { expect, test } from 'vitest';
import { finalOwners, type Operation } from '../../support/linearizability.ts';

let time = 0;
const make = (owner: string, outcome: 'made' | 'taken' | 'unknown', at = time): Operation =>
  operation('make', owner, outcome, at);
const free = (owner: string, outcome: 'freed' | 'absent' | 'unknown', at = time): Operation =>
  operation('free', owner, outcome, at);

function operation(
  kind: Operation['kind'],
  owner: string,
  outcome: Operation['outcome'],
  start: number,
): Operation {
  time = Math.max(time, start) + 2;
  return { kind, owner, outcome, start, end: outcome === 'unknown' ? Infinity : start + 1 };
}

test.each<[string, () => Operation[], (string | undefined)[]]>([
  ['nothing happened', () => [], [undefined]],
  ['made, refused to another', () => [make('a', 'made'), make('b', 'taken')], ['a']],
  [
    'made, freed, made again',
    () => [make('a', 'made'), free('a', 'freed'), make('b', 'made')],
    ['b'],
  ],
  ['two at once, one wins', () => [make('a', 'taken', 5), make('b', 'made', 5)], ['b']],
  ['no answer', () => [make('a', 'unknown')], ['a', undefined]],
  ['no answer, and another was refused', () => [make('a', 'unknown'), make('b', 'taken')], ['a']],
  [
    'late effect',
    () => [make('a', 'unknown'), make('b', 'made'), free('b', 'freed')],
    [undefined, 'a'],
  ],
])('%s is explained', (_, history, owners) => {
  time = 0;
  expect(finalOwners(history())).toEqual(new Set(owners));
});

test.each<[string, () => Operation[]]>([
  ['given to two', () => [make('a', 'made'), make('b', 'made')]],
  ['refused for nobody', () => [make('b', 'taken')]],
  ['refused after it was free', () => [make('a', 'made'), free('a', 'freed'), make('b', 'taken')]],
  ['freed by a stranger', () => [make('a', 'made'), free('b', 'freed')]],
  ['lost', () => [make('a', 'made'), free('a', 'absent')]],
])('%s cannot be explained', (_, history) => {
  time = 0;
  expect(finalOwners(history()).size).toBe(0);
});
