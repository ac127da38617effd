/**
 * Router advertisements that nobody asked for (RFC 4861 section 6.2.4): guests hear of a router, a
 * prefix or a name server that comes later, and of a router that goes. The owner of a host sends
 * them to the ports there, one by one, as it answers solicitations.
 *
 * The work is bounded: hosts are spread over the interval, and what is to be sent waits in one
 * entry for each network of a host, of which some are sent each turn.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import { hashText } from '../lib/hash.ts';
import { type Advertiser, advertisement, withdrawal } from '../services/index.ts';
import {
  type Change,
  isRouterInterface,
  type Network,
  type Port,
  placeOn,
  type Subnet,
  splitKey,
  type Topology,
} from '../topology/index.ts';

export interface RouterAdvertiserOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  /** Who advertises what in a network now. */
  readonly advertisersOf: (network: Network) => readonly Advertiser[];
  /** Hosts that are ours. */
  readonly owned: () => Iterable<string>;
  /** Never waits. */
  readonly send: (hostId: string, ofport: number, frame: Buffer) => void;
}

/** What waits to be sent to the ports of a network on a host: a frame for each router. */
interface Entry {
  readonly hostId: string;
  readonly networkId: string;
  readonly frames: Map<number, Buffer>;
}

/** MaxRtrAdvInterval (RFC 4861 section 6.2.1). */
const INTERVAL_MS = 600_000;
/** MIN_DELAY_BETWEEN_RAS (RFC 4861 section 10): what changes more often is told once. */
const TURN_MS = 3_000;
/** Frames of one turn, and at most as many more as a network has ports on a host. */
const TURN_FRAMES = 1_500;

export class RouterAdvertiser {
  readonly #options: RouterAdvertiserOptions;
  /** Of networks in which anybody advertises. */
  readonly #known = new Map<string, readonly Advertiser[]>();
  /** By host and network; the first is the next. */
  readonly #waiting = new Map<string, Entry>();
  #turns = 0;
  #timer: Timer | undefined;

  constructor(options: RouterAdvertiserOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** Everything was read anew: guests are told in their turn. */
  reset(): void {
    const { topology, advertisersOf } = this.#options;
    this.#known.clear();
    for (const network of topology.list('network')) {
      const advertisers = advertisersOf(network);
      if (advertisers.length > 0) this.#known.set(network.id, advertisers);
    }
  }

  /** Looks at a change that is about to be applied; call the result when it has been. */
  observe({ puts, deletes }: Change): () => void {
    const networks = new Set<string>();
    const note = (key: (typeof deletes)[number], after?: unknown): void => {
      const { kind, id } = splitKey(key);
      if (kind === 'network') networks.add(id);
      if (kind !== 'subnet' && kind !== 'port') return;
      for (const record of [this.#options.topology.get(kind, id), after] as Said[]) {
        if (record !== undefined && speaks(record)) networks.add(record.network_id);
      }
    };
    for (const { key, value } of puts) note(key, value);
    for (const key of deletes) note(key);
    return () => {
      for (const id of networks) this.#compare(id);
    };
  }

  stop(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  #compare(networkId: string): void {
    const { topology, advertisersOf, owned } = this.#options;
    const network = topology.get('network', networkId);
    const now = network === undefined ? [] : advertisersOf(network);
    const before = this.#known.get(networkId) ?? [];
    if (now.length > 0) this.#known.set(networkId, now);
    else this.#known.delete(networkId);
    const frames = framesOf(now);
    if (isSame(framesOf(before), frames)) return;
    for (const gone of before) {
      if (!frames.has(gone.mac)) frames.set(gone.mac, withdrawal(gone));
    }
    const hosts = topology.hostsOfNetwork(networkId);
    for (const hostId of owned()) if (hosts.has(hostId)) this.#add(hostId, networkId, frames);
  }

  /** Of one router the last counts. */
  #add(hostId: string, networkId: string, frames: ReadonlyMap<number, Buffer>): void {
    const key = `${hostId} ${networkId}`;
    const entry = this.#waiting.get(key) ?? { hostId, networkId, frames: new Map() };
    this.#waiting.set(key, entry);
    for (const [mac, frame] of frames) entry.frames.set(mac, frame);
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(TURN_MS, () => {
      this.#schedule();
      this.#addDue();
      this.#sendSome();
    });
  }

  /** Each host of ours in one turn of an interval: which, follows from its id. */
  #addDue(): void {
    const { topology, owned } = this.#options;
    this.#turns = (this.#turns + 1) % TURNS;
    for (const hostId of owned()) {
      if ((hashText(hostId).lo >>> 0) % TURNS !== this.#turns) continue;
      for (const networkId of topology.networksOfHost(hostId)) {
        const advertisers = this.#known.get(networkId);
        if (advertisers !== undefined) this.#add(hostId, networkId, framesOf(advertisers));
      }
    }
  }

  #sendSome(): void {
    let sent = 0;
    for (const [key, entry] of this.#waiting) {
      if (sent >= TURN_FRAMES) return;
      this.#waiting.delete(key);
      sent += this.#send(entry);
    }
  }

  #send({ hostId, networkId, frames }: Entry): number {
    const { topology, send } = this.#options;
    let sent = 0;
    for (const portId of topology.localPorts(networkId, hostId)) {
      const ofport = placeOn(topology.get('binding', portId), hostId)?.ofport;
      if (ofport === undefined) continue;
      for (const frame of frames.values()) send(hostId, ofport, frame);
      sent += frames.size;
    }
    return sent;
  }
}

const TURNS = INTERVAL_MS / TURN_MS;

type Said = Subnet | Port | undefined;

/** Whether advertisements of its network may say something of the record. */
function speaks(record: Subnet | Port): boolean {
  return 'device_owner' in record
    ? isRouterInterface(record.device_owner)
    : record.ip_version === 6;
}

function framesOf(advertisers: readonly Advertiser[]): Map<number, Buffer> {
  return new Map(advertisers.map((each) => [each.mac, advertisement(each)]));
}

function isSame(one: ReadonlyMap<number, Buffer>, other: ReadonlyMap<number, Buffer>): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([mac, frame]) => other.get(mac)?.equals(frame) === true);
}
