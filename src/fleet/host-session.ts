/**
 * One host: its database and its switch, each on a lane of its own, under one epoch. The session
 * outlives its connections; what was adopted is served again when the host comes back.
 */
import type { SwitchConfig } from '../compiler/index.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { TimedOutError } from '../ovsdb/index.ts';
import type { CompiledUnit, Counted } from '../pipeline/index.ts';
import { blame } from './blame.ts';
import { DatabaseSide } from './database-side.ts';
import { FencedError } from './fencing.ts';
import { HostWatch } from './host-watch.ts';
import { readQuestion } from './inbox.ts';
import { inspect } from './inspect.ts';
import { Lane } from './lane.ts';
import type { HostDatabase, PuntedPacket, SwitchLink } from './ports.ts';
import { Progress } from './progress.ts';
import {
  hostState,
  nextOpenFlowStep,
  nextOvsdbStep,
  type OpenFlowStep,
  type SessionView,
} from './steps.ts';
import { SwitchSide } from './switch-side.ts';
import type {
  DriftReport,
  FleetEvents,
  FlowCount,
  HostStatus,
  Inspection,
  ServicePacket,
} from './types.ts';

export interface SessionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: FleetEvents;
  readonly auditIntervalMs: number;
  /** How far the whole fleet has come: see `Progress`. */
  readonly fleetRevision: () => number;
  /** The host's datapath id has become known, or has changed. */
  readonly moved: () => void;
  /** Takes a packet of a guest for a service; false when too many wait. */
  readonly packetIn: (packet: ServicePacket) => boolean;
}

export interface Adoption {
  /** Number of the term of ownership: 1 to 2^64-1, never used by two controllers. */
  readonly epoch: bigint | number;
  /** Revision of the topology that `units` were compiled from. */
  readonly revision: number;
  readonly units: ReadonlyMap<string, CompiledUnit>;
  readonly config: SwitchConfig;
}

interface Ownership {
  readonly epoch: bigint;
  readonly config: SwitchConfig;
}

export class HostSession {
  readonly id: string;
  readonly #options: SessionOptions;
  readonly #log: Logger;
  readonly #databaseSide: DatabaseSide;
  readonly #switchSide: SwitchSide;
  readonly #watch: HostWatch;
  readonly #databaseLane: Lane;
  readonly #switchLane: Lane;
  readonly #progress = new Progress();
  #owned: Ownership | undefined;
  #fenced = false;
  #links = 0;
  #packetIns = 0;
  #packetInsDropped = 0;
  #errors = 0;
  #lastError: string | undefined;

  constructor(id: string, options: SessionOptions) {
    const { clock, random, events, auditIntervalMs } = options;
    this.id = id;
    this.#options = options;
    this.#log = options.log.child({ host: id });
    this.#databaseLane = new Lane({ clock, random, next: () => this.#databaseStep() });
    this.#switchLane = new Lane({ clock, random, next: () => this.#switchStep() });
    const kick = (): void => this.#kick();
    const unkept = (problem: string): void => {
      this.#note(new Error(problem));
    };
    this.#databaseSide = new DatabaseSide({ clock, log: this.#log, kick, unkept });
    const drift = (report: DriftReport): void => {
      this.#log.warn('A switch had drifted and was repaired.', { ...report });
      events.drift(id, report);
    };
    this.#switchSide = new SwitchSide({ clock, random, auditIntervalMs, kick, drift });
    this.#watch = new HostWatch({
      id,
      identified: (facts) => events.hostIdentified(facts),
      attachments: (list) => events.attachments(id, list),
      moved: options.moved,
      tunnelBroken: (problem) => this.#note(new Error(problem)),
    });
  }

  get database(): HostDatabase | undefined {
    return this.#databaseSide.database;
  }

  get link(): SwitchLink | undefined {
    return this.#switchSide.link;
  }

  /** What the switch of another owner does is none of our business. */
  get ownLink(): SwitchLink | undefined {
    return this.owned && !this.#fenced && this.#switchSide.master ? this.link : undefined;
  }

  get owned(): boolean {
    return this.#owned !== undefined;
  }

  /** What it should hold; undefined while it is not ours. */
  get units(): ReadonlyMap<string, CompiledUnit> | undefined {
    return this.owned ? this.#switchSide.desired.units : undefined;
  }

  /** Of the bridge that we drive; undefined while there is none. */
  get datapathId(): bigint | undefined {
    return this.#watch.datapathId;
  }

  /** The host is here. A database that was attached before must have been closed. */
  attachDatabase(database: HostDatabase): void {
    this.#databaseSide.attach(database);
    this.#watch.forget();
    database.onChange(() => {
      if (this.database === database) this.#observe(database);
    });
    database.onClose((reason) => {
      if (this.database === database) this.#databaseClosed(reason);
    });
    if (this.database !== database) return;
    this.#log.info('A host connected.', { address: database.remoteAddress });
    this.#databaseLane.reset();
    this.#observe(database);
  }

  /** The host's switch is here; a link that was attached before is closed. */
  attachLink(link: SwitchLink): void {
    this.#links += 1;
    this.#progress.lose(this.#options.fleetRevision(), this.#options.clock.now());
    this.#switchSide.attach(link);
    link.onClose((reason) => {
      if (this.link === link) this.#linkClosed(reason);
    });
    link.onFenced(() => {
      if (this.link === link) this.#fence(new FencedError('another controller became master'));
    });
    link.onPacket((packet) => {
      if (this.link === link) this.#takePacket(packet);
    });
    this.#log.info('The switch of a host connected.', { address: link.remoteAddress });
    this.#switchLane.reset();
  }

  adopt(adoption: Adoption): void {
    const { epoch, revision, units, config } = adoption;
    const now = this.#options.clock.now();
    this.#owned = { epoch: BigInt(epoch), config };
    this.#fenced = false;
    this.#switchSide.resign();
    this.#switchSide.replaceDesired(units);
    this.#progress.restart(now);
    this.#progress.hand(revision, this.#options.fleetRevision(), now);
    this.#databaseSide.renew();
    if (this.database !== undefined) this.#watch.look(this.database, config);
    this.#kick();
  }

  update(revision: number, delta: ReadonlyMap<string, CompiledUnit | undefined>): void {
    const { clock, fleetRevision } = this.#options;
    const before = this.#switchSide.desired.queues;
    this.#switchSide.update(delta);
    if (this.#switchSide.desired.queues !== before) this.#databaseSide.changed();
    this.#progress.hand(revision, fleetRevision(), clock.now());
    this.#kick();
  }

  /** Writes nothing any more; the host stays connected and observed. */
  release(): void {
    this.#progress.restart(this.#options.clock.now());
    this.#owned = undefined;
    this.#fenced = false;
    this.#switchSide.resign();
  }

  auditNow(): Promise<DriftReport> {
    const { owned, channel, master, fenced } = this.#view();
    if (!owned || !channel || !master || fenced) {
      return Promise.reject(new Error(`host ${this.id} is not ready for an audit`));
    }
    return this.#switchSide.auditNow();
  }

  /** See `Fleet.inspect`. */
  async inspect(keys: Iterable<string>): Promise<Inspection> {
    const { link } = this;
    const state = hostState(this.#view());
    if (link === undefined || state !== 'ready') throw new Error(`it is ${state}`);
    return inspect(link, { desired: this.#switchSide.desired, keys, clock: this.#options.clock });
  }

  /** See `Fleet.count`. */
  count(counted: Counted): Promise<FlowCount[]> {
    const { ownLink: link } = this;
    if (link !== undefined) return link.readCounts(counted);
    return Promise.reject(new Error(`host ${this.id} is not ours to ask`));
  }

  status(): HostStatus {
    const { counters } = this.#switchSide;
    return {
      id: this.id,
      state: hostState(this.#view()),
      realizedRevision: this.#progress.realized(this.#options.fleetRevision()),
      pending: this.#progress.pending,
      lagMs: this.#progress.lagMs(this.#options.clock.now()),
      flowModsSent: counters.flowMods,
      groupModsSent: counters.groupMods,
      meterModsSent: counters.meterMods,
      bundles: counters.bundles,
      packetIns: this.#packetIns,
      packetInsDropped: this.#packetInsDropped,
      rowsWritten: this.#databaseSide.rowsWritten,
      reconnects: Math.max(0, this.#links - 1),
      driftRepaired: counters.driftRepaired,
      lastAudit: counters.lastAudit,
      errors: this.#errors,
      lastError: this.#lastError,
    };
  }

  /** Ends the connections and everything that is under way. */
  close(reason: string): void {
    this.release();
    this.#databaseLane.stop();
    this.#switchLane.stop();
    this.#databaseSide.stop();
    this.#switchSide.stop(reason);
    this.link?.close(reason);
    this.database?.close(reason);
  }

  #takePacket(packet: PuntedPacket): void {
    if (this.ownLink === undefined) return;
    const question = readQuestion(this.id, packet);
    if (question !== undefined && this.#options.packetIn(question)) this.#packetIns += 1;
    else this.#packetInsDropped += 1;
  }

  #view(): SessionView {
    const databaseSide = this.#databaseSide;
    const switchSide = this.#switchSide;
    return {
      owned: this.#owned !== undefined,
      fenced: this.#fenced,
      ovsdb: databaseSide.database !== undefined,
      enrolled: databaseSide.enrolled && !this.#watch.isTunnelTaken,
      rowsDirty: databaseSide.dirty,
      channel: switchSide.link !== undefined,
      master: switchSide.master,
      synced: this.#progress.synced,
      pending: this.#progress.pending,
      auditDue: switchSide.auditDue,
    };
  }

  #kick(): void {
    this.#databaseLane.kick();
    this.#switchLane.kick();
  }

  #databaseStep(): (() => Promise<void>) | undefined {
    const { database } = this;
    const owned = this.#owned;
    if (database === undefined || owned === undefined) return undefined;
    if (nextOvsdbStep(this.#view()) === 'none') return undefined;
    const { controllerTarget, managerTarget } = database;
    const promises = this.#switchSide.desired.queues;
    const targets = { controllerTarget, managerTarget };
    const enrolment = { hostId: this.id, config: owned.config, ...targets, promises };
    return async () => {
      try {
        await this.#databaseSide.enrol(database, enrolment, owned.epoch);
        this.#switchLane.kick();
      } catch (error) {
        if (this.database === database && this.#owned === owned) this.#databaseFailed(error);
      }
    };
  }

  #switchStep(): (() => Promise<void>) | undefined {
    const { link } = this;
    const owned = this.#owned;
    if (link === undefined || owned === undefined) return undefined;
    const step = nextOpenFlowStep(this.#view());
    if (step === 'none') return undefined;
    const current = (): boolean => this.link === link && this.#owned === owned && !this.#fenced;
    return async () => {
      try {
        await this.#runSwitchStep(step, link, owned);
        if (!current() || (step !== 'reconcile' && step !== 'push')) return;
        const revision = this.#progress.acknowledge(this.#options.fleetRevision());
        this.#options.events.realized(this.id, revision);
      } catch (error) {
        if (current()) this.#switchFailed(error);
      }
    };
  }

  #runSwitchStep(
    step: Exclude<OpenFlowStep, 'none'>,
    link: SwitchLink,
    { epoch }: Ownership,
  ): Promise<void> {
    const side = this.#switchSide;
    const begin = (): void => this.#progress.begin();
    switch (step) {
      case 'take_role':
        return side.takeRole(link, epoch);
      case 'reconcile':
        return side.reconcile(link, begin);
      case 'push':
        return side.push(link, begin);
      case 'audit':
        return side.auditStep(link);
    }
  }

  #observe(database: HostDatabase): void {
    this.#watch.look(database, this.#owned?.config);
    this.#databaseSide.changed();
    this.#kick();
  }

  #databaseClosed(reason: string): void {
    this.#databaseSide.detach();
    this.#watch.forget();
    this.#log.warn('A host was lost.', { reason });
    this.#options.events.hostLost(this.id, reason);
  }

  #linkClosed(reason: string): void {
    this.#progress.lose(this.#options.fleetRevision(), this.#options.clock.now());
    this.#switchSide.detach();
    this.#log.warn('The switch of a host was lost.', { reason });
  }

  /** Rethrows what the lane should pause for. */
  #databaseFailed(error: unknown): void {
    if (error instanceof FencedError) {
      this.#fence(error);
      return;
    }
    // The wait that each transaction begins with: somebody wrote in between, and nothing was done.
    if (!(error instanceof TimedOutError)) throw this.#note(error);
    this.#log.info('The rows of a host changed meanwhile; they are compared anew.');
    throw error;
  }

  #switchFailed(error: unknown): void {
    if (error instanceof FencedError) {
      this.#fence(error);
      return;
    }
    this.#progress.lose(this.#options.fleetRevision(), this.#options.clock.now());
    this.#switchSide.distrust();
    throw this.#note(error);
  }

  #note(error: unknown): unknown {
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#errors += 1;
    this.#log.error('Something failed on a host; it will be looked at again.', {
      error: this.#lastError,
      ...blame(error, this.#switchSide.desired),
    });
    return error;
  }

  #fence(error: FencedError): void {
    if (this.#fenced || this.#owned === undefined) return;
    const { epoch } = this.#owned;
    this.#fenced = true;
    this.#lastError = error.message;
    this.#progress.lose(this.#options.fleetRevision(), this.#options.clock.now());
    this.#switchSide.resign();
    this.#log.warn('A newer controller owns the host; we write nothing any more.', {
      epoch,
      reason: error.message,
    });
    this.#options.events.fenced?.(this.id, epoch);
  }
}
