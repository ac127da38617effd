/**
 * What each host bears at most: flows, and remotes that rules name. A load is summed up over what
 * the host has (networks, group sets, groups) from sums that are kept (`PortSums`), once for all
 * when everything was read, and then only when somebody must know it: until then it is what it was,
 * and all that any host can have grown by since. So a change costs what it touches.
 */
import { placeOn } from '../binding.ts';
import { hasNames } from '../dns.ts';
import { groupsOfSet } from '../group-places.ts';
import type { Intent } from '../intent.ts';
import { groupsOfNetwork } from '../listeners.ts';
import { hasLearners } from '../mac-learning.ts';
import type { Clauses } from '../security-clauses.ts';
import { groupLoad, type Load, setFlows } from './group-flows.ts';
import type { HostLimits, Overrun } from './host-limits.ts';
import type { PortSums } from './port-sums.ts';
import { policyFlows, serviceFlows } from './service-flows.ts';

type Counts = ReadonlyMap<string, number>;

/** What loads are made of; the replica. */
export interface LoadSource extends Intent {
  readonly portSums: Omit<PortSums, 'setPort' | 'move'>;
  readonly groupPlaces: {
    setsOf(hostId: string): Counts;
    groupsOf(hostId: string): Counts;
    hostsOf(groupId: string): Counts;
  };
  readonly hostLoads: Pick<HostLoads, 'fitsAnywhere' | 'overrun'>;
  count(kind: 'host' | 'log' | 'qos_rule'): number;
  /** Hosts that bear anything, and those that are there. */
  hostIds(): Iterable<string>;
  clausesOf(groupId: string): Clauses;
  networksOfHost(hostId: string): ReadonlySet<string>;
  /** Hosts that have ports of a network, whether or not it is up. */
  holdersOfNetwork(networkId: string): Iterable<string>;
  /** Those ports of one host. */
  heldPorts(networkId: string, hostId: string): ReadonlySet<string>;
}

export const NO_LOAD: Load = { flows: 0, clauses: 0 };

/** What every host has. */
const BASE_FLOWS = 148;
/** Of a network on a host that carries it, apart from its ports. */
const NETWORK_FLOWS = 9;
/** Of one whose ports have names, and one more for each local port. */
export const NAMES_FLOWS = 2;
/** Of a multicast group that anybody in a network listens to. */
export const STREAM_FLOWS = 3;
/** Of one with ports that learn MAC addresses, and one more for each local port. */
export const LEARNING_FLOWS = 3;
/** Of an address that a port has learned: to it, and from it where the port is. */
export const LEARNED_FLOWS = 2;

export class HostLoads {
  readonly #source: LoadSource;
  /** What the host with most can bear now, at most; undefined while nobody has asked. */
  #most: Load | undefined;
  readonly #known = new Map<string, { readonly load: Load; readonly most: Load }>();

  constructor(source: LoadSource) {
    this.#source = source;
  }

  /** Everything is about to be read anew. */
  reset(): void {
    this.#most = undefined;
    this.#known.clear();
  }

  /** Whether it must be told of growth. A draft need not be: nobody asks it. */
  get isKept(): boolean {
    return this.#most !== undefined;
  }

  /** Sums up every host, for who asks first: reading answers sooner after a start. */
  #settle(): Load {
    let most: Load = { flows: BASE_FLOWS, clauses: 0 };
    for (const hostId of this.#source.hostIds()) {
      const { flows, clauses } = this.of(hostId);
      most = { flows: Math.max(most.flows, flows), clauses: Math.max(most.clauses, clauses) };
    }
    this.#most = most;
    return most;
  }

  /** A change adds so much to a host, at most. */
  grow(by: Load): void {
    if (this.#most !== undefined) this.#most = plus(this.#most, by);
  }

  /** Whether so much more is too much for no host at all; false when that is not known. */
  fitsAnywhere(more: Load, limits: HostLimits): boolean {
    const most = plus(this.#most ?? this.#settle(), more);
    return most.flows <= limits.flows && most.clauses <= limits.clauses;
  }

  /** What would be too much for a host with so much more than it bears. */
  overrun(hostId: string, more: Load, limits: HostLimits): Overrun | undefined {
    const now = this.#most ?? this.#settle();
    const known = this.#known.get(hostId);
    if (known !== undefined) {
      const since = minus(now, known.most);
      const most = plus(known.load, plus(since, more));
      if (most.flows <= limits.flows && most.clauses <= limits.clauses) return undefined;
    }
    const load = this.of(hostId);
    this.#known.set(hostId, { load, most: now });
    const would = plus(load, more);
    for (const limit of ['flows', 'clauses'] as const) {
      if (would[limit] <= limits[limit]) continue;
      return { hostId, limit, would: would[limit], most: limits[limit] };
    }
    return undefined;
  }

  /** What a host bears, at most. Costs what it has: networks, sets, and what its groups name. */
  of(hostId: string): Load {
    const { portSums, groupPlaces } = this.#source;
    let flows = BASE_FLOWS + portSums.ofHost(hostId);
    const networks = this.#source.networksOfHost(hostId);
    for (const id of networks) {
      flows += networkFlows(this.#source, id);
      flows += this.#source.heldPorts(id, hostId).size * flowsOfEach(this.#source, id);
    }
    if (networks.size > 0) flows += this.#source.count('host');
    flows += this.#policyFlows(hostId);
    for (const set of groupPlaces.setsOf(hostId).keys()) flows += setFlows(groupsOfSet(set).length);
    let load: Load = { flows, clauses: 0 };
    for (const id of groupPlaces.groupsOf(hostId).keys()) {
      load = plus(load, groupLoad(this.#source, this.#source.clausesOf(id)));
    }
    return load;
  }

  /** Of logs and QoS policies, which most ports have none of. */
  #policyFlows(hostId: string): number {
    const source = this.#source;
    if (source.count('log') + source.count('qos_rule') === 0) return 0;
    let flows = 0;
    for (const [id, binding] of source.members('bindingsOfHost', hostId)) {
      const port = placeOn(binding, hostId) && source.get('port', id);
      if (port?.admin_state_up === true) flows += policyFlows(source, port);
    }
    return flows;
  }
}

/** Of a network on a host that carries it, with all its ports as if they were elsewhere. */
export function networkFlows(source: LoadSource, networkId: string): number {
  const names = hasNames(source, networkId) ? NAMES_FLOWS : 0;
  const services = serviceFlows(source, networkId);
  const streams = STREAM_FLOWS * groupsOfNetwork(source, networkId).size;
  const learning = hasLearners(source, networkId) ? LEARNING_FLOWS : 0;
  const learned = LEARNED_FLOWS * source.members('learnedMacsOfNetwork', networkId).size;
  const own = NETWORK_FLOWS + services + names + streams + learning + learned;
  return own + source.portSums.ofNetwork(networkId);
}

/** What each local port of a network costs because of what others of it are. */
function flowsOfEach(source: LoadSource, networkId: string): number {
  return (hasNames(source, networkId) ? 1 : 0) + (hasLearners(source, networkId) ? 1 : 0);
}

export function plus(one: Load, other: Load): Load {
  return { flows: one.flows + other.flows, clauses: one.clauses + other.clauses };
}

function minus(one: Load, other: Load): Load {
  return { flows: one.flows - other.flows, clauses: one.clauses - other.clauses };
}
