/** Goal: records are appended to a file that is its owner's alone. Method: a real file. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openJsonLines } from '../../../src/lib/json-lines.ts';

const failed = (error: Error): never => {
  throw error;
};

test('each record is a line, written at once, after what was there', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-lines-'));
  const file = path.join(folder, 'audit.log');
  for (const name of ['one\n', 'two'])
    openJsonLines({ to: { file }, atOnce: true, failed }).write({ name });
  expect(await readFile(file, 'utf8')).toBe('{"name":"one\\n"}\n{"name":"two"}\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await rm(folder, { recursive: true });
});

test('a file that cannot be opened is an error at once', () => {
  const to = { file: '/nowhere/audit.log' };
  expect(() => openJsonLines({ to, atOnce: true, failed: () => {} })).toThrow('ENOENT');
});

test('what nobody waited for is there when the file is closed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-lines-'));
  const file = path.join(folder, 'some.log');
  const lines = openJsonLines({ to: { file }, atOnce: false, failed });
  for (let name = 0; name < 1_000; name++) lines.write({ name });
  lines.close();
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1_000);
  await rm(folder, { recursive: true });
});
