/** What features are given: plain facts, looked up in the topology beforehand. */

import type { OfferedService } from '../pipeline/index.ts';
import { type AddressValue, type Host, parseAddress, type Wire } from '../topology/index.ts';
import type { HostChunk } from './host-chunks.ts';
import type { PortFacts, Sender } from './port-facts.ts';
import type { PortQos } from './port-qos.ts';

export interface LocalPort {
  readonly vni: number;
  /** Its number on its host. */
  readonly ofport: number;
  /** Of a subport: where its packets are. */
  readonly wire: Wire | undefined;
  readonly facts: PortFacts;
  /** Hash of its security groups; undefined when nobody judges what it sends and gets. */
  readonly groupSet: bigint | undefined;
  /** Whether this switch can turn a neighbour solicitation into an advertisement. */
  readonly answersNd: boolean;
  readonly qos: PortQos;
  /** MAC addresses that it has now besides its own. */
  readonly learned: readonly number[];
  /** Whether it may have others than intent knows. */
  readonly learns: boolean;
  /** Others that it may have: it has not said so, or another port has since. */
  readonly unlearned: readonly Sender[];
  /** While its VM moves. */
  readonly move: PortMove | undefined;
}

export interface PortMove {
  /** Whether the VM arrives here; else it runs here. */
  readonly arrives: boolean;
  /** The tunnel address of the other place, if it has one. */
  readonly elsewhere: AddressValue | undefined;
}

export interface RemotePort {
  readonly vni: number;
  /** Where its host receives tunnel packets, or its two hosts while its VM moves. */
  readonly encaps: readonly AddressValue[];
  readonly facts: PortFacts;
  /** MAC addresses that it has now besides its own. */
  readonly learned: readonly number[];
  readonly answersNd: boolean;
}

/** One network on one host. */
export interface CarriedNetwork {
  readonly vni: number;
  /** Bytes of the largest IP packet that tunnels carry. */
  readonly mtu: number;
  /** Numbers of the ports of the network on this host, ascending. */
  readonly localPorts: readonly number[];
  /** Those of them that are subports. */
  readonly subports: ReadonlySet<number>;
  /** Those that do not hear everybody. */
  readonly apart: ReadonlySet<number>;
  /** The other hosts that carry it. */
  readonly otherHosts: readonly HostChunk[];
  /** What its ports may ask the controller for, in the order of `SERVICES`. */
  readonly services: readonly OfferedService[];
  /** Whether a port of it, wherever, has a name. */
  readonly isNamed: boolean;
  /** Undefined where no port learns MAC addresses. */
  readonly learning: Learning | undefined;
}

/** The MAC-learning ports of one network, as one host sees them. */
export interface Learning {
  /** Numbers of those on this host, ascending. */
  readonly localPorts: readonly number[];
  /** Tunnel addresses of the other hosts with such ports. */
  readonly otherHosts: readonly AddressValue[];
  /** How many other hosts carry the network. */
  readonly carriers: number;
}

/** A multicast group of one network on one host, which anybody listens to. */
export interface StreamGroup {
  readonly vni: number;
  readonly group: AddressValue;
  /** Numbers of the ports on this host that listen, ascending. */
  readonly localPorts: readonly number[];
  /** Tunnel addresses of the other hosts with ports that listen. */
  readonly otherHosts: readonly AddressValue[];
  /** How many other hosts carry the network. */
  readonly carriers: number;
}

/** Undefined when the host gave an address that means nothing: then nobody can send to it. */
export function encapOf(host: Host | undefined): AddressValue | undefined {
  if (host === undefined) return undefined;
  const encap = encaps.get(host) ?? parseAddress(host.encap_ip) ?? 'none';
  encaps.set(host, encap);
  return encap === 'none' ? undefined : encap;
}

/** Records are replaced and never altered: what one says is read once. */
const encaps = new WeakMap<Host, AddressValue | 'none'>();
