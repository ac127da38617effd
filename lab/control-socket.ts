/**
 * Commands of `ovs-appctl` by the thousand: the control socket of the daemon is kept open, where
 * the tool would be a process for each.
 */
import { connect, type Socket } from 'node:net';

/** A connection to a daemon's `--unixctl` socket: JSON-RPC, one answer a request, in order. */
export class ControlSocket {
  readonly #socket: Socket;
  readonly #waiting: ((reply: { result: string | null; error: unknown }) => void)[] = [];
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
  }

  static open(path: string): Promise<ControlSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new ControlSocket(socket)));
      socket.once('error', reject);
    });
  }

  call(method: string, ...params: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(({ result, error }) => {
        if (result === null) reject(new Error(`${method} ${params.join(' ')}: ${String(error)}`));
        else resolve(result);
      });
      this.#socket.write(JSON.stringify({ id: 0, method, params }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Replies are objects one after another; strings inside them hold no raw braces of ours. */
  #take(text: string): void {
    this.#received += text;
    for (let end = endOfObject(this.#received); end > 0; end = endOfObject(this.#received)) {
      const reply = JSON.parse(this.#received.slice(0, end));
      this.#received = this.#received.slice(end);
      this.#waiting.shift()?.(reply);
    }
  }
}

function endOfObject(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth++;
    else if (!quoted && character === '}' && --depth === 0) return at + 1;
  }
  return 0;
}
