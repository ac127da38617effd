/**
 * A controller in memory: a store that commits as the script does, at once and in one process, and
 * a fleet that only notes what it is told. The test plays the hosts.
 */
import { type Row, tablesOf } from '../../lab/topology.ts';
import { Controller } from '../../src/controller/index.ts';
import type { ServerEvent } from '../../src/controller/server-events.ts';
import type { FlowCount, HostFacts, HostStatus, ServicePacket } from '../../src/fleet/index.ts';
import { keyedHash } from '../../src/lib/keyed-hash.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  MissingError,
  StaleError,
} from '../../src/store/index.ts';
import {
  type AnyRecord,
  type Change,
  type HostLimits,
  type RecordKey,
  Topology,
  timestamp,
} from '../../src/topology/index.ts';
import { FleetRecord } from './fleet-host.ts';
import { MemoryCounters } from './memory-counters.ts';
import { VirtualClock } from './virtual-clock.ts';

export type Records = Readonly<Partial<Record<RecordKey, AnyRecord>>>;

const LEASE_MS = 9000;

/** There is one controller. */
const nobodyElse = { publish: () => {}, listen: () => () => {} };

export class ControllerWorld {
  readonly clock = new VirtualClock();
  readonly topology = new Topology();
  /** What the fleet was told: `adopt h 1`, `release h`, `update h`. */
  readonly told: string[] = [];
  /** What was sent to ports. */
  readonly packets: { hostId: string; ofport: number; frame: Buffer }[] = [];
  readonly record = new FleetRecord();
  /**
   * What the switch of a host has counted, with ages as of the clock's start; without an entry it
   * does not answer.
   */
  readonly counts = new Map<string, FlowCount[]>();
  /** How addresses behind learning ports are used, as the switch of a host has it. */
  readonly uses = new Map<string, FlowCount[]>();
  /** Hosts that have not acknowledged everything. */
  readonly busy = new Set<string>();
  readonly counters = new MemoryCounters();
  /** What Nova was told. */
  readonly serverEvents: ServerEvent[] = [];
  readonly controller: Controller;
  /** The revision that each host has acknowledged. */
  readonly passed: ServicePacket[] = [];
  readonly realized = new Map<string, number>();
  readonly leases = new Map<string, { holder: string; epoch: number }>();
  readonly #claims = new Map<string, string>();

  /** Begins with records that an earlier process left behind. */
  constructor(records: Records = {}, hostLimits?: HostLimits, queryIntervalMs?: number) {
    this.controller = new Controller({
      topology: this.topology,
      store: {
        available: true,
        commitsUnderWay: 0,
        commit: async (request) => this.commit(request),
        acquire: async (name, holder) => this.#acquire(name, holder),
        renew: async (name, holder) => this.leases.get(name)?.holder === holder,
        release: async (name, holder) => {
          if (this.leases.get(name)?.holder === holder) this.leases.delete(name);
        },
        counters: this.counters,
        connections: nobodyElse,
        inspections: nobodyElse,
      },
      fleet: {
        adopt: (hostId, { epoch }) => void this.told.push(`adopt ${hostId} ${epoch}`),
        update: (hostId) => void this.told.push(`update ${hostId}`),
        advance: () => {},
        sendPacket: (hostId, ofport, frame) => void this.packets.push({ hostId, ofport, frame }),
        passOn: (packet) => void this.passed.push(packet),
        release: (hostId) => void this.told.push(`release ${hostId}`),
        hosts: () => [...this.realized.keys()].map((id) => this.#status(id)),
        units: () => undefined,
        inspect: async () => ({ tables: [], flows: new Map() }),
        count: async (id, counted) => {
          if (counted === 'addresses') return this.uses.get(id) ?? [];
          this.told.push(`count ${id}`);
          return this.#told(id) ?? new Promise(() => {});
        },
        status: (id) => (this.realized.has(id) ? this.#status(id) : undefined),
      },
      clock: this.clock,
      log: this.record.logger(),
      controllerId: 'c',
      leaseMs: LEASE_MS,
      dnsDomain: 'openstacklocal.',
      hash: keyedHash('test'),
      hostLimits,
      multicast: queryIntervalMs === undefined ? undefined : { queryIntervalMs },
      tellServers: (event) => void this.serverEvents.push(event),
    });
    this.controller.subscriber().snapshot(1, tablesOf(Object.entries(records) as Row[]));
  }

  /** A host dials in and shows what is plugged. */
  async connect(id: string, ports: readonly string[], facts: Partial<HostFacts> = {}) {
    this.realized.set(id, 0);
    const events = this.controller.fleetEvents();
    events.hostIdentified({ ...factsOf(id), ...facts });
    this.show(id, ports);
    await this.settle();
  }

  /** What the host shows as plugged, from now on; the number of an interface is its place. */
  show(id: string, ports: readonly string[]): void {
    const list = ports.map((ifaceId, at) => ({ interface: `tap${at}`, ofport: at + 1, ifaceId }));
    this.controller.fleetEvents().attachments(id, list);
  }

  /** The host's switch has everything up to this revision. */
  async acknowledge(id: string, revision = this.topology.revision): Promise<void> {
    this.realized.set(id, revision);
    this.controller.fleetEvents().realized(id, revision);
    await this.settle();
  }

  put(...records: readonly (readonly [RecordKey, AnyRecord])[]): void {
    this.commit({ put: new Map(records) });
  }

  /** Lets everything that needs no time happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  }

  commit(request: CommitRequest): number {
    this.#check(request);
    for (const claim of request.release?.keys() ?? []) this.#claims.delete(claim);
    for (const [claim, owner] of request.take ?? []) this.#claims.set(claim, owner);
    const change: Change = {
      revision: this.topology.revision + 1,
      at: timestamp(this.clock.wallTimeMs()),
      puts: [...request.put].map(([key, value]) => ({ key, value })),
      deletes: request.delete ?? [],
    };
    this.controller.subscriber().change(change);
    return change.revision;
  }

  #check({ expect = new Map(), absent = [], require = [], take = new Map() }: CommitRequest): void {
    const revision = (key: RecordKey) => this.topology.modRevision(key);
    const changed = [...expect].find(([key, read]) => revision(key) !== read)?.[0];
    const stale = changed ?? absent.find((key) => revision(key) !== undefined);
    if (stale !== undefined) throw new StaleError(stale);
    const missing = require.find((key) => revision(key) === undefined);
    if (missing !== undefined) throw new MissingError(missing);
    const taken = [...take].find(([claim, owner]) => (this.#claims.get(claim) ?? owner) !== owner);
    if (taken !== undefined) throw new ClaimTakenError(taken[0], this.#claims.get(taken[0]) ?? '');
  }

  #acquire(name: string, holder: string): { epoch: number } | undefined {
    const held = this.leases.get(name);
    if (held !== undefined && held.holder !== holder) return undefined;
    const lease = held ?? { holder, epoch: 1 + this.told.length };
    this.leases.set(name, lease);
    return lease;
  }

  #told(id: string): FlowCount[] | undefined {
    const now = this.clock.now();
    return this.counts.get(id)?.map((flow) => ({ ...flow, ageMs: flow.ageMs + now }));
  }

  #status(id: string): HostStatus {
    const realizedRevision = this.realized.get(id) ?? 0;
    return { ...IDLE, id, realizedRevision, pending: this.busy.has(id) ? 1 : 0 };
  }
}

const IDLE = {
  state: 'ready',
  pending: 0,
  lagMs: 0,
  flowModsSent: 0,
  groupModsSent: 0,
  meterModsSent: 0,
  packetIns: 0,
  packetInsDropped: 0,
  bundles: 0,
  rowsWritten: 0,
  reconnects: 0,
  driftRepaired: 0,
  lastAudit: undefined,
  errors: 0,
  lastError: undefined,
} as const;

function factsOf(id: string): HostFacts {
  return {
    id,
    hostname: id,
    encapIp: `198.18.0.${id.charCodeAt(id.length - 1)}`,
    encapType: 'geneve',
    ovsVersion: '3.1.0',
    datapathType: 'netdev',
    ndExtensions: true,
    egressQueues: false,
    remoteAddress: '192.0.2.1',
  };
}
