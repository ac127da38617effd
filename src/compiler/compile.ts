/**
 * One unit of one host, or all of them. Pure: the same topology gives the same bytes, in whatever
 * order it came to be.
 */
import {
  type CookieKind,
  encodeUnit,
  type CompiledUnit as Unit,
  type UnitContent,
} from '../pipeline/index.ts';
import {
  type AddressValue,
  type Host,
  hasLearners,
  hasNames,
  hostsOf,
  learnedKeysOf,
  learnedMacsOf,
  learningPlaces,
  learnsMacs,
  listenersOf,
  loggedEvents,
  logKeysOf,
  mayHaveMac,
  multicastKeysOf,
  type Plug,
  type PluggedPort,
  parseAddress,
  parseMac,
  placeOn,
  placesOf,
  pluggedPort,
  portUnit,
  securityKeysOf,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import { tellAnnouncements } from './features/announcements.ts';
import { classifyLocalPort, classifyTunnel } from './features/classifier.ts';
import { type LoggedPort, logConnections } from './features/connection-log.ts';
import { queryMeters, takeQueries } from './features/dns.ts';
import { egressForAll, judgeEgress } from './features/egress-security.ts';
import { ingressForAll, judgeIngress } from './features/ingress-security.ts';
import {
  classifyFloods,
  floodGroups,
  floodLocalPorts,
  floodNetwork,
  forwardToLocalPort,
  forwardToRemotePort,
} from './features/l2-forwarding.ts';
import { countSource, floodUnknown, learnSources } from './features/mac-learning.ts';
import { askMetadata, metadataMeter, passSegments, puntMetadata } from './features/metadata.ts';
import { dropCopies, followConnections } from './features/moving-connections.ts';
import { floodLinkLocal, followReports, sendStream } from './features/multicast.ts';
import {
  answerFor,
  finishArpReplies,
  finishNdReplies,
  floodOwnProbes,
  floodToldQuestions,
} from './features/neighbor-responder.ts';
import { outputToLocalPort, outputToPort, outputToTunnel } from './features/output.ts';
import { checkEthSource, dropImpossibleSources } from './features/port-security-eth.ts';
import { checkIpSources, dropServers, passUnnumbered } from './features/port-security-ip.ts';
import { checkNd, checkNdAlways } from './features/port-security-nd.ts';
import { askServices, meterServices, puntServices, serviceMeter } from './features/services.ts';
import { limitStorms, stormMeters } from './features/storm-control.ts';
import { tableMisses } from './features/table-miss.ts';
import { dropSecondTags } from './features/trunks.ts';
import { admitNetwork, admitPeer } from './features/tunnel-admission.ts';
import { checkSize, tellTooBig } from './features/tunnel-mtu.ts';
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
import { type Content, groupSetHash, SECURITY_CONTENT } from './security-units.ts';
import { servicesOf } from './served.ts';
import { type CompilerSettings, DEFAULT_SETTINGS } from './settings.ts';

export type CompiledUnit = Unit<UnitKey>;

/** Kinds of units with an id, by the prefix of their key. */
type IdKind = Exclude<CookieKind, 'base' | 'conjunctions'>;

/** Whatever compiles a unit: `compileUnit` itself, or a cache in front of it. */
export type Compile = (
  topology: Topology,
  hostId: string,
  key: UnitKey,
) => CompiledUnit | undefined;

/** What a host has of a unit; undefined when it has nothing. */
export function compileUnit(
  topology: Topology,
  hostId: string,
  key: UnitKey,
  settings = DEFAULT_SETTINGS,
): CompiledUnit | undefined {
  const host = topology.get('host', hostId);
  if (host === undefined) return undefined;
  if (key === 'base') return encodeUnit(key, ['base', ''], baseContent(host, settings));
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash) as IdKind;
  const id = key.slice(slash + 1);
  const content = CONTENT[kind](topology, host, id, settings);
  return content === undefined ? undefined : encodeUnit(key, [kind, id], content);
}

/** The keys of all units that a host has. */
function unitKeysOf(topology: Topology, hostId: string): Set<UnitKey> {
  const keys = new Set<UnitKey>(['base']);
  for (const networkId of topology.networksOfHost(hostId)) {
    keys.add(`network/${networkId}`);
    for (const other of topology.hostsOfNetwork(networkId)) {
      if (other !== hostId) keys.add(`peer/${other}`);
    }
    for (const portId of topology.members('portsOfNetwork', networkId).keys()) {
      const binding = topology.get('binding', portId);
      if (binding !== undefined) keys.add(portUnit(binding, hostId));
    }
  }
  for (const key of securityKeysOf(topology, hostId)) keys.add(key);
  for (const key of logKeysOf(topology, hostId)) keys.add(key);
  for (const key of multicastKeysOf(topology, hostId)) keys.add(key);
  for (const key of learnedKeysOf(topology, hostId)) keys.add(key);
  return keys;
}

/** Everything that a host should hold, from scratch. */
export function compileHost(
  topology: Topology,
  hostId: string,
  compile: Compile = compileUnit,
): Map<UnitKey, CompiledUnit> {
  const units = new Map<UnitKey, CompiledUnit>();
  for (const key of unitKeysOf(topology, hostId)) {
    const unit = compile(topology, hostId, key);
    if (unit !== undefined) units.set(key, unit);
  }
  return units;
}

function baseContent(host: Host, { snooping }: CompilerSettings): UnitContent {
  return {
    flows: [
      ...tableMisses(),
      classifyTunnel(),
      ...dropImpossibleSources(),
      ...dropSecondTags(),
      ...dropServers(),
      ...passUnnumbered(),
      ...checkNdAlways(),
      ...egressForAll(),
      ...passSegments(),
      ...puntServices(),
      ...dropCopies(),
      ...classifyFloods(),
      ...ingressForAll(),
      ...floodToldQuestions(),
      finishArpReplies(),
      ...(host.nd_extensions ? finishNdReplies() : []),
      outputToPort(),
      ...outputToTunnel(),
      ...tellTooBig(),
      ...(snooping ? followReports() : []),
    ],
  };
}

const CONTENT: Readonly<Record<IdKind, Content>> = {
  network: (topology, host, id, { snooping, storm }) => {
    const network = carriedNetwork(topology, host, id);
    if (network === undefined) return undefined;
    return {
      flows: [
        admitNetwork(network.vni),
        ...floodNetwork(network),
        ...(snooping ? floodLinkLocal(network) : []),
        ...floodLocalPorts(network),
        ...floodUnknown(network, storm),
        checkSize(network),
        ...askServices(network),
        ...askMetadata(network),
        ...takeQueries(network),
      ],
      groups: floodGroups(network),
      meters: queryMeters(network),
    };
  },

  'local-port': (topology, host, id, { storm }) => {
    const port = localPort(topology, host, id);
    if (port === undefined) return undefined;
    return {
      flows: [
        ...classifyLocalPort(port),
        ...checkEthSource(port),
        ...checkIpSources(port),
        ...checkNd(port),
        ...judgeEgress(port),
        meterServices(port),
        puntMetadata(port),
        ...answerFor(port),
        ...floodOwnProbes(port),
        ...tellAnnouncements(port),
        ...limitStorms(port, storm),
        ...learnSources(port),
        ...followConnections(port),
        ...forwardToLocalPort(port),
        ...judgeIngress(port),
        ...outputToLocalPort(port),
      ],
      meters: [
        serviceMeter(port),
        metadataMeter(port),
        ...port.qos.egress,
        ...port.qos.ingress,
        ...stormMeters(port, storm),
      ],
    };
  },

  'remote-port': (topology, host, id) => {
    const port = remotePort(topology, host, id);
    if (port === undefined) return undefined;
    return { flows: [...answerFor(port), ...forwardToRemotePort(port)] };
  },

  peer: (topology, host, id) => {
    const encap = encapOf(topology.get('host', id));
    if (encap === undefined || !shareNetwork(topology, host.id, id)) return undefined;
    return { flows: [admitPeer(encap)] };
  },

  'port-log': (topology, host, id) => {
    const port = loggedPort(topology, host, id);
    return port && logConnections(port);
  },

  'learned-mac': (topology, host, id) => {
    const source = learnedSource(topology, host, id);
    return source && { flows: [countSource(source)] };
  },

  multicast: (topology, host, id, { snooping }) => {
    const stream = snooping ? streamGroup(topology, host, id) : undefined;
    const flows = stream === undefined ? [] : sendStream(stream);
    return flows.length === 0 ? undefined : { flows };
  },

  ...SECURITY_CONTENT,
};

function carriedNetwork(topology: Topology, host: Host, id: string): CarriedNetwork | undefined {
  const network = topology.get('network', id);
  const hosts = topology.hostsOfNetwork(id);
  if (network === undefined || !hosts.has(host.id)) return undefined;
  const localPorts = new Set<number>();
  const subports = new Set<number>();
  for (const portId of topology.localPorts(id, host.id)) {
    const place = placeOn(topology.get('binding', portId), host.id);
    if (place === undefined) continue;
    localPorts.add(place.ofport);
    if (place.wire !== undefined) subports.add(place.ofport);
  }
  return {
    vni: network.vni,
    mtu: network.mtu,
    localPorts: [...localPorts].sort((one, other) => one - other),
    subports,
    otherHosts: encapsOf(topology, othersThan(host, hosts)),
    services: servicesOf(topology, id),
    isNamed: hasNames(topology, id),
    learning: hasLearners(topology, id) ? learningOf(topology, host, id) : undefined,
  };
}

function learningOf(topology: Topology, host: Host, networkId: string): Learning {
  const places = learningPlaces(topology, networkId);
  return { ...byHost(topology, host, places), carriers: carriersOf(topology, host, networkId) };
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

function carriersOf(topology: Topology, host: Host, networkId: string): number {
  return encapsOf(topology, othersThan(host, topology.hostsOfNetwork(networkId))).length;
}

/** `id`: the network and the group, as the key of the unit has them. */
function streamGroup(topology: Topology, host: Host, id: string): StreamGroup | undefined {
  const [networkId = '', text = ''] = id.split(' ');
  const [network, group] = [topology.get('network', networkId), parseAddress(text)];
  const hosts = topology.hostsOfNetwork(networkId);
  if (network === undefined || group === undefined || !hosts.has(host.id)) return undefined;
  return {
    vni: network.vni,
    group,
    ...byHost(topology, host, listenersOf(topology, networkId, text)),
    carriers: carriersOf(topology, host, networkId),
  };
}

/** `id`: that of the record. Undefined when it is on no learning port of the host. */
function learnedSource(topology: Topology, host: Host, id: string) {
  const record = topology.get('learned_mac', id);
  const plugged = record && pluggedPort(topology, record.port_id);
  const ofport = placeOn(plugged?.binding, host.id)?.ofport;
  if (record === undefined || plugged === undefined || ofport === undefined) return undefined;
  if (!learnsMacs(plugged.port) || !mayHaveMac(plugged.port, record)) return undefined;
  return { ofport, mac: parseMac(record.mac_address) ?? 0 };
}

function othersThan(host: Host, hosts: Iterable<string>): string[] {
  return [...hosts].filter((other) => other !== host.id);
}

function encapsOf(topology: Topology, hosts: Iterable<string>): AddressValue[] {
  return [...hosts]
    .sort()
    .map((id) => encapOf(topology.get('host', id)))
    .filter((encap) => encap !== undefined);
}

function localPort(topology: Topology, host: Host, id: string): LocalPort | undefined {
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
    qos: portQos(topology, plugged.port, place.ofport),
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
function loggedPort(topology: Topology, host: Host, id: string): LoggedPort | undefined {
  const port = topology.get('port', id);
  const ofport = placeOn(topology.get('binding', id), host.id)?.ofport;
  if (port === undefined || ofport === undefined) return undefined;
  if (topology.groupPlacesOf(id).length === 0) return undefined;
  const events = loggedEvents(topology, port);
  return events && { id, ofport, events };
}

function remotePort(topology: Topology, host: Host, id: string): RemotePort | undefined {
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
