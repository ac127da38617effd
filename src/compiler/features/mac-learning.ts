/**
 * Tables MacLearning, UnknownUnicast, LearningHosts and LearningPorts: ports behind which are more
 * MAC addresses than intent knows (a nested bridge).
 *
 * What such a port sends from another address than those that it has is told to the controller, as
 * an announcement (announcements.ts): 14 bytes, within the limit of the port for services. An
 * address that it has takes a flow that tells nothing and counts how long it is used; a port that
 * has as many as it may tells nothing any more, whatever it sends.
 *
 * What is for an address that nobody has goes to all such ports of the network, and to nobody else,
 * within the sender's limit of what it sends to many.
 */
import {
  type FlowDraft,
  FromPort,
  IngressSecurity,
  InPort,
  Isolation,
  L2Forwarding,
  LearningHosts,
  LearningPorts,
  MacLearning,
  networkKey,
  OutputPort,
  PRIORITY,
  portMeter,
  StormControl,
  type Telling,
  UnknownUnicast,
} from '../../pipeline/index.ts';
import { LEARNED_OF_PORT_MAX, SERVICE_MAC } from '../../topology/index.ts';
import type { CarriedNetwork, LocalPort } from '../inputs.ts';
import type { CompilerSettings } from '../settings.ts';
import { copiesToHosts } from './multicast.ts';

/** Of a port: which of its source addresses are news. */
export function learnSources({ ofport, facts, learns, learned }: LocalPort): FlowDraft[] {
  if (!learns) return [];
  const from = InPort.is(ofport);
  const isFull = learned.length >= LEARNED_OF_PORT_MAX;
  return [
    StormControl.flow(PRIORITY.rest).match(from).goto(MacLearning),
    MacLearning.flow(PRIORITY.normal).match(from, { eth_src: facts.mac }).goto(Isolation),
    ...(isFull ? [] : [tellSource(ofport)]),
  ];
}

function tellSource(ofport: number): FlowDraft {
  const atMost: Telling = {
    parameters: Buffer.alloc(0),
    meterId: portMeter('services', ofport),
    maxLength: ETHERNET_BYTES,
  };
  return MacLearning.flow(PRIORITY.rest)
    .match(InPort.is(ofport))
    .tell('announcement', atMost)
    .goto(Isolation);
}

const ETHERNET_BYTES = 14;

/** An address that a port has, on the port's own host. */
export function countSource(at: { readonly ofport: number; readonly mac: number }): FlowDraft {
  return MacLearning.flow(PRIORITY.learned)
    .match(InPort.is(at.ofport), { eth_src: at.mac })
    .goto(Isolation);
}

/**
 * Unknown unicast. That of the address of services is nobody's: what is left of it here, no service
 * has taken.
 */
export function floodUnknown(network: CarriedNetwork, storm: CompilerSettings['storm']) {
  const { vni, localPorts, learning } = network;
  const metadata = networkKey(vni);
  const rest = L2Forwarding.flow(PRIORITY.rest).match({ metadata });
  if (learning === undefined) return [rest.drop()];
  const flows = [
    rest.goto(UnknownUnicast),
    L2Forwarding.flow(PRIORITY.learned).match({ metadata, eth_dst: SERVICE_MAC }).drop(),
    ...(storm === undefined ? [] : localPorts.map(limitUnknown)),
  ];
  if (learning.otherHosts.length > 0) {
    const toAll = LearningHosts.flow(PRIORITY.normal).match({ metadata }).matchMark(FromPort);
    flows.push(toAll.clone(copiesToHosts({ vni, ...learning })).goto(LearningPorts));
  }
  if (learning.localPorts.length > 0) {
    const toLocal = LearningPorts.flow(PRIORITY.normal).match({ metadata });
    for (const port of learning.localPorts) toLocal.copy(OutputPort, port, IngressSecurity);
    flows.push(toLocal.done());
  }
  return flows;
}

/** The meter is that of broadcast and multicast (storm-control.ts). */
function limitUnknown(ofport: number): FlowDraft {
  return UnknownUnicast.flow(PRIORITY.normal)
    .match(InPort.is(ofport))
    .meter(portMeter('storm', ofport))
    .goto(LearningHosts);
}
