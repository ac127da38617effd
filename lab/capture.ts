/**
 * Counts what really crosses an interface: tcpdump, ready before it returns and read to the end.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import { ETHERTYPE, ethernet } from './frames.ts';
import { inject } from './inject.ts';
import type { Namespace } from './namespace.ts';
import { PcapReader } from './pcap.ts';
import type { Vm } from './vm.ts';

/** A frame of our own that marks a point in the stream: an experimental ethertype, never routed. */
const SENTINEL = `ether proto 0x${ETHERTYPE.experimental.toString(16)}`;

export class Capture {
  readonly #namespace: Namespace;
  readonly #device: string;
  readonly #child: ChildProcess;
  readonly #reader = new PcapReader();
  #marks = 0;

  private constructor(namespace: Namespace, device: string, child: ChildProcess) {
    this.#namespace = namespace;
    this.#device = device;
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#reader.push(chunk));
  }

  /** Starts to capture frames that match a pcap-filter(7) expression (all when empty). */
  static async start(namespace: Namespace, device: string, filter = ''): Promise<Capture> {
    const expression = filter === '' ? '' : `(${filter}) or ${SENTINEL}`;
    const options = ['-i', device, '-p', '-n', '-U', '--immediate-mode', '-B', '8192', '-w', '-'];
    const child = namespace.background(['tcpdump', ...options, expression]);
    const capture = new Capture(namespace, device, child);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => {
      if (child.exitCode !== null) throw new Error(`tcpdump on ${namespace.name}: ${said.trim()}`);
      return said.includes('listening on');
    }, `tcpdump to listen on ${device} of ${namespace.name}`);
    return capture;
  }

  /**
   * Every frame that had reached the interface when this was called. A sentinel is sent out of the
   * same interface and awaited, so that nothing before it can still be unread.
   */
  async frames(): Promise<Buffer[]> {
    this.#marks += 1;
    await inject(this.#namespace, this.#device, [sentinel()]);
    const marks = this.#marks;
    await until(
      () => this.#reader.frames.filter(isSentinel).length >= marks,
      `the sentinel in the capture on ${this.#device} of ${this.#namespace.name}`,
    );
    return this.#reader.frames.filter((frame) => !isSentinel(frame));
  }

  async count(): Promise<number> {
    return (await this.frames()).length;
  }

  /** The frames that have been read so far. */
  get seen(): readonly Buffer[] {
    return this.#reader.frames;
  }

  /** Waits until at least `count` frames have come; for what must arrive. */
  async waitFor(count: number, timeoutMs = 5_000): Promise<void> {
    await until(
      () => this.#reader.frames.filter((frame) => !isSentinel(frame)).length >= count,
      `${count} frames on ${this.#device} of ${this.#namespace.name}`,
      timeoutMs,
    );
  }

  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGTERM');
  }
}

/** Captures on a VM's own interface what comes in from the network. */
export function captureIncoming(vm: Vm, filter = ''): Promise<Capture> {
  const notOwn = `not ether src ${vm.mac}`;
  return Capture.start(vm.namespace, 'eth0', filter === '' ? notOwn : `${notOwn} and (${filter})`);
}

function sentinel(): Buffer {
  return ethernet({
    source: '02:00:00:00:00:00',
    destination: '02:00:00:00:00:00',
    type: ETHERTYPE.experimental,
    payload: Buffer.alloc(46),
  });
}

function isSentinel(frame: Buffer): boolean {
  return frame.length >= 14 && frame.readUInt16BE(12) === ETHERTYPE.experimental;
}
