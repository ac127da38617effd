/** Goal: a replica goes on only in the history that it has seen. Method: a table of what Redis shows. */
import { expect, test } from 'vitest';
import { AssertionError } from '../../../src/lib/assert.ts';
import { encodeCommit, refusalError } from '../../../src/store/commit.ts';
import { Keys } from '../../../src/store/keys.ts';
import { contiguous, type Head, parseEntry, rewoundReason } from '../../../src/store/stream.ts';

const SEEN = { historyId: 'h', position: 7, commitId: 'c7' };
const HEAD: Head = { historyId: 'h', revision: 9, commitId: 'c9', commitAtPosition: 'c7' };

test.each<[string, Partial<Head>, string | undefined]>([
  ['more of the same', {}, undefined],
  ['the same, trimmed', { commitAtPosition: undefined }, undefined],
  ['no history', { historyId: undefined }, 'the history is gone'],
  ['another history', { historyId: 'other' }, 'it is another history'],
  ['less', { revision: 6 }, 'its last revision is below the one seen'],
  ['another commit', { commitAtPosition: 'x7' }, 'the revision seen is another commit now'],
])('%s', (_, found, expected) => {
  expect(rewoundReason({ ...HEAD, ...found }, SEEN)).toBe(expected);
});

test('an entry of the stream is read as the change that wrote it', () => {
  const fields = [
    'commit',
    'c',
    'at',
    't',
    'written',
    '9',
    'delete port/a',
    '',
    'put network/b c',
    '{"id":"b c"}',
  ];
  const entry = parseEntry(['12-0', fields]);
  expect([entry.revision, entry.commitId]).toEqual([12, 'c']);
  expect(entry.read()).toEqual({
    revision: 12,
    at: 't',
    puts: [{ key: 'network/b c', value: { id: 'b c' } }],
    deletes: ['port/a'],
  });
});

test('entries follow a position without a gap, or not at all', () => {
  const entries = [8, 9].map((n) => parseEntry([`${n}-0`, []]));
  expect(contiguous(entries, 7)).toBe(entries);
  expect(contiguous([], 7)).toEqual([]);
  expect(contiguous(entries, 6)).toBeUndefined();
  expect(contiguous(entries.toReversed(), 7)).toBeUndefined();
});

test('all keys of a region lie in one hash slot, and those of two do not mix', () => {
  const one = new Keys('one');
  const names = [...Object.values(one), one.lease('x'), one.fence('x')];
  expect(names.every((name) => String(name).startsWith('{heddle:one}:'))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  expect(() => new Keys('a}b')).toThrow(AssertionError);
});

test('a commit that puts and deletes the same record is a bug of ours', () => {
  const put = new Map([['network/a', { id: 'a' } as never]] as const);
  expect(() => encodeCommit({ put, delete: ['network/a'] })).toThrow(AssertionError);
});

test('a refusal of the session is no refusal of the request', () => {
  expect(refusalError(['FENCED', '', ''])).toBeUndefined();
  expect(refusalError(['HISTORY', '', ''])).toBeUndefined();
});
