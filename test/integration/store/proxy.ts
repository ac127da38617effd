/** A wire between a store and Redis that can lose answers, keep requests back, or be cut. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import type { RedisServer } from '../../support/redis.ts';

export class Proxy {
  readonly address: { readonly path: string };
  readonly #upstream: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #held: { readonly upstream: Socket; readonly bytes: Buffer }[] = [];
  #answers: 'pass' | 'lose' | 'lose changes' = 'pass';
  #requests: 'pass' | 'lose' | 'hold' | 'hold subscriptions' = 'pass';
  #isOpen = true;

  private constructor(redis: RedisServer) {
    this.#upstream = redis.address.path;
    this.address = { path: path.join(redis.dir, 'proxy.sock') };
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(redis: RedisServer): Promise<Proxy> {
    const proxy = new Proxy(redis);
    proxy.#server.listen(proxy.address.path);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** From now on Redis's answers do not arrive. */
  loseAnswers(): void {
    this.#answers = 'lose';
  }

  /** From now on changes do not arrive for which the store waits: it is behind, and not away. */
  loseChanges(): void {
    this.#answers = 'lose changes';
  }

  /** From now on what the store sends does not arrive. */
  loseRequests(): void {
    this.#requests = 'lose';
  }

  /** From now on what the store sends is kept, to arrive at `deliverHeld`, after a cut even. */
  holdRequests(): void {
    this.#requests = 'hold';
  }

  /** From now on it is kept when a connection asks to listen. */
  holdSubscriptions(): void {
    this.#requests = 'hold subscriptions';
  }

  get heldCount(): number {
    return this.#held.length;
  }

  /** What was kept arrives now, and from now on everything does. */
  passHeld(): void {
    this.#requests = 'pass';
    for (const { upstream, bytes } of this.#held.splice(0)) upstream.write(bytes);
  }

  /** Resolves when Redis has read it all and closed its side. */
  async deliverHeld(): Promise<void> {
    await Promise.all(
      this.#held.splice(0).map(({ upstream, bytes }) => {
        upstream.end(bytes);
        return once(upstream, 'close');
      }),
    );
  }

  /** Ends the store's connections; it may connect again unless `reopen: false`. */
  cut(options: { reopen: boolean } = { reopen: true }): void {
    this.#answers = 'pass';
    this.#requests = 'pass';
    this.#isOpen = options.reopen;
    for (const client of this.#clients) client.destroy();
  }

  reopen(): void {
    this.#isOpen = true;
  }

  stop(): void {
    this.cut({ reopen: false });
    this.#server.close();
  }

  #join(client: Socket): void {
    client.on('error', () => {});
    if (!this.#isOpen) {
      client.destroy();
      return;
    }
    this.#clients.add(client);
    const upstream = connect(this.#upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    let waitsForChanges = false;
    upstream.on('data', (bytes) => {
      const isLost = waitsForChanges ? this.#answers !== 'pass' : this.#answers === 'lose';
      if (!isLost && !client.destroyed) client.write(bytes);
    });
    let isHeld = false;
    client.on('data', (bytes) => {
      waitsForChanges = bytes.includes('xread');
      const asksToListen = bytes.includes('subscribe');
      const isKept =
        this.#requests === 'hold' || (this.#requests === 'hold subscriptions' && asksToListen);
      if (!isKept && this.#requests !== 'lose') upstream.write(bytes);
      if (!isKept) return;
      isHeld = true;
      this.#held.push({ upstream, bytes });
    });
    client.on('close', () => {
      this.#clients.delete(client);
      if (!isHeld) upstream.destroy();
    });
  }
}
