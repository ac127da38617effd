/**
 * An ovsdb-server of the past: a real one behind a proxy that answers `unknown method` to what an
 * older release does not know.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { decodeEnvelope, encodeEnvelope } from '../../src/ovsdb/wire/envelope.ts';
import { JsonStream } from '../../src/ovsdb/wire/json-stream.ts';

export class OldServer {
  readonly #target: string;
  readonly #unknown: ReadonlySet<string>;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  /** The methods that it was asked for, in their order. */
  readonly asked: string[] = [];

  /** `target` is the unix socket of the real server. */
  constructor(target: string, unknown: readonly string[]) {
    this.#target = target;
    this.#unknown = new Set(unknown);
    this.#server = createServer((client) => this.#serve(client));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    const server = connect(this.#target);
    this.#sockets.add(client).add(server);
    const requests = new JsonStream({ messageBytesMax: 1e6, depthMax: 64 });
    client.on('data', (chunk) => {
      for (const message of requests.push(chunk)) this.#forward(message, client, server);
    });
    server.pipe(client);
    client.on('error', () => server.destroy()).on('close', () => server.destroy());
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
  }

  #forward(message: unknown, client: Socket, server: Socket): void {
    const envelope = decodeEnvelope(message);
    if (envelope.kind === 'request') this.asked.push(envelope.call.method);
    if (envelope.kind === 'request' && this.#unknown.has(envelope.call.method)) {
      client.write(encodeEnvelope({ kind: 'error', id: envelope.id, error: 'unknown method' }));
    } else {
      server.write(JSON.stringify(message));
    }
  }
}
