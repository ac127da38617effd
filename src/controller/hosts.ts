/**
 * The hosts of this controller: what a host says about itself becomes its Host record, and a lease
 * makes us its owner.
 *
 *     identified ──▶ recorded (claim on its tunnel address) ──▶ leased (epoch) ──▶ adopted
 *
 * Each step is tried again until it is done or the host has gone; the steps of one host are apart
 * from those of every other.
 */
import { isIP } from 'node:net';
import type { HostFacts } from '../fleet/index.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { ClaimTakenError, type CommitRequest, StaleError } from '../store/index.ts';
import { type Host, recordKey, type Topology, timestamp } from '../topology/index.ts';
import type { Committer } from './commit-queue.ts';

/** The part of the store that grants ownership. */
export interface LeaseStore extends Committer {
  acquire(name: string, holder: string, ttlMs: number): Promise<{ epoch: number } | undefined>;
  renew(name: string, holder: string, ttlMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

export interface HostRegistryOptions {
  readonly topology: Topology;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly controllerId: string;
  readonly leaseMs: number;
  /** The host is recorded and ours. */
  readonly adopt: (host: Host, epoch: bigint) => void;
  /** It is ours no more. */
  readonly release: (hostId: string) => void;
  /** There is a reason why it is not served: see `problem`. */
  readonly unserved: (hostId: string) => void;
}

interface Entry {
  facts: HostFacts;
  epoch: bigint | undefined;
  connected: boolean;
  /** Why the host cannot be served, for people. */
  problem: string | undefined;
  settling: boolean;
  /** Facts came while the steps were under way. */
  again: boolean;
  retry: Timer | undefined;
}

const RETRY_MS = 500;

const OWNED = 'another controller owns it';
const UNREACHABLE = 'it has no tunnel address: set external_ids:heddle-encap-ip in Open_vSwitch';

export class HostRegistry {
  readonly #options: HostRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  #renewal: Timer | undefined;
  #stopped = false;

  constructor(options: HostRegistryOptions) {
    this.#options = options;
    this.#scheduleRenewal();
  }

  identified(facts: HostFacts): void {
    const entry = this.#entries.get(facts.id) ?? newEntry(facts);
    this.#entries.set(facts.id, entry);
    entry.facts = facts;
    entry.connected = true;
    this.#settle(entry);
  }

  /** Everything was read anew: a record may be missing, or be an older one. */
  reset(): void {
    for (const entry of this.#entries.values()) if (entry.connected) this.#settle(entry);
  }

  lost(hostId: string): void {
    const entry = this.#entries.get(hostId);
    if (entry !== undefined) entry.connected = false;
  }

  /** Why a connected host is not served; undefined when it is, or will be. */
  problem(hostId: string): string | undefined {
    return this.#entries.get(hostId)?.problem;
  }

  owns(hostId: string): boolean {
    return this.#entries.get(hostId)?.epoch !== undefined;
  }

  /** The switch itself says that somebody newer owns the host. */
  fenced(hostId: string): void {
    const entry = this.#entries.get(hostId);
    if (entry !== undefined) this.#disown(entry);
  }

  /** Hosts that are ours. */
  owned(): string[] {
    return [...this.#entries].filter(([, { epoch }]) => epoch !== undefined).map(([id]) => id);
  }

  /** Gives every lease back, so that another controller can take the hosts at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#renewal?.cancel();
    for (const entry of this.#entries.values()) entry.retry?.cancel();
    const { store, controllerId } = this.#options;
    const releases = this.owned().map((id) => store.release(leaseName(id), controllerId));
    await Promise.allSettled(releases);
  }

  #settle(entry: Entry): void {
    if (entry.settling) {
      entry.again = true;
      return;
    }
    entry.settling = true;
    entry.retry?.cancel();
    this.#steps(entry)
      .catch((error: unknown) => {
        const { log, clock } = this.#options;
        log.info('A host is not ours yet; it will be tried again.', {
          host: entry.facts.id,
          reason: String(error),
        });
        entry.retry = clock.setTimer(RETRY_MS, () => this.#settle(entry));
      })
      .finally(() => {
        entry.settling = false;
        if (entry.again && !this.#stopped) {
          entry.again = false;
          this.#settle(entry);
        }
      });
  }

  async #steps(entry: Entry): Promise<void> {
    const host = await this.#record(entry);
    if (host === undefined || this.#stopped) return;
    const { store, controllerId, leaseMs } = this.#options;
    if (entry.epoch === undefined) {
      // A lease of ours is one of an earlier process of this name: end its term, begin our own.
      await store.release(leaseName(host.id), controllerId);
      const lease = await store.acquire(leaseName(host.id), controllerId, leaseMs);
      if (lease === undefined) {
        this.#tell(entry, OWNED);
        throw new Error(OWNED);
      }
      entry.epoch = BigInt(lease.epoch);
      this.#options.adopt(host, entry.epoch);
    }
    // Not before: who asks while we try again would wait for a host that another controller has.
    entry.problem = undefined;
  }

  /** Brings the Host record up to date; undefined when the host cannot be served. */
  async #record(entry: Entry): Promise<Host | undefined> {
    const { topology, store, log, clock } = this.#options;
    const before = topology.get('host', entry.facts.id);
    const encapIp = tunnelAddress(entry.facts);
    if (encapIp === undefined) {
      log.warn(`A host is not served: ${UNREACHABLE}.`, { host: entry.facts.id });
      this.#tell(entry, UNREACHABLE);
      return undefined;
    }
    const enrolledAt = before?.enrolled_at ?? timestamp(clock.wallTimeMs());
    const host = hostRecord(entry.facts, encapIp, enrolledAt);
    if (JSON.stringify(before) !== JSON.stringify(host)) {
      try {
        await store.commit(this.#recordCommit(host, before));
      } catch (error) {
        if (error instanceof StaleError) return this.#record(entry);
        if (!(error instanceof ClaimTakenError)) throw error;
        const problem = `host ${error.owner} has its tunnel address ${encapIp} already`;
        log.error(`A host is not served: ${problem}.`, { host: host.id });
        this.#tell(entry, problem);
        return undefined;
      }
    }
    return host;
  }

  #recordCommit(host: Host, before: Host | undefined): CommitRequest {
    const key = recordKey('host', host.id);
    const take = new Map([[encapClaim(host), host.id]]);
    const put = new Map([[key, host]]);
    if (before === undefined) return { put, take, absent: [key] };
    const expect = new Map([[key, this.#options.topology.modRevision(key) ?? 0]]);
    if (before.encap_ip === host.encap_ip) return { put, take, expect };
    return { put, take, expect, release: new Map([[encapClaim(before), host.id]]) };
  }

  #scheduleRenewal(): void {
    const { clock, leaseMs } = this.#options;
    this.#renewal = clock.setTimer(leaseMs / 3, () => {
      this.#renewAll()
        .catch((error: unknown) => {
          // The switches go on and fence us out themselves if another controller takes over.
          this.#options.log.warn('Leases were not renewed.', { reason: String(error) });
        })
        .finally(() => {
          if (!this.#stopped) this.#scheduleRenewal();
        });
    });
  }

  async #renewAll(): Promise<void> {
    const { store, controllerId, leaseMs, log } = this.#options;
    const renewals = this.owned().map(async (id) => {
      if (await store.renew(leaseName(id), controllerId, leaseMs)) return;
      const entry = this.#entries.get(id);
      if (entry === undefined) return;
      log.warn('A host belongs to another controller now.', { host: id });
      this.#disown(entry);
    });
    await Promise.all(renewals);
  }

  /** Whoever waits for the host need not. */
  #tell(entry: Entry, problem: string): void {
    entry.problem = problem;
    this.#options.unserved(entry.facts.id);
  }

  /** We have lost it; as soon as its lease is free, we try to have it again. */
  #disown(entry: Entry): void {
    entry.epoch = undefined;
    this.#options.release(entry.facts.id);
    this.#tell(entry, OWNED);
    const { clock, leaseMs } = this.#options;
    entry.retry = clock.setTimer(leaseMs / 3, () => this.#settle(entry));
  }
}

function newEntry(facts: HostFacts): Entry {
  return {
    facts,
    epoch: undefined,
    connected: true,
    problem: undefined,
    settling: false,
    again: false,
    retry: undefined,
  };
}

function hostRecord(facts: HostFacts, encapIp: string, enrolledAt: string): Host {
  return {
    id: facts.id,
    hostname: facts.hostname,
    encap_ip: encapIp,
    encap_type: facts.encapType,
    ovs_version: facts.ovsVersion,
    nd_extensions: facts.ndExtensions,
    egress_queues: facts.egressQueues,
    enrolled_at: enrolledAt,
  };
}

/** What the host was told, else the address that it dials from, unless that leads to nobody. */
function tunnelAddress(facts: HostFacts): string | undefined {
  if (facts.encapIp !== undefined) return facts.encapIp;
  const remote = facts.remoteAddress.replace(/^::ffff:/, '');
  const local = remote === '::1' || remote.startsWith('127.');
  return isIP(remote) === 0 || local ? undefined : remote;
}

/** Of the lease that makes a controller the owner of a host. */
export function leaseName(hostId: string): string {
  return `host/${hostId}`;
}

function encapClaim(host: Host): string {
  return `encap/${host.encap_ip}`;
}
