/**
 * Goal: who waits for a process to end goes on when it holds nothing any more, and then at once.
 * Method: real processes; one whose first thread ends before another, as kill -9 may leave one.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { startInBackground } from '../../../lab/background.ts';
import { isAlive, until } from '../../../lab/exec.ts';
import { python } from '../../../lab/python.ts';
import { defined } from '../../../src/lib/assert.ts';

/** Ends its first thread; the other ends with the standard input. */
const TWO_THREADS = `
import ctypes, os, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(0))).start()
ctypes.CDLL(None).pthread_exit(None)
`;

const started: ReturnType<typeof startInBackground>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

test('a process is alive until its last thread has ended', async () => {
  const child = startInBackground(python(TWO_THREADS), { input: 'pipe' });
  started.push(child);
  const pid = defined(child.pid, 'pid');
  await until(() => stateOf(pid) === 'Z', 'the first thread to end');
  expect(isAlive(pid)).toBe(true);
  const ended = once(child, 'exit');
  child.stdin?.end('.');
  await ended;
  expect(isAlive(pid)).toBe(false);
});

/** Of its first thread: proc(5). */
function stateOf(pid: number): string | undefined {
  return /^State:\s(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}
