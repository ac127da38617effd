/**
 * What a host has of the records that its units are made of: one function for each kind of unit,
 * from the topology to the inputs of features; undefined where the host has none.
 */
import {
  type AddressValue,
  type Host,
  hasLearners,
  hasNames,
  hostsOf,
  isSetApart,
  learnedMacsOf,
  learningPlaces,
  learnsMacs,
  listenersOf,
  loggedEvents,
  mayHaveMac,
  type Plug,
  type PluggedPort,
  parseAddress,
  parseMac,
  placeOn,
  placesOf,
  pluggedPort,
  type Topology,
} from '../topology/index.ts';
import type { LoggedPort } from './features/connection-log.ts';
import { chunkCount, type HostChunk, inChunks, withoutOwn } from './host-chunks.ts';
import {
  type CarriedNetwork,
  encapOf,
  type Learning,
  type LocalPort,
  type PortMove,
  type RemotePort,
  type StreamGroup,
} from './inputs.ts';
import { othersOf, portFacts } from './port-facts.ts';
import { portQos } from './port-qos.ts';
import { groupSetHash } from './security-units.ts';
import { servicesOf } from './served.ts';

/** The hosts that carry a network and can be sent to. */
export interface Carriers {
  readonly encaps: readonly AddressValue[];
  /** As many as each of them needs for the others. */
  readonly chunks: readonly HostChunk[];
}

/** @param before of the same network: chunks that stay as they are are the same objects */
export function carriersOf(topology: Topology, networkId: string, before?: Carriers): Carriers {
  const encaps = encapsOf(topology, topology.hostsOfNetwork(networkId));
  return { encaps, chunks: inChunks(encaps, chunkCount(encaps.length - 1), before?.chunks) };
}

/** A host that nobody can send to is none of the carriers, and so has one more to send to. */
function otherHosts(host: Host, { encaps, chunks }: Carriers): readonly HostChunk[] {
  const own = encapOf(host);
  return own === undefined ? inChunks(encaps, chunkCount(encaps.length)) : withoutOwn(chunks, own);
}

/** @param carriers of this network: the same for all hosts that are told of it */
export function carriedNetwork(
  topology: Topology,
  host: Host,
  id: string,
  carriers = carriersOf(topology, id),
): CarriedNetwork | undefined {
  const network = topology.get('network', id);
  const hosts = topology.hostsOfNetwork(id);
  if (network === undefined || !hosts.has(host.id)) return undefined;
  const localPorts = new Set<number>();
  const subports = new Set<number>();
  const apart = new Set<number>();
  for (const portId of topology.localPorts(id, host.id)) {
    const place = placeOn(topology.get('binding', portId), host.id);
    if (place === undefined) continue;
    localPorts.add(place.ofport);
    if (place.wire !== undefined) subports.add(place.ofport);
    const port = topology.get('port', portId);
    if (port !== undefined && isSetApart(port)) apart.add(place.ofport);
  }
  return {
    vni: network.vni,
    mtu: network.mtu,
    localPorts: [...localPorts].sort((one, other) => one - other),
    subports,
    apart,
    otherHosts: otherHosts(host, carriers),
    services: servicesOf(topology, id),
    isNamed: hasNames(topology, id),
    learning: hasLearners(topology, id) ? learningOf(topology, host, id) : undefined,
  };
}

function learningOf(topology: Topology, host: Host, networkId: string): Learning {
  const places = learningPlaces(topology, networkId);
  return { ...byHost(topology, host, places), carriers: countCarriers(topology, host, networkId) };
}

/** Some places, as a host sees them: its own ports, and the other hosts that have any. */
function byHost(topology: Topology, host: Host, places: Iterable<Plug>) {
  const localPorts = new Set<number>();
  const others = new Set<string>();
  for (const { host_id, ofport } of places) {
    if (host_id === host.id) localPorts.add(ofport);
    else others.add(host_id);
  }
  return {
    localPorts: [...localPorts].sort((one, other) => one - other),
    otherHosts: encapsOf(topology, others),
  };
}

/** The other ones. */
function countCarriers(topology: Topology, host: Host, networkId: string): number {
  const carriers = encapsOf(topology, topology.hostsOfNetwork(networkId)).length;
  return encapOf(host) === undefined ? carriers : carriers - 1;
}

/** `id`: the network and the group, as the key of the unit has them. */
export function streamGroup(topology: Topology, host: Host, id: string): StreamGroup | undefined {
  const [networkId = '', text = ''] = id.split(' ');
  const [network, group] = [topology.get('network', networkId), parseAddress(text)];
  const hosts = topology.hostsOfNetwork(networkId);
  if (network === undefined || group === undefined || !hosts.has(host.id)) return undefined;
  return {
    vni: network.vni,
    group,
    ...byHost(topology, host, listenersOf(topology, networkId, text)),
    carriers: countCarriers(topology, host, networkId),
  };
}

/** `id`: that of the record. Undefined when it is on no learning port of the host. */
export function learnedSource(topology: Topology, host: Host, id: string) {
  const record = topology.get('learned_mac', id);
  const plugged = record && pluggedPort(topology, record.port_id);
  const ofport = placeOn(plugged?.binding, host.id)?.ofport;
  if (record === undefined || plugged === undefined || ofport === undefined) return undefined;
  if (!learnsMacs(plugged.port) || !mayHaveMac(plugged.port, record)) return undefined;
  return { ofport, mac: parseMac(record.mac_address) ?? 0 };
}

/** In the order of their ids; hosts that nobody can send to are left out. */
function encapsOf(topology: Topology, hosts: Iterable<string>): AddressValue[] {
  return [...hosts].sort().flatMap((id) => encapOf(topology.get('host', id)) ?? []);
}

export function localPort(topology: Topology, host: Host, id: string): LocalPort | undefined {
  const plugged = pluggedPort(topology, id);
  const place = placeOn(plugged?.binding, host.id);
  if (plugged === undefined || place === undefined) return undefined;
  const facts = portFacts(plugged.port);
  const learned = learnedMacsOf(topology, plugged.port);
  return {
    vni: plugged.network.vni,
    ofport: place.ofport,
    wire: place.wire,
    facts,
    learned,
    learns: learnsMacs(plugged.port),
    unlearned: othersOf(facts).filter(({ mac }) => !learned.includes(mac)),
    groupSet: groupSetHash(plugged.port),
    answersNd: host.nd_extensions,
    qos: portQos(topology, host, plugged.port, place.ofport),
    move: portMove(topology, host, plugged),
  };
}

function portMove(topology: Topology, host: Host, { binding }: PluggedPort): PortMove | undefined {
  const other = hostsOf(binding).find((hostId) => hostId !== host.id);
  if (other === undefined) return undefined;
  const elsewhere = encapOf(topology.get('host', other));
  return { arrives: binding.host_id !== host.id, elsewhere };
}

/** Undefined when nobody judges what it sends and gets, or nobody wants to know. */
export function loggedPort(topology: Topology, host: Host, id: string): LoggedPort | undefined {
  const port = topology.get('port', id);
  const ofport = placeOn(topology.get('binding', id), host.id)?.ofport;
  if (port === undefined || ofport === undefined) return undefined;
  if (topology.groupPlacesOf(id).length === 0) return undefined;
  const events = loggedEvents(topology, port);
  return events && { id, ofport, events };
}

export function remotePort(topology: Topology, host: Host, id: string): RemotePort | undefined {
  const plugged = pluggedPort(topology, id);
  if (plugged === undefined || !isRemoteOn(topology, host.id, plugged)) return undefined;
  const encaps = placesOf(plugged.binding)
    .map(({ host_id }) => encapOf(topology.get('host', host_id)))
    .filter((encap) => encap !== undefined);
  if (encaps.length === 0) return undefined;
  return {
    vni: plugged.network.vni,
    encaps,
    facts: portFacts(plugged.port),
    learned: learnedMacsOf(topology, plugged.port),
    answersNd: host.nd_extensions,
  };
}

/** Whether a host needs to reach a port that is plugged in elsewhere. */
export function isRemoteOn(topology: Topology, hostId: string, plugged: PluggedPort): boolean {
  const { binding, network } = plugged;
  return !hostsOf(binding).includes(hostId) && topology.hostsOfNetwork(network.id).has(hostId);
}

export function shareNetwork(topology: Topology, one: string, other: string): boolean {
  if (one === other) return false;
  const networks = topology.networksOfHost(other);
  for (const id of topology.networksOfHost(one)) if (networks.has(id)) return true;
  return false;
}
