/**
 * Follows a controller's event stream, for whoever waits for a port without asking again and again.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

interface Change {
  readonly type: 'put' | 'delete';
  readonly kind: string;
  readonly port?: { readonly id: string; readonly status: string };
}

export class Watch {
  readonly #call: ClientRequest;
  readonly #active = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  /** A line that is not whole yet. */
  #rest = '';

  private constructor(call: ClientRequest, answer: IncomingMessage) {
    this.#call = call;
    answer.on('error', () => {});
    answer.setEncoding('utf8').on('data', (text: string) => this.#onText(text));
  }

  /** Resolves when the stream has begun: what is committed from then on is seen. */
  static open(socketPath: string): Promise<Watch> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath, path: '/v1/events' }, (answer) => {
        if (answer.statusCode === 200) resolve(new Watch(call, answer));
        else reject(new Error(`GET /v1/events: ${answer.statusCode}`));
      });
      call.on('error', reject);
      call.end();
    });
  }

  /** Resolves when the port has become ACTIVE, once the stream had begun. */
  active(portId: string): Promise<void> {
    if (this.#active.has(portId)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(portId, resolve));
  }

  close(): void {
    this.#call.destroy();
  }

  #onText(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  #onLine(line: string): void {
    if (!line.startsWith('data: ')) return;
    const { changes = [] } = JSON.parse(line.slice('data: '.length)) as {
      changes?: readonly Change[];
    };
    for (const { port } of changes) if (port !== undefined) this.#see(port);
  }

  #see({ id, status }: { readonly id: string; readonly status: string }): void {
    if (status !== 'ACTIVE') {
      this.#active.delete(id);
      return;
    }
    this.#active.add(id);
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}
