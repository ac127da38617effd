/**
 * Which units a change touches. A unit is the part of a host's flows that stems from one record;
 * the compiler makes one at a time, so a change costs what it touches and not what exists.
 *
 * The rule: everything that was derived from a changed record before, and everything that is
 * derived from it after. `FACETS` says which members of a record any unit is derived from at all.
 */
import { type Binding, hostsOf } from './binding.ts';
import { DnsScope } from './dns-scope.ts';
import { type LearnedUnitKey, LearningScope } from './learning-scope.ts';
import { LogScope, type LogUnitKey } from './log-scope.ts';
import { MulticastScope, type MulticastUnitKey } from './multicast-scope.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import { portsOfPolicy } from './port-qos.ts';
import {
  type AnyRecord,
  type Change,
  type Kind,
  type RecordKey,
  recordKey,
  splitKey,
} from './records.ts';
import type { SecurityUnitKey } from './security-keys.ts';
import { SecurityScope } from './security-scope.ts';
import type { Topology } from './topology.ts';

export type UnitKey =
  | 'base'
  | `network/${string}`
  | `local-port/${string}`
  | `remote-port/${string}`
  | `peer/${string}`
  | SecurityUnitKey
  | LogUnitKey
  | LearnedUnitKey
  | MulticastUnitKey;

/** A port that has flows: bound, and up together with its network. */
export interface PluggedPort {
  readonly port: Port;
  readonly network: Network;
  readonly binding: Binding;
}

export function pluggedPort(topology: Topology, portId: string): PluggedPort | undefined {
  const port = topology.get('port', portId);
  const binding = topology.get('binding', portId);
  if (port?.admin_state_up !== true || binding === undefined) return undefined;
  const network = topology.get('network', port.network_id);
  return network?.admin_state_up === true ? { port, network, binding } : undefined;
}

/** Units by host. */
export class Scope {
  readonly #hosts = new Map<string, Set<UnitKey>>();

  add(hostId: string, key: UnitKey): void {
    const keys = this.#hosts.get(hostId);
    if (keys === undefined) this.#hosts.set(hostId, new Set([key]));
    else keys.add(key);
  }

  /** Hosts with the keys that are touched on each. */
  entries(): IterableIterator<[hostId: string, keys: ReadonlySet<UnitKey>]> {
    return this.#hosts.entries();
  }

  /** The hosts alone. */
  hosts(): ReadonlySet<string> {
    return this.#hosts.size === 0 ? NO_HOSTS : new Set(this.#hosts.keys());
  }

  get hostCount(): number {
    return this.#hosts.size;
  }

  unitsOf(hostId: string): ReadonlySet<UnitKey> {
    return this.#hosts.get(hostId) ?? NO_KEYS;
  }

  /** As `unitsOf`, and forgets them. */
  take(hostId: string): ReadonlySet<UnitKey> {
    const keys = this.unitsOf(hostId);
    this.#hosts.delete(hostId);
    return keys;
  }

  /** How many (host, unit) pairs there are. */
  get size(): number {
    let size = 0;
    for (const keys of this.#hosts.values()) size += keys.size;
    return size;
  }
}

/**
 * APPLIES the change to the topology and returns what it touched: the dependents in the state
 * before together with those in the state after. Units that a host has no more are among them.
 */
export function touchedUnits(topology: Topology, change: Change): Scope {
  const scope = new Scope();
  const impacts = impactsOf(topology, change);
  const networks = networksOf(topology, impacts, change);
  const carriersBefore = copyCarriers(topology, networks);
  for (const impact of impacts) collect(topology, impact, scope);
  const security = new SecurityScope(topology, change, scope);
  const logs = new LogScope(topology, change, scope);
  const names = new DnsScope(topology, change, scope);
  const multicast = new MulticastScope(topology, change, scope);
  const learning = new LearningScope(topology, change, scope);
  topology.apply(change);
  security.finish();
  logs.finish();
  names.finish();
  multicast.finish();
  learning.finish();
  for (const impact of impacts) collect(topology, impact, scope);
  for (const [networkId, before] of carriersBefore) {
    collectCarrierChanges(topology, networkId, before, scope);
  }
  return scope;
}

/**
 * What a difference in a member of a record can alter:
 * shape: whether dependents exist, and all that is in them. local: the unit of a port on its own
 * host, or those of all local ports of a host. remote: the units of a port on other hosts. flood:
 * the list of local ports of a network.
 * self: all units of a host. encap: what other hosts know of a host. served: what the ports of a
 * network may ask the controller for. carried: what hosts say of a network, not of its ports. qos:
 * the units of ports that a QoS policy holds for, on their own hosts. held: those of the port
 * that has a learned MAC address, and only if it has one.
 */
type Facet =
  | 'shape'
  | 'local'
  | 'remote'
  | 'flood'
  | 'self'
  | 'encap'
  | 'served'
  | 'carried'
  | 'qos'
  | 'held';

/** Members that matter; a change of any other member touches nothing. */
const FACETS: Readonly<Partial<Record<Kind, Readonly<Record<string, readonly Facet[]>>>>> = {
  network: {
    vni: ['shape'],
    admin_state_up: ['shape'],
    mtu: ['carried'],
    qos_policy_id: ['qos'],
  },
  subnet: {
    network_id: ['served'],
    ip_version: ['served'],
    enable_dhcp: ['served'],
    ipv6_address_mode: ['served'],
    ipv6_ra_mode: ['served'],
  },
  port: {
    network_id: ['shape'],
    admin_state_up: ['shape'],
    mac_address: ['local', 'remote'],
    fixed_ips: ['local', 'remote'],
    port_security_enabled: ['local', 'held'],
    mac_learning_enabled: ['local', 'held'],
    allowed_address_pairs: ['local', 'held'],
    security_groups: ['local'],
    device_owner: ['local'],
    qos_policy_id: ['local'],
    isolation: ['local', 'remote', 'flood'],
    isolation_community: ['local', 'remote'],
  },
  qos_rule: {
    qos_policy_id: ['qos'],
    direction: ['qos'],
    min_kbps: ['qos'],
    max_kbps: ['qos'],
    max_burst_kbps: ['qos'],
    max_kpps: ['qos'],
    max_burst_kpps: ['qos'],
    dscp_mark: ['qos'],
  },
  binding: {
    host_id: ['shape'],
    ofport: ['local', 'flood'],
    wire: ['local', 'flood'],
    move: ['shape'],
  },
  host: { nd_extensions: ['self'], encap_ip: ['encap'], egress_queues: ['local'] },
  learned_mac: { port_id: ['held'] },
};

/** Facets of a record that appears or goes. */
const WHOLE: Readonly<Partial<Record<Kind, readonly Facet[]>>> = {
  network: ['shape'],
  subnet: ['served'],
  port: ['shape'],
  binding: ['shape'],
  host: ['self', 'encap'],
  qos_rule: ['qos'],
  learned_mac: ['held'],
};

interface Impact {
  readonly kind: Kind;
  readonly id: string;
  readonly facets: ReadonlySet<Facet>;
}

const NO_KEYS: ReadonlySet<UnitKey> = new Set();
const NO_HOSTS: ReadonlySet<string> = new Set();

function impactsOf(topology: Topology, change: Change): Impact[] {
  // A key may stand in both lists; what counts is what is there in the end.
  const after = new Map<RecordKey, AnyRecord | undefined>();
  for (const key of change.deletes) after.set(key, undefined);
  for (const { key, value } of change.puts) after.set(key, value);
  const impacts: Impact[] = [];
  for (const [key, value] of after) {
    const { kind, id } = splitKey(key);
    const facets = facetsOf(kind, topology.get(kind, id), value);
    if (facets.size > 0) impacts.push({ kind, id, facets });
  }
  return impacts;
}

function facetsOf(kind: Kind, before?: AnyRecord, after?: AnyRecord): ReadonlySet<Facet> {
  if (before === undefined && after === undefined) return new Set();
  if (before === undefined || after === undefined) return new Set(WHOLE[kind] ?? []);
  const facets = new Set<Facet>();
  for (const [member, altered] of Object.entries(FACETS[kind] ?? {})) {
    if (!sameMember(before, after, member)) for (const facet of altered) facets.add(facet);
  }
  return facets;
}

function sameMember(one: AnyRecord, other: AnyRecord, member: string): boolean {
  const [a, b] = [one, other].map(
    (record) => (record as unknown as Record<string, unknown>)[member],
  );
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** Networks whose set of hosts the change may alter: those that its records are, or will be, in. */
function networksOf(
  topology: Topology,
  impacts: readonly Impact[],
  change: Change,
): ReadonlySet<string> {
  const networks = new Set<string>();
  const written = new Map(change.puts.map(({ key, value }) => [key, value]));
  for (const { kind, id, facets } of impacts) {
    if (!facets.has('shape')) continue;
    if (kind === 'network') networks.add(id);
    if (kind !== 'port' && kind !== 'binding') continue;
    const before = topology.get('port', id);
    const after = written.get(recordKey('port', id)) as Port | undefined;
    for (const port of [before, after]) if (port !== undefined) networks.add(port.network_id);
  }
  return networks;
}

function copyCarriers(
  topology: Topology,
  networks: ReadonlySet<string>,
): Map<string, ReadonlySet<string>> {
  const copies = new Map<string, ReadonlySet<string>>();
  for (const id of networks) copies.set(id, new Set(topology.hostsOfNetwork(id)));
  return copies;
}

/** Adds what is derived from the record in the present state of the topology. */
function collect(topology: Topology, impact: Impact, scope: Scope): void {
  switch (impact.kind) {
    case 'network':
      return collectNetwork(topology, impact, scope);
    case 'subnet':
      return collectServed(topology, impact.id, scope);
    case 'port':
    case 'binding':
      return collectPort(topology, impact, scope);
    case 'host':
      return collectHost(topology, impact, scope);
    case 'qos_rule':
      return collectQosRule(topology, impact.id, scope);
    case 'learned_mac':
      return collectHolder(topology, impact.id, scope);
    default:
      return;
  }
}

function collectNetwork(topology: Topology, { id, facets }: Impact, scope: Scope): void {
  if (facets.has('shape')) return collectWholeNetwork(topology, id, scope);
  if (facets.has('carried')) collectCarried(topology, id, scope);
  if (facets.has('qos'))
    collectLocal(topology, topology.members('portsOfNetwork', id).keys(), scope);
}

function collectQosRule(topology: Topology, ruleId: string, scope: Scope): void {
  const rule = topology.get('qos_rule', ruleId);
  if (rule !== undefined)
    collectLocal(topology, portsOfPolicy(topology, rule.qos_policy_id), scope);
}

/** Of a MAC address: every host has flows to where it is. */
function collectHolder(topology: Topology, macId: string, scope: Scope): void {
  const portId = topology.get('learned_mac', macId)?.port_id;
  if (portId !== undefined)
    collectPort(topology, { kind: 'port', id: portId, facets: HELD }, scope);
}

const HELD: ReadonlySet<Facet> = new Set<Facet>(['local', 'remote']);

/** The units of ports on their own hosts. */
function collectLocal(topology: Topology, portIds: Iterable<string>, scope: Scope): void {
  for (const portId of portIds) {
    for (const hostId of hostsOf(pluggedPort(topology, portId)?.binding)) {
      scope.add(hostId, `local-port/${portId}`);
    }
  }
}

function collectWholeNetwork(topology: Topology, networkId: string, scope: Scope): void {
  const hosts = topology.hostsOfNetwork(networkId);
  for (const hostId of hosts) scope.add(hostId, `network/${networkId}`);
  for (const portId of topology.members('portsOfNetwork', networkId).keys()) {
    const binding = pluggedPort(topology, portId)?.binding;
    if (binding === undefined) continue;
    for (const hostId of hosts) scope.add(hostId, portUnit(binding, hostId));
  }
}

/** What a host tells its local ports of a network. */
function collectServed(topology: Topology, subnetId: string, scope: Scope): void {
  const networkId = topology.get('subnet', subnetId)?.network_id;
  if (networkId !== undefined) collectCarried(topology, networkId, scope);
}

/** The unit of a network on each host that carries it. */
function collectCarried(topology: Topology, networkId: string, scope: Scope): void {
  for (const hostId of topology.hostsOfNetwork(networkId)) {
    scope.add(hostId, `network/${networkId}`);
  }
}

function collectPort(topology: Topology, { id, facets }: Impact, scope: Scope): void {
  const plugged = pluggedPort(topology, id);
  if (plugged === undefined) return;
  const own = hostsOf(plugged.binding);
  const networkId = plugged.network.id;
  const shape = facets.has('shape');
  for (const hostId of own) {
    if (shape || facets.has('local')) scope.add(hostId, `local-port/${id}`);
    if (shape || facets.has('flood')) scope.add(hostId, `network/${networkId}`);
  }
  if (!othersKnow(topology, { kind: 'port', id, facets })) return;
  for (const hostId of topology.hostsOfNetwork(networkId)) {
    if (!own.includes(hostId)) scope.add(hostId, `remote-port/${id}`);
  }
}

/** Whether other hosts derive anything from what has changed of a port. */
function othersKnow(topology: Topology, { id, facets }: Impact): boolean {
  if (facets.has('shape') || facets.has('remote')) return true;
  return facets.has('held') && topology.members('learnedMacsOfPort', id).size > 0;
}

function collectHost(topology: Topology, { id, facets }: Impact, scope: Scope): void {
  if (facets.has('local')) {
    for (const portId of topology.members('bindingsOfHost', id).keys())
      scope.add(id, `local-port/${portId}`);
  }
  if (facets.has('self')) {
    scope.add(id, 'base');
    for (const networkId of topology.networksOfHost(id))
      collectCarrier(topology, id, networkId, scope);
  }
  if (!facets.has('encap')) return;
  for (const networkId of topology.networksOfHost(id)) {
    for (const other of topology.hostsOfNetwork(networkId)) {
      if (other !== id) collectEncap(topology, { hostId: id, networkId, other }, scope);
    }
  }
}

/** Everything that `other` derives from the address of a host in one network. */
function collectEncap(
  topology: Topology,
  at: { hostId: string; networkId: string; other: string },
  scope: Scope,
): void {
  scope.add(at.other, `network/${at.networkId}`);
  scope.add(at.other, `peer/${at.hostId}`);
  for (const [portId, binding] of topology.members('bindingsOfHost', at.hostId)) {
    const networkId = topology.get('port', portId)?.network_id;
    if (networkId === at.networkId) scope.add(at.other, portUnit(binding, at.other));
  }
}

/** Everything that a host has because it carries a network. */
function collectCarrier(topology: Topology, hostId: string, networkId: string, scope: Scope): void {
  scope.add(hostId, `network/${networkId}`);
  for (const portId of topology.members('portsOfNetwork', networkId).keys()) {
    const binding = topology.get('binding', portId);
    if (binding !== undefined) scope.add(hostId, portUnit(binding, hostId));
  }
  for (const other of topology.hostsOfNetwork(networkId)) {
    if (other !== hostId) scope.add(hostId, `peer/${other}`);
  }
}

/** A host that starts or ceases to carry a network has, or had, all of its units. */
function collectCarrierChanges(
  topology: Topology,
  networkId: string,
  before: ReadonlySet<string>,
  scope: Scope,
): void {
  const after = topology.hostsOfNetwork(networkId);
  const all = new Set([...before, ...after]);
  for (const hostId of all) {
    if (before.has(hostId) && after.has(hostId)) continue;
    collectCarrier(topology, hostId, networkId, scope);
    for (const other of all) {
      if (other === hostId) continue;
      scope.add(hostId, `peer/${other}`);
      scope.add(other, `peer/${hostId}`);
      scope.add(other, `network/${networkId}`);
    }
  }
}

/** What a host has of a port that is bound. */
export function portUnit(binding: Binding, hostId: string): UnitKey {
  const isHere = hostsOf(binding).includes(hostId);
  return isHere ? `local-port/${binding.port_id}` : `remote-port/${binding.port_id}`;
}
