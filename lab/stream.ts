/** A sender that repeats frames until it is stopped: what a hostile VM does all day. */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import { python } from './python.ts';
import type { Vm } from './vm.ts';

const SENDER = `
import signal, socket, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
interval = float(sys.argv[2])
frames = [bytes.fromhex(frame) for frame in sys.argv[3:]]
sent = 0
def end(*_):
    print(sent, flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('ready', flush=True)
while True:
    out.send(frames[sent % len(frames)])
    sent += 1
    time.sleep(interval)
`;

export class FrameStream {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  /** Sends the frames in turn, one each `intervalMs`; the first is about to leave. */
  static async start(from: Vm, frames: readonly Buffer[], intervalMs = 1): Promise<FrameStream> {
    const words = frames.map((frame) => frame.toString('hex'));
    const command = python(SENDER, 'eth0', String(intervalMs / 1_000), ...words);
    const stream = new FrameStream(from.namespace.background(command));
    await until(() => stream.#output.includes('ready'), `the stream of ${from.name} to start`);
    return stream;
  }

  /** Ends it; gives how many frames it has sent. */
  async stop(): Promise<number> {
    await endChild(this.#child, 'SIGTERM');
    return Number(this.#output.split('\n')[1]);
  }
}
