/**
 * A packet to everybody in a network is copied on each host to all ports of it that are there, and
 * looked up anew for each copy that security groups judge. So a host takes so many ports of one
 * network: those that are plugged in and up, and those that are meant for it.
 */
import { type Binding, placesOf } from '../binding.ts';
import type { Intent } from '../intent.ts';
import type { Port } from '../port.ts';
import type { RecordChange } from './growth.ts';
import type { Overrun } from './host-limits.ts';
import type { LoadSource } from './host-loads.ts';
import { meantFor, wantedName } from './meant-for.ts';

/**
 * Lookups of a packet until it is copied, at most, and those of a copy: as the simulator counts
 * them, which a test shows.
 */
const LOOKUPS = { way: 16, copy: 8 } as const;

/** Of one packet on a host that has so many ports of its network. */
export function lookupsOf(ports: number): number {
  return LOOKUPS.way + LOOKUPS.copy * ports;
}

/** The host that a port is meant for: its id, or what the port calls it while nobody knows it. */
export function wantedHost(intent: Intent, port: Port): string | undefined {
  const name = wantedName(port);
  if (name === undefined || intent.get('host', name) !== undefined) return name;
  const [id = name] = intent.members('hostsByName', name).keys();
  return id;
}

interface Place {
  readonly networkId: string;
  readonly hostId: string;
}

export class CopyCheck {
  readonly #now: LoadSource;
  readonly #then: Intent;
  readonly #most: number;
  /** Ports that come, by the place that they come to. */
  readonly #coming = new Map<string, Set<string>>();

  constructor(now: LoadSource, then: Intent, most: number) {
    this.#now = now;
    this.#then = then;
    this.#most = most;
  }

  /** What would be too much; then the change is not counted. */
  add(change: RecordChange): Overrun | undefined {
    const place = this.#placeAfter(change);
    if (place === undefined) return undefined;
    const { id, kind } = change;
    // What is plugged in is there, however many more are meant to be.
    const there = kind === 'binding' ? [this.#held(place)] : this.#portsAt(place);
    if (there.some((ports) => ports.has(id))) return undefined;
    const key = `${place.networkId} ${place.hostId}`;
    const coming = this.#coming.get(key) ?? new Set<string>();
    const would = this.#lookups([...there, coming, new Set([id])]);
    if (would > this.#most) {
      return { hostId: place.hostId, limit: 'lookups', would, most: this.#most };
    }
    this.#coming.set(key, coming.add(id));
    return undefined;
  }

  /** Where the port will be after the change, if anywhere. */
  #placeAfter({ kind, id, after }: RecordChange): Place | undefined {
    if (after === undefined || (kind !== 'port' && kind !== 'binding')) return undefined;
    const port = kind === 'port' ? (after as Port) : this.#then.get('port', id);
    const binding = kind === 'binding' ? (after as Binding) : this.#then.get('binding', id);
    if (port === undefined) return undefined;
    // Of two places, the one that is newer.
    const pluggedInto = port.admin_state_up ? placesOf(binding).at(-1)?.host_id : undefined;
    const hostId = pluggedInto ?? wantedHost(this.#then, port);
    return hostId === undefined ? undefined : { networkId: port.network_id, hostId };
  }

  #held({ networkId, hostId }: Place): Ids {
    return this.#now.heldPorts(networkId, hostId);
  }

  /** Most ports are in two of the sets. */
  #portsAt(place: Place): Ids[] {
    const { networkId, hostId } = place;
    const names = new Set([hostId, this.#now.get('host', hostId)?.hostname ?? hostId]);
    const meant = [...names].map((name) =>
      this.#now.members('portsMeantFor', meantFor(networkId, name)),
    );
    return [this.#held(place), ...meant];
  }

  /** Ports that are in several sets are told apart only where it matters. */
  #lookups(sets: readonly Ids[]): number {
    const atMost = lookupsOf(sets.reduce((sum, { size }) => sum + size, 0));
    if (atMost <= this.#most) return atMost;
    return lookupsOf(new Set(sets.flatMap((set) => [...set.keys()])).size);
  }
}

/** Ports by their ids. */
type Ids = ReadonlySet<string> | ReadonlyMap<string, unknown>;
