/**
 * Goal: with `--auth tokens` the file decides who is let in, from one moment to the next, and never
 * shows what stands in it.
 * Method: real files in a folder of the test's own, a clock that the test moves.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TokenFile, TokenFileError } from '../../../../src/api/index.ts';
import type { LogFields } from '../../../../src/lib/log.ts';
import { recordingLogger } from '../../../support/recording-logger.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const LOOK_MS = 1_000;

let folder: string;
let file: string;
let clock: VirtualClock;
let logged: LogFields[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'heddle-tokens-'));
  file = path.join(folder, 'tokens.json');
  clock = new VirtualClock();
  logged = [];
});

afterEach(() => rm(folder, { recursive: true }));

const entry = (token: string, more: object = {}) => ({
  token,
  user: 'alice',
  project: 'p1',
  roles: ['member'],
  ...more,
});

/** Replaces the file as editors do. */
async function write(contents: unknown, mode = 0o600): Promise<void> {
  const text = typeof contents === 'string' ? contents : JSON.stringify({ tokens: contents });
  await writeFile(`${file}.new`, text, { mode });
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}

const open = () => TokenFile.open({ path: file, clock, log: recordingLogger(logged) });

/** The user that a token lets in, or the status of the refusal. */
async function who(tokens: TokenFile, token: string | undefined): Promise<unknown> {
  try {
    const headers = token === undefined ? {} : { 'x-auth-token': token };
    return (await tokens.authenticate(headers)).userId;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

describe('a token', () => {
  test('is its user’s, whether it stands there itself or as its digest', async () => {
    const sha256 = createHash('sha256').update('two').digest('hex');
    await write([entry('one'), { ...entry(''), token: undefined, sha256, user: 'bob' }]);
    const tokens = await open();
    expect(await who(tokens, 'one')).toBe('alice');
    expect(await who(tokens, 'two')).toBe('bob');
    for (const wrong of ['three', sha256, 'on', '', undefined]) {
      expect(await who(tokens, wrong), wrong).toBe(401);
    }
  });

  test.each([
    [['admin'], { isAdmin: true }],
    [['member'], { isAdmin: false }],
    [['reader'], { isAdmin: false, isReadOnly: true }],
    [['reader', 'member'], { isAdmin: false }],
  ])('with the roles %j may do what they say', async (roles, expected) => {
    await write([entry('one', { roles })]);
    const requester = await (await open()).authenticate({ 'x-auth-token': 'one' });
    expect(requester).toEqual({ userId: 'alice', projectId: 'p1', ...expected });
  });

  test('without a role that is known lets nobody in', async () => {
    await write([entry('one', { roles: ['cook'] })]);
    expect(await who(await open(), 'one')).toBe(403);
  });
});

describe('a file that has changed', () => {
  test('is read anew: who was taken out is out', async () => {
    await write([entry('one')]);
    const tokens = await open();
    await write([entry('two')]);
    expect(await who(tokens, 'one')).toBe('alice');
    clock.advance(LOOK_MS);
    expect(await who(tokens, 'one')).toBe(401);
    expect(await who(tokens, 'two')).toBe('alice');
  });

  test.each([
    ['is no JSON', '{"tokens": [{"token": "hidden-secret"', 0o600],
    ['is open to others', [entry('hidden-secret')], 0o644],
    ['has a mistake', [{ token: 'hidden-secret' }], 0o600],
  ])(
    'and %s leaves those in who were, and is logged without its contents',
    async (_, text, mode) => {
      await write([entry('one')]);
      const tokens = await open();
      await write(text, mode);
      clock.advance(LOOK_MS);
      expect(await who(tokens, 'one')).toBe('alice');
      expect(await who(tokens, 'hidden-secret')).toBe(401);
      expect(logged.at(-1)).toMatchObject({ path: file, reason: expect.any(String) });
      expect(JSON.stringify(logged)).not.toContain('secret');
    },
  );

  test('and is gone leaves those in who were', async () => {
    await write([entry('one')]);
    const tokens = await open();
    await rm(file);
    clock.advance(LOOK_MS);
    expect(await who(tokens, 'one')).toBe('alice');
    expect(JSON.stringify(logged.at(-1))).toContain('ENOENT');
  });
});

describe('at the start', () => {
  test.each<[string, unknown, number]>([
    ['open to others', [entry('secret')], 0o640],
    ['without a list', '{}', 0o600],
    ['that is no JSON', 'tokens: [secret]', 0o600],
    ['with a token twice', [entry('secret'), entry('secret')], 0o600],
    ['with a token and its digest', [entry('secret', { sha256: 'a'.repeat(64) })], 0o600],
    ['with a digest that is none', [{ ...entry('secret'), token: undefined, sha256: 'a' }], 0o600],
    ['without a user', [entry('secret', { user: '' })], 0o600],
    ['without a project', [entry('secret', { project: 7 })], 0o600],
    ['without roles', [entry('secret', { roles: 'admin' })], 0o600],
    ['with a word that is unknown', [entry('secret', { role: 'admin' })], 0o600],
    ['with a hole', [null], 0o600],
  ])('a file %s is refused, in words that do not repeat it', async (_, contents, mode) => {
    await write(contents, mode);
    const refused = await open().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TokenFileError);
    expect(String(refused)).not.toContain('secret');
  });

  test('a file that is not there is refused', async () => {
    await expect(open()).rejects.toThrow(TokenFileError);
  });
});
