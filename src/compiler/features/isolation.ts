/**
 * Ports that are set apart in their network: not everybody hears them, nor do they hear everybody
 * (private VLANs, RFC 5517). What a sender is, is known from its port, and on other hosts from its
 * source MAC address, which port security has checked where it was sent. What goes to such a port
 * is looked at on the sender's host and on its own, so that a packet passes only where both agree.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Apart,
  Community,
  CopyIsolation,
  type FlowBuilder,
  type FlowDraft,
  Isolation,
  L2Forwarding,
  networkKey,
  Output,
  OutputPort,
  PRIORITY,
  Promiscuous,
  RemoteSender,
  type Table,
  TunnelPeer,
} from '../../pipeline/index.ts';
import type { LocalPort, RemotePort } from '../inputs.ts';
import type { PortFacts } from '../port-facts.ts';
import { ANY } from '../protocols.ts';

/** Senders that a port hears: a match for each kind of them. */
export function heardBy({ apart, community }: PortFacts): Match[] {
  if (!apart) return [ANY];
  const promiscuous = Promiscuous.field.is(Promiscuous.value);
  return community === 0 ? [promiscuous] : [promiscuous, Community.is(community)];
}

/** Says of a packet what its sender is; of one that all may hear, nothing. */
export function markSender(flow: FlowBuilder, { apart, community }: PortFacts): FlowBuilder {
  if (apart) flow.mark(Apart);
  return community === 0 ? flow : flow.load(Community, community);
}

/** Also of a local port: its VM may run at its other place. */
export function classifyRemoteSender({ vni, facts }: LocalPort | RemotePort): FlowDraft[] {
  if (!facts.apart) return [];
  const sent = { tun_id: networkKey(vni), eth_src: facts.mac };
  const flow = RemoteSender.flow(PRIORITY.normal).match(sent);
  return [markSender(flow, facts).goto(TunnelPeer)];
}

/** What is sent to the port alone. */
export function isolate({ vni, facts }: LocalPort | RemotePort): FlowDraft[] {
  const to = { metadata: networkKey(vni), eth_dst: facts.mac };
  return sieve({ table: Isolation, next: L2Forwarding }, to, facts);
}

/** What all ports need; of the rest, IngressSecurity knows who is heard. */
export function isolateCopies({ ofport, facts }: LocalPort): FlowDraft[] {
  return sieve({ table: CopyIsolation, next: Output }, OutputPort.is(ofport), facts);
}

interface Sieve {
  /** Lets through what it does not drop. */
  readonly table: Table;
  readonly next: Table;
}

function sieve({ table, next }: Sieve, to: Match, { apart, community }: PortFacts): FlowDraft[] {
  if (!apart) return [];
  const ofOthers = table.flow(PRIORITY.rest).match(to).matchMark(Apart).drop();
  if (community === 0) return [ofOthers];
  return [table.flow(PRIORITY.normal).match(to, Community.is(community)).goto(next), ofOthers];
}
