/**
 * Waits for switches: TCP or a unix socket. Each connection is handed on as a Channel once its
 * handshake is done; how many may be at it at the same time is bounded.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Channel, type ChannelOptions } from './channel.ts';

export type ListenAt = { readonly host: string; readonly port: number } | { readonly path: string };

export interface ListenOptions extends ChannelOptions {
  readonly at: ListenAt;
  /** Connections that have not finished their handshake; beyond, new ones are closed at once. */
  readonly handshakesMax?: number;
}

export interface Listener {
  /** Where it listens; with port 0 the port that was given. */
  readonly port: number | undefined;
  /** Takes no more connections and ends those whose handshake is not done; channels live on. */
  close(): Promise<void>;
}

/** All hosts of a large fleet may come back at the same moment. */
const HANDSHAKES_MAX = 2_048;

/** Listens; `onChannel` gets each switch. Rejects when the address cannot be had. */
export async function listenOpenFlow(
  options: ListenOptions,
  onChannel: (channel: Channel, remoteAddress: string) => void,
): Promise<Listener> {
  const { at, log, handshakesMax = HANDSHAKES_MAX } = options;
  const waiting = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (waiting.size >= handshakesMax) {
      log.warn('OpenFlow connection refused: too many handshakes', { handshakesMax });
      socket.destroy();
      return;
    }
    waiting.add(socket);
    const remoteAddress = socket.remoteAddress ?? 'unix socket';
    Channel.accept(socket, { ...options, log: log.child({ remoteAddress }) })
      .finally(() => waiting.delete(socket))
      .then(
        (channel) => onChannel(channel, remoteAddress),
        (error: Error) => log.warn('OpenFlow handshake failed', { error: error.message }),
      );
  });
  await listening(server, at);
  // For instance no file descriptors left: the next connection may find some.
  server.on('error', (error) => log.error('OpenFlow listener', { error: error.message }));
  const address = server.address();
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    close: () => closeServer(server, waiting),
  };
}

function listening(server: Server, at: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Resolves without waiting for the channels that were handed on. */
function closeServer(server: Server, waiting: ReadonlySet<Socket>): Promise<void> {
  server.close();
  for (const socket of waiting) socket.destroy();
  return Promise.resolve();
}
