/**
 * One controller: topology, store and fleet joined into the ring. It knows no HTTP and no socket.
 *
 *     store ──change──▶ reconciler ──▶ fleet ──events──▶ hosts, binder, status keeper ──▶ store
 */
import type { CompilerSettings } from '../compiler/index.ts';
import type { DriftReport, FleetEvents, HostStatus } from '../fleet/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { KeyedHash } from '../lib/keyed-hash.ts';
import type { Logger } from '../lib/log.ts';
import { advertisersOf } from '../services/index.ts';
import type { Notices, Subscriber } from '../store/index.ts';
import type { Binding, Change, HostLimits, Port, Topology } from '../topology/index.ts';
import { Binder } from './binder.ts';
import { EventLog, type Watcher } from './event-log.ts';
import type { FleetControl } from './fleet-control.ts';
import { Handover } from './handover.ts';
import { type CounterStore, HitKeeper } from './hits/hit-keeper.ts';
import { HostRegistry, type LeaseStore } from './hosts.ts';
import { type ConnectionLine, ConnectionLog } from './logs/connection-log.ts';
import { MAC_AGE_MS, MacAger } from './mac-ager.ts';
import { MacLearner } from './mac-learner.ts';
import { MetadataServer, type MetadataSource } from './metadata/metadata-server.ts';
import { MembershipKeeper } from './multicast/membership-keeper.ts';
import type { Requester } from './neutron/requester.ts';
import { type HostOverview, overview } from './overview.ts';
import { type HostProgress, Realization, type RealizationResult } from './realization.ts';
import { Reconciler } from './reconciler.ts';
import { RouterAdvertiser } from './router-advertiser.ts';
import { type ServerEvent, ServerEvents } from './server-events.ts';
import { ServiceDesk } from './service-desk.ts';
import { serviceHandlers } from './services.ts';
import { StatusKeeper } from './status-keeper.ts';
import { Inspector } from './trace/inspector.ts';
import type { TraceRequest } from './trace/packet.ts';
import { Tracer, type TraceView } from './trace/tracer.ts';

export interface ControllerOptions {
  readonly topology: Topology;
  readonly store: LeaseStore & {
    readonly available: boolean;
    /** Commits that were sent, and not applied yet. */
    readonly commitsUnderWay: number;
    readonly counters: CounterStore;
    readonly connections: Notices;
    readonly inspections: Notices;
  };
  /** Built with the events of `fleetEvents()`. */
  readonly fleet: FleetControl;
  readonly clock: Clock;
  readonly log: Logger;
  readonly controllerId: string;
  readonly leaseMs: number;
  /** Domain of the names that guests are told where their network has none. */
  readonly dnsDomain: string;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
  /** Absent: the default ones. */
  readonly compilerSettings?: CompilerSettings | undefined;
  /** Absent: nobody is asked which multicast groups it listens to. */
  readonly multicast?: { readonly queryIntervalMs: number } | undefined;
  /** How long an address behind a learning port outlives its last use; absent: as by default. */
  readonly macAgeMs?: number | undefined;
  /** Where lines of logged connections go besides `watchConnections`; absent: nowhere. */
  readonly writeConnection?: ((line: ConnectionLine) => void) | undefined;
  /** With a key that no guest knows: sequence numbers of TCP are made with it. */
  readonly hash: KeyedHash;
  /** Where the metadata of servers comes from; absent: from nowhere. */
  readonly metadata?: MetadataSource | undefined;
  /** Told what became of servers' ports on hosts that are ours; absent: nobody waits for it. */
  readonly tellServers?: ((event: ServerEvent) => void) | undefined;
}

export class Controller {
  /** What rules have let through. */
  readonly hits: HitKeeper;
  readonly #options: ControllerOptions;
  readonly #reconciler: Reconciler;
  readonly #hosts: HostRegistry;
  readonly #binder: Binder;
  readonly #macs: MacLearner;
  readonly #statuses: StatusKeeper;
  readonly #realization: Realization;
  readonly #events: EventLog;
  readonly #inspector: Inspector;
  readonly #tracer: Tracer;
  readonly #serverEvents: ServerEvents | undefined;
  readonly #desk: ServiceDesk;
  readonly #advertiser: RouterAdvertiser;
  readonly #metadata: MetadataServer;
  readonly #connections: ConnectionLog;
  readonly #memberships: MembershipKeeper | undefined;
  readonly #ager: MacAger;
  readonly #handover: Handover;

  constructor(options: ControllerOptions) {
    const { topology, fleet, store } = options;
    this.#options = options;
    this.hits = new HitKeeper({ ...options, counters: store.counters });
    const leaving = (hostId: string): void => this.hits.leaving(hostId);
    this.#reconciler = new Reconciler(topology, fleet, leaving, options.compilerSettings);
    this.#events = new EventLog(topology);
    this.#binder = new Binder(options);
    this.#macs = new MacLearner(options);
    this.#hosts = new HostRegistry({
      ...options,
      adopt: (host, epoch) => {
        this.#reconciler.adopt(host, epoch);
        this.#statuses.reset(host.id);
        this.hits.adopt(host.id, epoch);
        this.#memberships?.adopt(host.id);
      },
      release: (hostId) => {
        this.#reconciler.release(hostId);
        this.hits.release(hostId);
        this.#memberships?.release(hostId);
      },
      unserved: (hostId) => this.#realization.hostProgressed(hostId),
    });
    this.#statuses = new StatusKeeper({
      ...options,
      realizedRevision: (hostId) =>
        this.#hosts.owns(hostId) ? fleet.status(hostId)?.realizedRevision : undefined,
    });
    const { writeConnection: write } = options;
    this.#connections = new ConnectionLog({ ...options, write, others: store.connections });
    const send = fleet.sendPacket.bind(fleet);
    this.#metadata = new MetadataServer({ ...options, source: options.metadata, send });
    this.#memberships = this.#openMemberships(send);
    this.#ager = this.#openAger();
    this.#desk = new ServiceDesk({
      ...options,
      handlers: {
        ...serviceHandlers(topology, options),
        metadata: (asker, packet) => this.#metadata.take(asker, packet),
        multicast: (asker, packet) => this.#memberships?.take(asker, packet) ?? [],
        activation: ({ port }, { hostId }) => {
          this.#binder.heard(port.id, hostId);
          return [];
        },
        announcement: ({ port }, { data }) => this.#macs.announced(port, data),
      },
      send,
      passOn: (packet) => fleet.passOn(packet),
    });
    this.#advertiser = new RouterAdvertiser({
      ...options,
      advertisersOf: (network) => advertisersOf(topology, network, options),
      owned: () => this.#hosts.owned(),
      send,
    });
    this.#serverEvents = this.#openServerEvents();
    this.#inspector = this.#openInspector();
    this.#tracer = new Tracer(topology, {
      units: (hostId) => fleet.units(hostId),
      look: (hostId, keys) => this.#inspector.look(hostId, keys),
    });
    this.#realization = this.#openRealization();
    this.#handover = this.#openHandover();
  }

  /** What the store tells this controller. */
  subscriber(): Subscriber {
    const { topology } = this.#options;
    return {
      snapshot: (revision, records) => {
        topology.load(revision, records);
        this.#reconciler.reset();
        this.#binder.reset();
        this.#macs.reset();
        for (const hostId of this.#hosts.owned()) this.#statuses.reset(hostId);
        this.#hosts.reset();
        this.#realization.reset();
        this.#events.reset();
        this.hits.reset();
        this.#advertiser.reset();
        this.#memberships?.reset();
        this.#inspector.start();
      },
      change: (change: Change) => {
        const tell = this.#events.observe(change);
        const tellServers = this.#serverEvents?.observe(change);
        const advertise = this.#advertiser.observe(change);
        this.#realization.touched(change.revision, this.#reconciler.change(change));
        this.#binder.change(change);
        this.#macs.change(change);
        this.#memberships?.change(change);
        this.#statuses.change(change);
        this.hits.change(change);
        this.#handover.changed();
        tell();
        tellServers?.();
        advertise();
      },
    };
  }

  /** What the fleet tells this controller. */
  fleetEvents(): FleetEvents {
    const { log } = this.#options;
    return {
      hostIdentified: (facts) => this.#hosts.identified(facts),
      attachments: (hostId, list) => this.#binder.attachments(hostId, list),
      realized: (hostId, revision) => {
        this.#statuses.realized(hostId, revision);
        this.#realization.hostProgressed(hostId);
      },
      hostLost: (hostId, reason) => {
        log.warn('A host has gone.', { host: hostId, reason });
        this.#hosts.lost(hostId);
        this.#realization.hostProgressed(hostId);
      },
      packetIn: (packet) => {
        if (packet.service === 'log') this.#connections.take(packet);
        else this.#desk.take(packet);
      },
      drift: (hostId, report: DriftReport) => {
        log.warn('A switch differed from its desired state and was repaired.', {
          host: hostId,
          ...report,
        });
      },
      fenced: (hostId, epoch) => {
        log.warn('A newer owner has fenced us out of a host.', {
          host: hostId,
          epoch: String(epoch),
        });
        this.#hosts.fenced(hostId);
      },
    };
  }

  health(): { readonly storeReachable: boolean; readonly revision: number } {
    const { store, topology } = this.#options;
    return { storeReachable: store.available, revision: topology.revision };
  }

  /** Every host that is recorded or connected. */
  hosts(): readonly HostOverview[] {
    const { topology, fleet } = this.#options;
    return overview(topology, fleet.hosts(), (hostId) => [
      ...[this.#hosts.problem(hostId) ?? []].flat(),
      ...this.#binder.refused(hostId),
    ]);
  }

  /** See `Binder.foreseen`. */
  foreseen(port: Port): Binding | undefined {
    return this.#binder.foreseen(port);
  }

  /** See `Tracer.trace`. */
  trace(request: TraceRequest, requester: Requester): Promise<TraceView> {
    return this.#tracer.trace(request, requester);
  }

  waitRealized(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    return this.#realization.wait(revision, waitMs, signal);
  }

  /** See `Realization.waitTouched`. */
  waitTouched(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    return this.#realization.waitTouched(revision, waitMs, signal);
  }

  /** See `EventLog.watch`. */
  watch(since: number, watcher: Watcher): (() => void) | undefined {
    return this.#events.watch(since, watcher);
  }

  /** See `ConnectionLog.watch`. */
  watchConnections(listener: (line: ConnectionLine) => void): () => void {
    return this.#connections.watch(listener);
  }

  /** Stops writing and gives the hosts back; the switches go on as they are. */
  async stop(): Promise<void> {
    this.#binder.stop();
    this.#macs.stop();
    this.#ager.stop();
    this.#statuses.stop();
    this.hits.stop();
    this.#advertiser.stop();
    this.#memberships?.stop();
    this.#metadata.stop();
    this.#inspector.stop();
    await this.#hosts.stop();
  }

  #openHandover(): Handover {
    const { clock, store } = this.#options;
    return new Handover({
      clock,
      commitsUnderWay: () => store.commitsUnderWay,
      hostsTouched: () => this.#reconciler.hostsTouched,
      isDone: () => this.#reconciler.isDone,
      handOn: () => {
        if (!this.#reconciler.handOn()) return;
        this.#statuses.advanced();
        this.#realization.progressed();
      },
    });
  }

  #openRealization(): Realization {
    const { clock, fleet, topology } = this.#options;
    return new Realization({
      clock,
      revision: () => topology.revision,
      hosts: () => fleet.hosts().map((session) => this.#progress(session)),
      host: (id) => {
        const session = fleet.status(id);
        return session && this.#progress(session);
      },
    });
  }

  #openInspector(): Inspector {
    const { clock, controllerId, fleet, store } = this.#options;
    return new Inspector({
      clock,
      name: `${controllerId} ${clock.wallTimeMs()}`,
      owns: (hostId) => this.#hosts.owns(hostId),
      look: async (hostId, keys) => ({
        ...(await fleet.inspect(hostId, keys)),
        pending: fleet.status(hostId)?.pending ?? 0,
      }),
      others: store.inspections,
    });
  }

  #openAger(): MacAger {
    return new MacAger({
      ...this.#options,
      owned: () => this.#hosts.owned(),
      unused: (id) => this.#macs.unused(id),
      ageMs: this.#options.macAgeMs ?? MAC_AGE_MS,
    });
  }

  #openMemberships(send: FleetControl['sendPacket']): MembershipKeeper | undefined {
    const { multicast } = this.#options;
    if (multicast === undefined) return undefined;
    return new MembershipKeeper({
      ...this.#options,
      ...multicast,
      owned: () => this.#hosts.owned(),
      owns: (hostId) => this.#hosts.owns(hostId),
      send,
    });
  }

  #openServerEvents(): ServerEvents | undefined {
    const { topology, tellServers: tell } = this.#options;
    if (tell === undefined) return undefined;
    const hosts = this.#hosts;
    const [owns, owned] = [hosts.owns.bind(hosts), hosts.owned.bind(hosts)];
    return new ServerEvents({ topology, owns, owned, tell });
  }

  /** Refused hosts, and those of another owner, are nobody's to wait for. */
  #progress({ id, state, realizedRevision }: HostStatus): HostProgress {
    const away = state === 'lost' || state === 'fenced' || this.#hosts.problem(id) !== undefined;
    return { id, realizedRevision, connected: !away };
  }
}
