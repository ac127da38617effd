/** What a benchmark prints and writes: named figures with units, and the machine they hold for. */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { exec } from '../lab/exec.ts';

/** One measured figure. `goal`, where the project has one, is for people to compare with. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
}

export interface Bench {
  readonly name: string;
  run(note: (text: string) => void): Promise<Figure[]>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly openvswitch: string;
  readonly loadAverage: readonly number[];
}

export async function describeMachine(): Promise<Machine> {
  const version = await exec(['ovs-vswitchd', '--version']);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    openvswitch: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? 'unknown',
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

export function formatFigure({ name, value, unit, goal }: Figure): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { maximumFractionDigits: digits });
  return `  ${name.padEnd(58)} ${number.padStart(10)} ${unit}${goal ? `   (goal ${goal})` : ''}`;
}

export async function writeReport(
  path: string,
  machine: Machine,
  results: Readonly<Record<string, readonly Figure[]>>,
): Promise<void> {
  const report = { date: new Date().toISOString(), machine, results };
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** The value below which `share` (0…1) of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[index] ?? Number.NaN;
}

/** Runs `work` until `forMs` have passed, after half as long to warm up; gives calls a second. */
export function rate(work: () => void, forMs = 1_000): number {
  repeat(work, forMs / 2);
  return repeat(work, forMs);
}

function repeat(work: () => void, forMs: number): number {
  const start = performance.now();
  let calls = 0;
  do {
    work();
    calls += 1;
  } while (performance.now() - start < forMs);
  return (calls * 1_000) / (performance.now() - start);
}
