/**
 * All hosts: who is connected, which session and which channel belong together, and what the
 * controller hands to each. Hosts dial in twice, as OVSDB servers and as OpenFlow switches; the
 * first connection says who it is (`system-id`), the second only which datapath it speaks for, and
 * is joined to the host whose bridge has that datapath id.
 */
import type { Clock, Random } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Listener, listenOpenFlow } from '../openflow/index.ts';
import {
  keepDialing,
  listenOvsdb,
  type OvsdbClient,
  type OvsdbDialer,
  type OvsdbListener,
} from '../ovsdb/index.ts';
import type { CompiledUnit, Counted } from '../pipeline/index.ts';
import { openDatabase } from './database.ts';
import { type Adoption, HostSession } from './host-session.ts';
import { Inbox } from './inbox.ts';
import { Lobby } from './lobby.ts';
import { systemIdOf } from './observe.ts';
import type { HostDatabase, SwitchLink } from './ports.ts';
import { ChannelLink } from './switch-link.ts';
import type {
  DriftReport,
  FleetEvents,
  FlowCount,
  HostStatus,
  Inspection,
  ServicePacket,
} from './types.ts';

export interface FleetOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where hosts dial as OVSDB servers; `dial`: hosts that listen instead (`tcp:HOST:PORT`). */
  readonly ovsdb: {
    readonly host: string;
    readonly port: number;
    readonly dial: readonly string[];
  };
  /**
   * `advertise`: the target that hosts are given; absent: the address that they dialled for OVSDB.
   */
  readonly openflow: {
    readonly host: string;
    readonly port: number;
    readonly advertise: string | undefined;
  };
  /** Milliseconds between two audits of one host, jittered by a tenth. */
  readonly auditIntervalMs: number;
}

/** More hosts than one process can serve; what dials in beyond that is turned away. */
const HOSTS_MAX = 8192;
/** How long a connection may take to say who it is. */
const IDENTIFY_MS = 10_000;

/** Why a connection was not taken; the peer may try again. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #log: Logger;
  readonly #sessions = new Map<string, HostSession>();
  /** Names whose holder is being asked whether it still lives. */
  readonly #contested = new Set<string>();
  readonly #lobby: Lobby;
  readonly #inbox: Inbox;
  /** What sessions report to: the user's events, once there are any. */
  readonly #relay: FleetEvents = {
    hostIdentified: (facts) => this.#events?.hostIdentified(facts),
    attachments: (hostId, list) => this.#events?.attachments(hostId, list),
    realized: (hostId, revision) => this.#events?.realized(hostId, revision),
    hostLost: (hostId, reason) => this.#lost(hostId, reason),
    packetIn: (packet) => this.#events?.packetIn(packet),
    drift: (hostId, report) => this.#events?.drift(hostId, report),
    fenced: (hostId, epoch) => this.#events?.fenced?.(hostId, epoch),
  };
  #events: FleetEvents | undefined;
  #ovsdb: OvsdbListener | undefined;
  #openflow: Listener | undefined;
  #dialers: OvsdbDialer[] = [];
  #revision = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#inbox = new Inbox({
      clock: options.clock,
      deliver: (packet) => this.#relay.packetIn(packet),
    });
    this.#lobby = new Lobby({
      clock: options.clock,
      log: options.log,
      seat: (link) => this.#seat(link),
    });
  }

  /** Ports that are listened on: what was asked for, or what the system chose for 0. */
  get ports(): { readonly ovsdb: number; readonly openflow: number } {
    return { ovsdb: this.#ovsdb?.port ?? 0, openflow: this.#openflow?.port ?? 0 };
  }

  /** Listens; `events` are called from then on. */
  async start(events: FleetEvents): Promise<void> {
    const { clock, log, ovsdb, openflow } = this.#options;
    this.attend(events);
    const at = { host: openflow.host, port: openflow.port };
    this.#openflow = await listenOpenFlow({ at, clock, log }, (channel, address) =>
      this.enter(new ChannelLink(channel, withoutMapping(address))),
    );
    this.#ovsdb = await listenOvsdb({ host: ovsdb.host, port: ovsdb.port, clock, log }, (client) =>
      this.#arrived(client, this.ports.ovsdb),
    );
    this.#dialers = ovsdb.dial.map((target) =>
      keepDialing({ target, clock, log }, (client) => this.#arrived(client, undefined)),
    );
  }

  /** `events` are called from now on, of hosts that come by `admit` and `enter`. */
  attend(events: FleetEvents): void {
    this.#events = events;
  }

  /** A switch is here: it is given to the host that it belongs to. */
  enter(link: SwitchLink): void {
    this.#lobby.enter(link);
  }

  /** A host is here. Rejects when it is not taken. */
  async admit(database: HostDatabase): Promise<void> {
    const id = systemIdOf(database.tables);
    if (id === undefined) {
      refuse('it has no usable external_ids:system-id in Open_vSwitch');
    }
    if (!this.#sessions.has(id) && this.#sessions.size >= HOSTS_MAX) {
      refuse(`${HOSTS_MAX} hosts are connected already`);
    }
    const session = this.#sessionOf(id);
    await this.#vacate(session);
    session.attachDatabase(database);
  }

  /** Ends every connection; the switches go on as they are. */
  async stop(): Promise<void> {
    for (const dialer of this.#dialers.splice(0)) dialer.close();
    this.#lobby.close();
    this.#inbox.clear();
    for (const session of this.#sessions.values()) session.close('the controller stops');
    await this.#ovsdb?.close();
    await this.#openflow?.close();
  }

  /** We own this host, connected or not: enrol it, become master, and keep it as desired. */
  adopt(hostId: string, adoption: Adoption): void {
    this.#sessionOf(hostId).adopt(adoption);
  }

  /** The part of a change that touches this host: undefined for a unit that it has no more. */
  update(
    hostId: string,
    revision: number,
    delta: ReadonlyMap<string, CompiledUnit | undefined>,
  ): void {
    const session = this.#sessions.get(hostId);
    if (session?.owned === true) session.update(revision, delta);
  }

  /**
   * Every host that has nothing pending has realised this revision. Costs nothing a host. It is
   * lower than the last one when that was of a history that is lost.
   */
  advance(revision: number): void {
    this.#revision = revision;
  }

  /** We own the host no more: nothing is written to it from now on. */
  release(hostId: string): void {
    this.#sessions.get(hostId)?.release();
    this.#prune(hostId);
  }

  /** The host is no part of the fleet any more: its connections end. */
  forget(hostId: string): void {
    const session = this.#sessions.get(hostId);
    this.#sessions.delete(hostId);
    session?.close('the host was removed');
  }

  /** Sends a packet out of a port of a host of ours; lost when the host is away. Never waits. */
  sendPacket(hostId: string, ofport: number, data: Buffer): void {
    this.#sessions.get(hostId)?.ownLink?.sendPacket(ofport, data);
  }

  /** Gives a packet that a service had back to the pipeline: it goes on as if none had asked. */
  passOn(packet: ServicePacket): void {
    this.#sessions.get(packet.hostId)?.ownLink?.passOn(packet);
  }

  hosts(): HostStatus[] {
    return [...this.#sessions.values()].map((session) => session.status());
  }

  status(hostId: string): HostStatus | undefined {
    return this.#sessions.get(hostId)?.status();
  }

  /** Audits a host now; resolves with what was found and repaired. Rejects when it is not ready. */
  auditNow(hostId: string): Promise<DriftReport> {
    const session = this.#sessions.get(hostId);
    return session?.auditNow() ?? Promise.reject(new Error(`host ${hostId} is not known`));
  }

  /** What a host should hold; undefined when we do not own it. */
  units(hostId: string): ReadonlyMap<string, CompiledUnit> | undefined {
    return this.#sessions.get(hostId)?.units;
  }

  /**
   * Whether the switch of a host holds these flows, as they are desired now. Rejects when the host
   * is not ready or does not answer in time.
   */
  inspect(hostId: string, keys: Iterable<string>): Promise<Inspection> {
    const session = this.#sessions.get(hostId);
    return session?.inspect(keys) ?? Promise.reject(new Error(`host ${hostId} is not known`));
  }

  /**
   * What flows have counted that are read for that: of rules, or of addresses; asked at once,
   * before anything that is handed over later. Rejects when the switch is not ours or away.
   */
  count(hostId: string, counted: Counted): Promise<FlowCount[]> {
    const session = this.#sessions.get(hostId);
    return session?.count(counted) ?? Promise.reject(new Error(`host ${hostId} is not known`));
  }

  #sessionOf(hostId: string): HostSession {
    const known = this.#sessions.get(hostId);
    if (known !== undefined) return known;
    const { clock, random, log, auditIntervalMs } = this.#options;
    const session = new HostSession(hostId, {
      clock,
      random,
      log,
      auditIntervalMs,
      events: this.#relay,
      fleetRevision: () => this.#revision,
      moved: () => this.#lobby.retry(),
      packetIn: (packet) => this.#inbox.add(packet),
    });
    this.#sessions.set(hostId, session);
    return session;
  }

  #lost(hostId: string, reason: string): void {
    this.#events?.hostLost(hostId, reason);
    this.#prune(hostId);
  }

  /** Strangers leave nothing behind: only an owned host is remembered while it is away. */
  #prune(hostId: string): void {
    const session = this.#sessions.get(hostId);
    if (session !== undefined && !session.owned && session.database === undefined) {
      this.forget(hostId);
    }
  }

  #arrived(client: OvsdbClient, ovsdbPort: number | undefined): void {
    const { clock, openflow } = this.#options;
    const timer = clock.setTimer(IDENTIFY_MS, () => client.close('it did not say who it is'));
    const options = {
      clock,
      ovsdbPort,
      openflowPort: this.ports.openflow,
      advertise: openflow.advertise,
    };
    openDatabase(client, options)
      .finally(() => timer.cancel())
      .then((database) => this.admit(database))
      .catch((error: unknown) => {
        const { remoteAddress: address } = client;
        this.#log.warn('An OVSDB connection was refused.', { address, reason: String(error) });
        client.close(String(error));
      });
  }

  /** One host, one connection: an older one goes only when it does not answer any more. */
  async #vacate(session: HostSession): Promise<void> {
    const { id, database: holder } = session;
    if (holder === undefined) return;
    if (this.#contested.has(id)) refuse(`several connections claim to be host ${id}`);
    this.#contested.add(id);
    const alive = await holder.probe().finally(() => this.#contested.delete(id));
    if (session.database === undefined) return;
    if (alive || session.database !== holder) {
      refuse(`host ${id} is connected already, from ${session.database.remoteAddress}`);
    }
    holder.close('it did not answer, and another connection took its place');
  }

  /** Gives a channel to the one host that it can belong to. */
  #seat(link: SwitchLink): boolean {
    const candidates = [...this.#sessions.values()].filter((session) => this.#fits(session, link));
    const [session] = candidates;
    if (session === undefined || candidates.length > 1) return false;
    session.attachLink(link);
    return true;
  }

  /** A datapath id is only a claim: the channel must come from where the database comes from. */
  #fits({ database, datapathId }: HostSession, link: SwitchLink): boolean {
    if (database === undefined || datapathId !== link.datapathId) return false;
    const known = database.remoteAddress;
    const comparable = this.#options.openflow.advertise === undefined && known !== '';
    return !comparable || known === link.remoteAddress;
  }
}

function refuse(reason: string): never {
  throw new RefusedError(reason);
}

/** A dual-stack listener sees IPv4 peers as `::ffff:192.0.2.1`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
