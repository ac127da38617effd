/**
 * One unit of one host, or all of them. Pure: the same topology gives the same bytes, in whatever
 * order it came to be.
 */
import {
  type CookieKind,
  encodeUnit,
  type FlowDraft,
  type CompiledUnit as Unit,
  type UnitContent,
} from '../pipeline/index.ts';
import {
  type Host,
  learnedKeysOf,
  logKeysOf,
  multicastKeysOf,
  portUnit,
  securityKeysOf,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import { tellAnnouncements } from './features/announcements.ts';
import { classifyLocalPort, classifyTunnel } from './features/classifier.ts';
import { logConnections } from './features/connection-log.ts';
import { queryMeters, takeQueries } from './features/dns.ts';
import { egressForAll, judgeEgress } from './features/egress-security.ts';
import { ingressForAll, judgeIngress } from './features/ingress-security.ts';
import { classifyRemoteSender, isolate, isolateCopies } from './features/isolation.ts';
import {
  classifyFloods,
  floodHostsGroup,
  floodLocalGroups,
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
  carriedNetwork,
  learnedSource,
  localPort,
  loggedPort,
  remotePort,
  shareNetwork,
  streamGroup,
} from './host-view.ts';
import { type CarriedNetwork, encapOf } from './inputs.ts';
import { type Content, SECURITY_CONTENT } from './security-units.ts';
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

export function networkFlows(
  network: CarriedNetwork,
  { snooping, storm }: CompilerSettings,
): FlowDraft[] {
  return [
    admitNetwork(network.vni),
    ...floodNetwork(network),
    ...(snooping ? floodLinkLocal(network) : []),
    ...floodLocalPorts(network),
    ...floodUnknown(network, storm),
    checkSize(network),
    ...askServices(network),
    ...askMetadata(network),
    ...takeQueries(network),
  ];
}

/** What a host has of a network besides its flows and the groups of other hosts. */
export function networkRest(network: CarriedNetwork) {
  return { groups: floodLocalGroups(network), meters: queryMeters(network) };
}

const CONTENT: Readonly<Record<IdKind, Content>> = {
  network: (topology, host, id, settings) => {
    const network = carriedNetwork(topology, host, id);
    if (network === undefined) return undefined;
    const { groups, meters } = networkRest(network);
    const copies = network.otherHosts.map((hosts, at) => floodHostsGroup(network.vni, at, hosts));
    return { flows: networkFlows(network, settings), groups: [...copies, ...groups], meters };
  },

  'local-port': (topology, host, id, { storm }) => {
    const port = localPort(topology, host, id);
    if (port === undefined) return undefined;
    return {
      flows: [
        ...classifyLocalPort(port),
        ...classifyRemoteSender(port),
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
        ...isolate(port),
        ...forwardToLocalPort(port),
        ...isolateCopies(port),
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
      queues: port.qos.queue === undefined ? [] : [port.qos.queue],
    };
  },

  'remote-port': (topology, host, id) => {
    const port = remotePort(topology, host, id);
    if (port === undefined) return undefined;
    return {
      flows: [
        ...classifyRemoteSender(port),
        ...answerFor(port),
        ...isolate(port),
        ...forwardToRemotePort(port),
      ],
    };
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
