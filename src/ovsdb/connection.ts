/**
 * How a connection to an OVSDB server comes about. Either the server dials us, as a host does whose
 * `ovs-vsctl set-manager` names us, or we dial a server that listens (`ptcp:`, `punix:`).
 */
import { connect, createServer, type Server } from 'node:net';
import { Backoff } from '../lib/backoff.ts';
import type { Timer } from '../lib/clock.ts';
import { type ConnectionOptions, DEFAULT_PROBE_INTERVAL_MS, OvsdbClient } from './client.ts';
import { ConnectionError } from './errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { ByteBudget } from './wire/byte-budget.ts';

type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export type ListenOptions = ConnectionOptions & Address;

export interface OvsdbListener {
  /** The TCP port that it listens on; 0 on a unix socket. */
  readonly port: number;
  /** Stops listening and ends the connections that it accepted. */
  close(): Promise<void>;
}

export interface DialOptions extends ConnectionOptions {
  /** `tcp:HOST:PORT` (an IPv6 address in brackets) or `unix:PATH`. */
  readonly target: string;
}

export interface OvsdbDialer {
  /** Stops dialling and ends the connection. */
  close(): void;
}

const BACKOFF = { minMs: 1000, maxMs: 8000 };

/** Waits for servers that dial us; `onConnection` gets each one in the turn in which it came. */
export async function listenOvsdb(
  options: ListenOptions,
  onConnection: (client: OvsdbClient) => void,
): Promise<OvsdbListener> {
  const clients = new Set<OvsdbClient>();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const budget = new ByteBudget(limits.unfinishedBytesMax);
  const server = createServer({ noDelay: true }, (socket) => {
    const client = new OvsdbClient(socket, { ...options, budget });
    clients.add(client);
    client.onClose(() => clients.delete(client));
    onConnection(client);
  });
  server.maxConnections = limits.connectionsMax;
  await listening(server, options);
  return {
    port: portOf(server),
    close: () => {
      for (const client of clients) client.close('the listener was closed');
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Connects once. Rejects with ConnectionError, after one probe interval at the latest. */
export function dialOvsdb(options: DialOptions): Promise<OvsdbClient> {
  return new Promise((resolve, reject) => {
    const socket = connect(addressOf(options.target));
    const timeoutMs = options.probeIntervalMs ?? DEFAULT_PROBE_INTERVAL_MS;
    const fail = (reason: string) => {
      timer.cancel();
      socket.destroy();
      reject(new ConnectionError(`${options.target}: ${reason}`));
    };
    const timer = options.clock.setTimer(timeoutMs, () => fail(`silent for ${timeoutMs} ms`));
    const failed = (error: Error) => fail(error.message);
    socket.once('error', failed);
    socket.once('connect', () => {
      timer.cancel();
      socket.off('error', failed);
      socket.setNoDelay(true);
      resolve(new OvsdbClient(socket, options));
    });
  });
}

/** Keeps a connection up: dials until it succeeds, and again, with backoff, when it is lost. */
export function keepDialing(
  options: DialOptions,
  onConnection: (client: OvsdbClient) => void,
): OvsdbDialer {
  return new Dialer(options, onConnection);
}

class Dialer implements OvsdbDialer {
  readonly #options: DialOptions;
  readonly #onConnection: (client: OvsdbClient) => void;
  readonly #backoff = new Backoff(BACKOFF);
  #client: OvsdbClient | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: DialOptions, onConnection: (client: OvsdbClient) => void) {
    this.#options = options;
    this.#onConnection = onConnection;
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#client?.close('the dialer was closed');
  }

  #dial(): void {
    dialOvsdb(this.#options).then(
      (client) => this.#connected(client),
      (error: Error) => this.#lost(error.message),
    );
  }

  #connected(client: OvsdbClient): void {
    if (this.#closed) {
      client.close('the dialer was closed');
      return;
    }
    this.#client = client;
    this.#backoff.succeeded(this.#options.clock.now());
    client.onClose((reason) => this.#lost(reason));
    this.#onConnection(client);
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    const { clock, log, target } = this.#options;
    const delayMs = this.#backoff.failed(clock.now());
    log.info('OVSDB server will be dialled again', { target, reason, delayMs });
    this.#timer = clock.setTimer(delayMs, () => this.#dial());
  }
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const started = () => {
      server.off('error', reject);
      server.on('error', (error) => options.log.error('OVSDB listener failed', { error }));
      resolve();
    };
    server.listen('path' in options ? { path: options.path } : pick(options), started);
  });
}

function pick({ host, port }: { readonly host: string; readonly port: number }): Address {
  return { host, port };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function addressOf(target: string): Address {
  const unix = /^unix:(.+)$/.exec(target);
  if (unix?.[1] !== undefined) return { path: unix[1] };
  const tcp = /^tcp:(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(target);
  const host = tcp?.[1] ?? tcp?.[2];
  if (host === undefined) throw new ConnectionError(`${target} is neither tcp:… nor unix:…`);
  return { host, port: Number(tcp?.[3]) };
}
