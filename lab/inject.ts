/**
 * Sends raw Ethernet frames out of an interface, whatever its own addresses: what a hostile VM or
 * a stranger in the underlay can do. Node has no packet sockets; python3 has, and comes with
 * Debian's openvswitch-switch.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Namespace } from './namespace.ts';
import { python } from './python.ts';

const SENDER = `
import socket, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
for line in sys.stdin:
    if line == '\\n':
        print('.', end='', flush=True)
    else:
        out.send(bytes.fromhex(line))
        time.sleep(0.001)
`;

/** A sender that is there for longer, so that frames leave without a process of their own. */
export class Injector {
  readonly #child: ChildProcess;
  readonly #name: string;
  #batches = 0;
  #done = 0;
  #said = '';

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    child.stdout?.on('data', (dots: Buffer) => {
      this.#done += dots.length;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /** Starts it; an interface that is not there shows at the first `send`. */
  static start(namespace: Namespace, device: string): Injector {
    const child = namespace.background(python(SENDER, device), { input: 'pipe' });
    return new Injector(child, `${device} of ${namespace.name}`);
  }

  /**
   * Sends the frames in order, about one a millisecond: a userspace switch reads from a socket
   * whose buffer holds some 250 small frames, and a faster sender would lose some before any flow
   * sees them. Every frame has left the interface when this returns.
   */
  async send(frames: readonly Buffer[]): Promise<void> {
    this.#batches += 1;
    const batch = this.#batches;
    this.#child.stdin?.write(`${frames.map((frame) => `${frame.toString('hex')}\n`).join('')}\n`);
    await until(
      () => {
        if (this.#child.exitCode !== null) throw new Error(`${this.#name}: ${this.#said.trim()}`);
        return this.#done >= batch;
      },
      `${frames.length} frames to leave ${this.#name}`,
      30_000,
    );
  }

  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGKILL');
  }
}

/** Sends the frames as an `Injector` does that is needed no more. */
export async function inject(
  namespace: Namespace,
  device: string,
  frames: readonly Buffer[],
): Promise<void> {
  const injector = Injector.start(namespace, device);
  try {
    await injector.send(frames);
  } finally {
    await injector.stop();
  }
}
