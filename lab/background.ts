/** Processes of the lab that run beside it: pings, captures, controllers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { inNamespace, isAlive } from './exec.ts';

export interface BackgroundOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error are appended here; without it they are pipes. */
  readonly logFile?: string;
  /** Where to write the process id, so that a later takedown finds it. */
  readonly pidFile?: string;
  /** What its standard input is; by default nothing. */
  readonly input?: 'ignore' | 'pipe';
}

/**
 * Starts a command in a process group of its own: Ctrl-C at the terminal reaches the lab alone,
 * which then ends its processes in order.
 */
export function startInBackground(
  command: readonly string[],
  options: BackgroundOptions & { readonly netns?: string },
): ChildProcess {
  const [program, ...args] = inNamespace(command, options.netns);
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a');
  const child = spawn(program ?? '', args, {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: [options.input ?? 'ignore', log ?? 'pipe', log ?? 'pipe'],
  });
  if (log !== undefined) closeSync(log);
  // `ip netns exec` replaces itself by the command: this is the command's own process id.
  if (options.pidFile !== undefined) writeFileSync(options.pidFile, `${child.pid ?? ''}\n`);
  return child;
}

/**
 * Signals a child and waits until it has ended and its output was read; fine when it has already.
 */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  if (child.pid !== undefined && isAlive(child.pid)) child.kill(signal);
  await closed;
}
