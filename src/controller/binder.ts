/**
 * Who gets a port: turns what hosts show as plugged (attachments) into Binding records.
 *
 * A port whose `binding:host_id` names a host is given to that one and to those that its VM is to
 * move to, and to no other, whoever claims it. One that names none goes to the first host that
 * plugs it; see binding-choice.ts for the others. A claimant that is not served is reported. What a
 * host last showed holds while the host is away.
 *
 * A subport of a trunk is plugged in nowhere: it is where its parent is, and comes, moves and goes
 * with it in one commit.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { CommitRequest } from '../store/index.ts';
import {
  type AnyRecord,
  type Binding,
  type Change,
  DEFAULT_HOST_LIMITS,
  destinationsOf,
  type HostLimits,
  LimitCheck,
  type Plug,
  type Port,
  type RecordKey,
  recordKey,
  splitKey,
  subportsOn,
  type Topology,
  vifNameOf,
  type Wiring,
  wiringOf,
} from '../topology/index.ts';
import { chooseBinding, type HostRole } from './binding-choice.ts';
import { BindingPlan } from './binding-plan.ts';
import { type CommitQueue, type Committer, createCommitQueue } from './commit-queue.ts';
import { mayMakeRoom, Refusals } from './refusals.ts';

/** What a host shows as plugged into its integration bridge. */
export interface PluggedInterface {
  readonly interface: string;
  readonly ofport: number;
  /** What it is called: the name of a port's VIF. */
  readonly ifaceId: string;
}

export interface BinderOptions {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
}

/** Between a change that may have made room and another attempt. */
const RETRY_MS = 500;

export class Binder {
  readonly #topology: Topology;
  readonly #log: Logger;
  readonly #queue: CommitQueue;
  /** host → name → interface, for every host that has shown its list since we started. */
  readonly #shown = new Map<string, ReadonlyMap<string, PluggedInterface>>();
  /** The name of a VIF → hosts that show it, in the order in which they did. */
  readonly #claimants = new Map<string, Set<string>>();
  /** port → the host where it was heard while it was to arrive there. */
  readonly #heard = new Map<string, string>();
  /** Claimants that were reported already, as `port host`. */
  readonly #reported = new Set<string>();
  readonly #limits: HostLimits;
  readonly #refusals: Refusals;
  readonly #clock: Clock;
  #retry: Timer | undefined;

  constructor(options: BinderOptions) {
    this.#limits = options.hostLimits ?? DEFAULT_HOST_LIMITS;
    this.#refusals = new Refusals(options.log);
    this.#clock = options.clock;
    this.#topology = options.topology;
    this.#log = options.log;
    this.#queue = createCommitQueue({
      ...options,
      what: 'bindings',
      request: (portIds) => this.#request(portIds),
    });
  }

  /** The whole list of one host, each time it changes. */
  attachments(hostId: string, list: readonly PluggedInterface[]): void {
    const before = this.#shown.get(hostId);
    const now = new Map(list.map((item) => [item.ifaceId, item]));
    this.#shown.set(hostId, now);
    for (const [name, item] of now) {
      if (same(before?.get(name), item)) continue;
      this.#claim(name, hostId);
      this.#addNamed(name);
    }
    for (const name of before?.keys() ?? []) if (!now.has(name)) this.#letGo(name, hostId);
    // Ports that were unplugged while nobody watched: bound here, and not in the first list.
    if (before !== undefined) return;
    for (const portId of this.#topology.members('bindingsOfHost', hostId).keys())
      this.#queue.add(portId);
  }

  /**
   * Where a port that is about to be made is plugged in by now: for its own commit, which saves it
   * another. Only for one that names its host, where no other shows the VIF: anything else takes
   * what `change` looks at.
   */
  foreseen(port: Port): Binding | undefined {
    const [hostId, ...others] = this.#claimants.get(vifNameOf(port)) ?? [];
    if (hostId === undefined || others.length > 0) return undefined;
    if (this.#roleOf(port, hostId) !== 'host') return undefined;
    const plug = this.#seen(port, hostId);
    return plug && { port_id: port.id, ...plug };
  }

  /** After a change was applied: ports that came, went or were given to another host. */
  change(change: Change): void {
    const keys = [...change.puts.map(({ key }) => key), ...change.deletes];
    for (const key of keys) {
      const { kind, id } = splitKey(key);
      if (kind === 'port' || kind === 'binding') this.#reconsider(id);
    }
    if (mayMakeRoom(change)) this.#retryRefused();
  }

  /** A port has sent a packet on a host where its VM was to arrive: it runs there. */
  heard(sender: string, hostId: string): void {
    const portId = this.#wireOf(sender);
    if (this.#topology.get('binding', portId)?.move?.host_id !== hostId) return;
    this.#heard.set(portId, hostId);
    this.#queue.add(portId);
  }

  /** The port that is plugged in for a port: the parent of a subport, else itself. */
  #wireOf(portId: string): string {
    return wiringOf(this.#topology, portId)?.parentId ?? portId;
  }

  /** After a snapshot: every port that anybody claims. */
  reset(): void {
    for (const name of this.#claimants.keys()) this.#addNamed(name);
  }

  /** Why ports that a host shows are not served there. */
  refused(hostId: string): string[] {
    return this.#refusals.reasons(hostId);
  }

  stop(): void {
    this.#queue.stop();
    this.#retry?.cancel();
  }

  /** Many changes in a row make one attempt. */
  #retryRefused(): void {
    if (this.#refusals.size === 0 || this.#retry !== undefined) return;
    this.#retry = this.#clock.setTimer(RETRY_MS, () => {
      this.#retry = undefined;
      for (const portId of this.#refusals.ports()) this.#queue.add(portId);
    });
  }

  #reconsider(portId: string): void {
    const binding = this.#topology.get('binding', portId);
    if (binding?.move?.host_id !== this.#heard.get(portId)) this.#heard.delete(portId);
    const wiring = wiringOf(this.#topology, portId);
    const isClaimed = this.#claimantsOf(wiring?.parentId ?? portId) !== undefined;
    if (isClaimed || this.#isOrphan(portId, wiring)) this.#queue.add(portId);
  }

  /** A binding that is left of a port, of a subport that is none any more, or of another VIF. */
  #isOrphan(portId: string, wiring: Wiring | undefined): boolean {
    const binding = this.#topology.get('binding', portId);
    if (binding === undefined) return false;
    const isLeft = binding.wire !== undefined && wiring === undefined;
    const port = this.#topology.get('port', portId);
    return isLeft || port === undefined || this.#isUnplugged(port, binding);
  }

  /** Whether its host shows no such VIF. */
  #isUnplugged(port: Port, binding: Binding): boolean {
    const shown = this.#shown.get(binding.host_id);
    return binding.wire === undefined && shown !== undefined && !shown.has(vifNameOf(port));
  }

  #claim(name: string, hostId: string): void {
    const hosts = this.#claimants.get(name) ?? new Set();
    this.#claimants.set(name, hosts.add(hostId));
  }

  #letGo(name: string, hostId: string): void {
    const hosts = this.#claimants.get(name);
    hosts?.delete(hostId);
    if (hosts?.size === 0) this.#claimants.delete(name);
    for (const portId of this.#portsNamed(name)) this.#reported.delete(`${portId} ${hostId}`);
    this.#addNamed(name);
  }

  #addNamed(name: string): void {
    for (const portId of this.#portsNamed(name)) this.#queue.add(portId);
  }

  /** The port that names a VIF so, and that which has the name for its id. */
  *#portsNamed(name: string): Generator<string> {
    yield name;
    yield* this.#topology.members('portsByVif', name).keys();
  }

  #claimantsOf(portId: string): ReadonlySet<string> | undefined {
    const port = this.#topology.get('port', portId);
    return port && this.#claimants.get(vifNameOf(port));
  }

  /** The commit that makes the bindings of these ports right; undefined when they are. */
  #request(portIds: Iterable<string>): CommitRequest | undefined {
    const put = new Map<RecordKey, AnyRecord>();
    const expect = new Map<RecordKey, number>();
    const absent: RecordKey[] = [];
    const require: RecordKey[] = [];
    const remove: RecordKey[] = [];
    const check = new LimitCheck(this.#topology, this.#topology, this.#limits);
    const plan = new BindingPlan(this.#topology);
    for (const portId of this.#inOrder(portIds, plan)) {
      const key = recordKey('binding', portId);
      const before = this.#topology.get('binding', portId);
      const after = this.#withinLimits(check, portId, this.#desired(portId, plan));
      plan.set(portId, after);
      if (sameBinding(before, after)) continue;
      const revision = this.#topology.modRevision(key);
      if (revision === undefined) absent.push(key);
      else expect.set(key, revision);
      if (after !== undefined) {
        put.set(key, after);
        require.push(recordKey('port', portId));
      } else {
        remove.push(key);
        // Whoever listened there does not any more.
        const membership = recordKey('membership', portId);
        if (this.#topology.modRevision(membership) !== undefined) remove.push(membership);
      }
      const status = this.#topology.get('status', portId);
      if (status === undefined || samePlug(before, after)) continue;
      // A status speaks of the place that it was made for. It goes with a port that was heard at
      // its new one: it was flows of that host that told us.
      const isHeard =
        after !== undefined && this.#heard.get(this.#wireOf(portId)) === after.host_id;
      if (isHeard) put.set(recordKey('status', portId), { ...status, host_id: after.host_id });
      else remove.push(recordKey('status', portId));
    }
    if (put.size === 0 && remove.length === 0) return undefined;
    return { put, expect, absent, require, delete: remove };
  }

  /** What is plugged in, then the subports that are there with it, or whose number it has taken. */
  *#inOrder(portIds: Iterable<string>, plan: BindingPlan): Generator<string> {
    const subports = new Set<string>();
    for (const portId of portIds) {
      if (wiringOf(this.#topology, portId) !== undefined) subports.add(portId);
      else yield portId;
      for (const id of subportsOn(this.#topology, portId)) subports.add(id);
      for (const rival of plan.rivalsOf(portId)) subports.add(rival);
    }
    yield* subports;
  }

  #desired(portId: string, plan: BindingPlan): Binding | undefined {
    const port = this.#topology.get('port', portId);
    if (port === undefined) return undefined;
    const wiring = wiringOf(this.#topology, portId);
    if (wiring !== undefined) return plan.subportOf(portId, wiring);
    const before = this.#topology.get('binding', portId);
    const after = chooseBinding({
      portId,
      // What was a subport has not been plugged in.
      before: before?.wire === undefined ? before : undefined,
      claimants: this.#claimantsOf(portId) ?? [],
      seen: (hostId, place) => this.#seen(port, hostId) ?? this.#asBefore(hostId, place),
      mayHave: (hostId) =>
        port['binding:host_id'] === '' || this.#roleOf(port, hostId) !== undefined,
      roleOf: (hostId) => this.#roleOf(port, hostId),
      isHeard: (hostId) => this.#heard.get(portId) === hostId,
    });
    if (after !== undefined) this.#reportOthers(after);
    return after;
  }

  #seen(port: Port, hostId: string): Plug | undefined {
    const item = this.#shown.get(hostId)?.get(vifNameOf(port));
    return item && { host_id: hostId, ofport: item.ofport, interface_name: item.interface };
  }

  #asBefore(hostId: string, place: Plug | undefined): Plug | undefined {
    return this.#shown.has(hostId) ? undefined : place;
  }

  /** A port that is too much for its host is served nowhere; what is there stays as it is. */
  #withinLimits(check: LimitCheck, portId: string, after?: Binding): Binding | undefined {
    const before = this.#topology.get('binding', portId);
    const overrun = after && check.add({ kind: 'binding', id: portId, before, after });
    this.#refusals.set(portId, overrun);
    if (overrun === undefined) return after;
    return after?.move !== undefined && before?.host_id === after.host_id ? before : undefined;
  }

  #roleOf(port: Port, hostId: string): HostRole | undefined {
    const names = [hostId, this.#topology.get('host', hostId)?.hostname];
    if (names.includes(port['binding:host_id'])) return 'host';
    return destinationsOf(port).some((name) => names.includes(name)) ? 'destination' : undefined;
  }

  #reportOthers(binding: Binding): void {
    const { port_id: port, host_id: servedBy, move } = binding;
    for (const host of this.#claimantsOf(port) ?? []) {
      const mark = `${port} ${host}`;
      if (host === servedBy || host === move?.host_id || this.#reported.has(mark)) continue;
      this.#reported.add(mark);
      this.#log.warn('A host claims a port that is served elsewhere.', { port, host, servedBy });
    }
  }
}

function same(one: PluggedInterface | undefined, other: PluggedInterface): boolean {
  return one?.ofport === other.ofport && one.interface === other.interface;
}

function sameBinding(one: Binding | undefined, other: Binding | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const sameState = one.move?.state === other.move?.state;
  return sameState && samePlug(one, other) && samePlug(one.move, other.move);
}

function samePlug(one: Plug | undefined, other: Plug | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.host_id === other.host_id &&
    one.ofport === other.ofport &&
    one.interface_name === other.interface_name &&
    one.wire?.ofport === other.wire?.ofport &&
    one.wire?.vlan === other.wire?.vlan
  );
}
