/** Pings: one, a matrix of all pairs, and a continuous one that counts exactly what was lost. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endChild } from './background.ts';
import { PATIENCE, until } from './exec.ts';
import type { Vm } from './vm.ts';

export type Family = 'ipv4' | 'ipv6';

export interface PingResult {
  readonly answered: boolean;
  /** Round trip in milliseconds, when it was answered. */
  readonly ms?: number;
}

export interface MatrixCell extends PingResult {
  readonly from: Vm;
  readonly to: Vm;
}

/** One echo request to an address, waiting `waitSeconds` for its answer. */
export async function ping(from: Vm, address: string, waitSeconds = 1): Promise<PingResult> {
  const command = ['ping', '-n', '-q', '-c', '1', '-W', String(waitSeconds * PATIENCE), address];
  const { exitCode, stdout } = await from.run(command);
  const average = /= [\d.]+\/([\d.]+)\//.exec(stdout)?.[1];
  return exitCode === 0 && average !== undefined
    ? { answered: true, ms: Number(average) }
    : { answered: false };
}

/** Pings every VM from every other one, all at once. */
export function pingMatrix(
  vms: readonly Vm[],
  options: { family?: Family } = {},
): Promise<MatrixCell[]> {
  const family = options.family ?? 'ipv4';
  const pairs = vms.flatMap((from) => vms.filter((to) => to !== from).map((to) => ({ from, to })));
  return Promise.all(
    pairs.map(async ({ from, to }) => ({
      from,
      to,
      ...(await ping(from, to.address(family))),
    })),
  );
}

/** The pairs of a matrix that stayed silent, as "a > b": an empty list is full reachability. */
export function unanswered(matrix: readonly MatrixCell[]): string[] {
  return matrix
    .filter(({ answered }) => !answered)
    .map(({ from, to }) => `${from.name} > ${to.name}`);
}

export interface PingReport {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** The longest time between two answers, in milliseconds. */
  readonly longestGapMs: number;
}

export interface ContinuousOptions {
  readonly intervalMs?: number;
}

/** A running ping; it survives whatever happens to the controllers and counts every answer. */
export class ContinuousPing {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #what: string;
  readonly #answeredSequences = new Set<number>();
  #highest = 0;
  #firstAnswerMs = 0;
  #lastAnswerMs: number | undefined;
  #longestGapMs = 0;
  #transmitted = 0;

  private constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#what = what;
    this.#closed = once(child, 'close');
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#read(line));
    }
  }

  /** Starts it; whether anything answers is not known yet. */
  static begin(from: Vm, address: string, options: ContinuousOptions = {}): ContinuousPing {
    const interval = String((options.intervalMs ?? 10) / 1000);
    const command = ['ping', '-n', '-D', '-i', interval, address];
    return new ContinuousPing(from.namespace.background(command), `${from.name} > ${address}`);
  }

  /** Starts it and returns when the first answer has come. */
  static async start(
    from: Vm,
    address: string,
    options: ContinuousOptions = {},
  ): Promise<ContinuousPing> {
    const running = ContinuousPing.begin(from, address, options);
    await running.nextAnswer();
    return running;
  }

  /** When the first answer came, in milliseconds since 1970; waits for it. */
  async firstAnswerMs(timeoutMs = 10_000): Promise<number> {
    const what = `the first answer to ping ${this.#what}`;
    return until(() => this.#firstAnswerMs, what, timeoutMs);
  }

  /** The sequence number of the latest answer. */
  get latest(): number {
    return this.#highest;
  }

  /** Waits for an answer to a request that was sent later than the latest answered one. */
  async nextAnswer(timeoutMs = 10_000): Promise<void> {
    const before = this.#highest;
    await until(() => this.#highest > before, `an answer to ping ${this.#what}`, timeoutMs);
  }

  /** Waits for `count` more answers. */
  async answers(count: number): Promise<void> {
    const goal = this.#answeredSequences.size + count;
    const what = `${count} answers to ping ${this.#what}`;
    await until(() => this.#answeredSequences.size >= goal, what, 60_000);
  }

  /**
   * Ends it and reports. Requests still under way at the end are not counted as lost, unless no
   * answer comes any more at all.
   */
  async stop(): Promise<PingReport> {
    const alive = await this.nextAnswer(2_000).then(
      () => true,
      () => false,
    );
    const highest = this.#highest;
    await endChild(this.#child, 'SIGINT');
    await this.#closed;
    const sent = alive ? highest : this.#transmitted;
    const answered = [...this.#answeredSequences].filter((sequence) => sequence <= sent).length;
    return { sent, answered, lost: sent - answered, longestGapMs: this.#longestGapMs };
  }

  #read(line: string): void {
    this.#transmitted = Number(/^(\d+) packets transmitted/.exec(line)?.[1] ?? this.#transmitted);
    const answer = /^\[(\d+\.\d+)\] .* icmp_seq=(\d+) .*time=/.exec(line);
    if (answer === null) return;
    const timeMs = Number(answer[1]) * 1000;
    const sequence = Number(answer[2]);
    this.#answeredSequences.add(sequence);
    this.#firstAnswerMs ||= timeMs;
    this.#highest = Math.max(this.#highest, sequence);
    if (this.#lastAnswerMs !== undefined) {
      this.#longestGapMs = Math.max(this.#longestGapMs, timeMs - this.#lastAnswerMs);
    }
    this.#lastAnswerMs = timeMs;
  }
}
