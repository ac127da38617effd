/** Running tools and daemons of the lab: by argument list, never through a shell. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** So many times longer the lab waits before it gives up: on an emulated machine all is slow. */
export const PATIENCE_VARIABLE = 'HEDDLE_LAB_PATIENCE';
export const PATIENCE = Number(process.env[PATIENCE_VARIABLE] ?? 1);

/** Between two looks at what only polling can see. */
const POLL_MS = 2;

export interface ExecOptions {
  /** Network namespace to run in; the caller's own when absent. */
  readonly netns?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Ends the command after so many milliseconds (default 30,000): nothing in the lab may hang. */
  readonly timeoutMs?: number;
}

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(command: readonly string[], result: CommandResult) {
    super(`${command.join(' ')}: ${result.stderr.trim() || `exit status ${result.exitCode}`}`);
    this.exitCode = result.exitCode;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end and gives its result, whatever its exit status. */
export function tryExec(
  command: readonly string[],
  options: ExecOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = inNamespace(command, options.netns);
  return new Promise((resolve) => {
    const child = execFile(
      program ?? '',
      args,
      {
        env: { ...process.env, ...options.env },
        timeout: (options.timeoutMs ?? 30_000) * PATIENCE,
        maxBuffer: 256 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ exitCode: code, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}

/** Runs a command to its end and gives its standard output; throws CommandError when it fails. */
export async function exec(command: readonly string[], options: ExecOptions = {}): Promise<string> {
  const result = await tryExec(command, options);
  if (result.exitCode !== 0) throw new CommandError(command, result);
  return result.stdout;
}

/** The command line that runs `command` inside a network namespace. */
export function inNamespace(command: readonly string[], netns: string | undefined): string[] {
  return netns === undefined ? [...command] : ['ip', 'netns', 'exec', netns, ...command];
}

/** The process id in a pid file, or undefined when there is no such file or process. */
export async function livePid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? pid : undefined;
}

/** Field `num_threads` of proc(5), counted from the state. */
const NUM_THREADS = 17;

/**
 * Whether a process runs. One that has ended and waits for its parent to notice does not; but while
 * threads of it have not ended yet, it has its files and sockets still.
 */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The state follows the name, which stands in parentheses and may hold anything: proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return !/^[ZX]/.test(fields[0] ?? '') || Number(fields[NUM_THREADS]) > 1;
  } catch {
    return false;
  }
}

/** Signals the process of a pid file and waits until it has gone. */
export async function killByPidFile(pidFile: string, signal: NodeJS.Signals): Promise<void> {
  const pid = await livePid(pidFile);
  if (pid === undefined) return;
  process.kill(pid, signal);
  await until(() => !isAlive(pid), `process ${pid} of ${pidFile} to end`);
}

/**
 * Waits until `condition` gives a truthy value and returns it. For what only polling can see
 * (a process ending, a file or a counter of another program); throws after `timeoutMs`.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const patienceMs = timeoutMs * PATIENCE;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline)
      throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await delay(POLL_MS * PATIENCE);
  }
}
