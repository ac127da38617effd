/** What the demo measured, as `--report FILE` writes it; lab/README.md documents the fields. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Check } from './screen.ts';

export interface MatrixEntry {
  readonly from: string;
  readonly to: string;
  readonly answered: boolean;
  readonly rtt_ms: number | null;
}

export interface IsolationFigures {
  /** Frames sent straight at MAC and IP addresses of the other tenant, and broadcast. */
  readonly frames_sent: number;
  /** Those of them that were counted at any VM of the other tenant. */
  readonly frames_leaked: number;
  /** Broadcast frames that VMs of the same tenant should have got, and got. */
  readonly control_expected: number;
  readonly control_counted: number;
}

export interface LiveFigures {
  readonly vm: string;
  readonly host: string;
  /** All from the moment the request left: answered, plugged, seen ACTIVE, first ping answered. */
  readonly post_ms: number;
  readonly plugged_ms: number;
  readonly active_ms: number;
  readonly first_answer_ms: number;
}

export interface RestartFigures {
  /** From the kill to every host ready again. */
  readonly back_ms: number;
  readonly flow_mods: number;
  readonly pings: readonly {
    readonly pair: string;
    readonly sent: number;
    readonly lost: number;
    readonly longest_gap_ms: number;
  }[];
}

export interface DemoFigures {
  hosts_ready_ms?: number;
  ports_active_ms?: number;
  ping_matrix: MatrixEntry[];
  isolation?: IsolationFigures;
  live: LiveFigures[];
  restart?: RestartFigures;
  take_down_ms?: number;
  left_over?: readonly string[];
}

export interface DemoReport extends DemoFigures {
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly total_ms: number;
  readonly started_at: string;
  readonly machine: Readonly<Record<string, string | number>>;
}

/** Figures mean little without the machine that they were taken on. */
export function machine(): Record<string, string | number> {
  const ovs = execFileSync('ovs-vswitchd', ['--version'], { encoding: 'utf8' });
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    open_vswitch: /\d+\.\d+\.\d+/.exec(ovs)?.[0] ?? 'unknown',
  };
}
