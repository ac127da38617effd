/**
 * How fast UDP gets from one VM to another, and whether TCP does: iperf3, whose receiver counts.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Family } from './ping.ts';
import type { Vm } from './vm.ts';

export interface Load {
  readonly family: Family;
  /** What the sender tries, in kilobits of payload a second. */
  readonly kbps: number;
  /** Bytes of payload of a packet. */
  readonly size: number;
}

/** Where a receiver listens: by default at all addresses of its VM. */
export interface Place {
  readonly port?: number;
  readonly family?: Family;
}

export interface Throughput {
  /** What came, in kilobits a second of whole frames, without their checksums. */
  readonly kbps: number;
  readonly packetsPerSecond: number;
}

/** Seconds that count, and those before them in which a burst is used up. */
const [MEASURED_S, OMITTED_S] = [4, 2];
const PORT = 5201;
/** Ethernet, IP and UDP headers. */
const HEADERS = { ipv4: 14 + 20 + 8, ipv6: 14 + 40 + 8 } as const;

/** From kilobits of payload to those of whole frames. */
function ofFrames(kbps: number, { family, size }: Omit<Load, 'kbps'>): number {
  return (kbps * (size + HEADERS[family])) / size;
}

/** A receiver in a VM; it serves one sender at a time. */
export class IperfServer {
  readonly #vm: Vm;
  readonly #child: ChildProcess;
  readonly #port: number;
  #said = '';

  private constructor(vm: Vm, child: ChildProcess, port: number) {
    this.#vm = vm;
    this.#child = child;
    this.#port = port;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  static async start(vm: Vm, { port = PORT, family }: Place = {}): Promise<IperfServer> {
    const options = ['--server', '--forceflush', '--format', 'k', '--port', String(port)];
    const own = family === undefined ? [] : ['--bind', vm.address(family)];
    const words = ['iperf3', ...options, ...own];
    const server = new IperfServer(vm, vm.namespace.background(words), port);
    await until(() => server.#said.includes('listening'), `iperf3 to listen in ${vm.name}`);
    return server;
  }

  /** Sends for some seconds. */
  async measure(from: Vm, { family, kbps, size }: Load): Promise<Throughput> {
    const words = ['iperf3', '--client', this.#vm.address(family), '--port', String(this.#port)];
    const load = ['--udp', '--bitrate', `${kbps}K`, '--length', String(size)];
    const times = ['--time', String(MEASURED_S), '--omit', String(OMITTED_S), '--json'];
    const { stdout, stderr } = await from.run([...words, ...load, ...times]);
    const end = JSON.parse(stdout).end?.sum_received as { bits_per_second: number } | undefined;
    if (end === undefined) throw new Error(`iperf3 of ${from.name}: ${stdout} ${stderr}`);
    const packetsPerSecond = end.bits_per_second / 8 / size;
    return { packetsPerSecond, kbps: ofFrames(end.bits_per_second / 1000, { family, size }) };
  }

  /** Has a client send by UDP until it is ended. */
  async pour(from: Vm, { family, kbps, size }: Load): Promise<ChildProcess> {
    const words = ['iperf3', '--client', this.#vm.address(family), '--port', String(this.#port)];
    const load = ['--udp', '--bitrate', `${kbps}K`, '--length', String(size)];
    const child = from.namespace.background([...words, ...load, '--time', '86400']);
    await this.counts(1);
    return child;
  }

  /** What comes of that in some seconds, but for the first of them; as `Throughput.kbps`. */
  async pace(load: Omit<Load, 'kbps'>): Promise<number> {
    const first = this.seconds.length + OMITTED_S;
    const last = first + MEASURED_S;
    const isOver = (): boolean => this.seconds.length >= last;
    await until(isOver, `iperf3 in ${this.#vm.name} to measure`, 60_000);
    const sum = this.seconds.slice(first, last).reduce((one, other) => one + other, 0);
    return ofFrames(sum / MEASURED_S, load);
  }

  /** Sends so many bytes, as `4M`, by TCP; false: they have not all come after some time. */
  async transfer(from: Vm, family: Family, bytes: string): Promise<boolean> {
    const words = ['iperf3', '--client', this.#vm.address(family), '--port', String(this.#port)];
    const { exitCode } = await from.run(['timeout', '20', ...words, '--bytes', bytes]);
    return exitCode === 0;
  }

  /** Has a client send by TCP, at most so fast, until the server stops. */
  async flood(from: Vm, family: Family, kbps: number): Promise<void> {
    const words = ['iperf3', '--client', this.#vm.address(family), '--port', String(this.#port)];
    // Of 128 KB each, as by default, it would write less than one a second where it is slow.
    const load = ['--bitrate', `${kbps}K`, '--length', '4096'];
    from.namespace.background([...words, '--time', '86400', ...load]);
    await this.counts(1);
  }

  /** Waits for so many more seconds in which anything comes. */
  async counts(seconds: number): Promise<void> {
    const busy = (): number => this.seconds.filter((kbps) => kbps > 0).length;
    const goal = busy() + seconds;
    await until(() => busy() >= goal, `iperf3 in ${this.#vm.name} to count ${goal} s`, 60_000);
  }

  /** What came in each second, in kilobits of payload. */
  get seconds(): readonly number[] {
    const lines = this.#said.matchAll(/^\[ *\d+\] .* sec .* ([\d.]+) Kbits\/sec/gm);
    return [...lines].map(([, kbps]) => Number(kbps));
  }

  /** The connections that it has had: for each sender one of its data, whatever came of it. */
  get connections(): number {
    return [...this.#said.matchAll(/^\[ *\d+\] local .* connected to /gm)].length;
  }

  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGKILL');
  }
}
