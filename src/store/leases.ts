/**
 * Leases: who may speak for a host. A lease lives for a time unless it is renewed; its epoch grows
 * with every term, so that whoever sees epochs (the commit script, a switch by its generation_id)
 * can refuse a holder that has lost it and does not know yet, one of the same name too.
 */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { Script } from './script.ts';

export interface Lease {
  readonly epoch: number;
}

export class Leases {
  readonly #keys: Keys;
  readonly #acquire = new Script('acquire-2');
  readonly #renew = new Script('renew-1');
  readonly #release = new Script('release-1');

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  async acquire(
    redis: Redis,
    lease: { name: string; holder: string; ttlMs: number },
  ): Promise<Lease | undefined> {
    const keys = [this.#keys.lease(lease.name), this.#keys.epochs];
    const epoch = await this.#acquire.run(redis, keys, [lease.name, lease.holder, lease.ttlMs]);
    return typeof epoch === 'number' ? { epoch } : undefined;
  }

  async renew(
    redis: Redis,
    lease: { name: string; holder: string; ttlMs: number },
  ): Promise<boolean> {
    const keys = [this.#keys.lease(lease.name)];
    return (await this.#renew.run(redis, keys, [lease.holder, lease.ttlMs])) === 1;
  }

  async release(redis: Redis, lease: { name: string; holder: string }): Promise<void> {
    await this.#release.run(redis, [this.#keys.lease(lease.name)], [lease.holder]);
  }
}
