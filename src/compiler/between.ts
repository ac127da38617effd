/**
 * The part of a host's state that decides about packets between two ports: all that a trace needs,
 * whatever else the host holds. Ports and groups of others have no say in such a packet, except a
 * member of a group that may use one of its addresses, too.
 */

import type { CompiledUnit as Unit } from '../pipeline/index.ts';
import {
  type AddressValue,
  cidrContains,
  formatAddress,
  groupSetOf,
  groupsOfSet,
  hostsOf,
  isStreamGroup,
  multicastKey,
  type Port,
  parseCidr,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import { compileUnit } from './compile.ts';

export interface Between {
  /** Of one network, as the packet goes there. */
  readonly networkId: string;
  /** The sender, and the receiver if there is one. */
  readonly ports: readonly Port[];
  /** Addresses that packets have as source or destination. */
  readonly addresses: readonly AddressValue[];
}

type Units = ReadonlyMap<string, Unit>;

/** `held`: all units of the host, where they are at hand; otherwise they are compiled. */
export function compileBetween(
  topology: Topology,
  hostId: string,
  { held, ...between }: Between & { readonly held: Units | undefined },
): Map<UnitKey, Unit> {
  const units = new Map<UnitKey, Unit>();
  for (const key of unitsBetween(topology, hostId, between)) {
    const unit = held === undefined ? compileUnit(topology, hostId, key) : held.get(key);
    if (unit !== undefined) units.set(key, unit);
  }
  return units;
}

/** Some of these the host has not. */
function unitsBetween(topology: Topology, hostId: string, between: Between): Set<UnitKey> {
  const keys = new Set<UnitKey>(['base', `network/${between.networkId}`]);
  for (const address of between.addresses) {
    if (isStreamGroup(address)) keys.add(multicastKey(between.networkId, formatAddress(address)));
  }
  for (const port of between.ports) {
    keys.add(`local-port/${port.id}`);
    keys.add(`remote-port/${port.id}`);
    for (const id of topology.members('learnedMacsOfPort', port.id).keys()) {
      keys.add(`learned-mac/${id}`);
    }
    const owners = hostsOf(topology.get('binding', port.id));
    for (const owner of owners) keys.add(`peer/${owner}`);
    if (!owners.includes(hostId)) continue;
    for (const key of securityOf(topology, port, between)) keys.add(key);
  }
  return keys;
}

function* securityOf(topology: Topology, port: Port, between: Between): Generator<UnitKey> {
  const set = groupSetOf(port);
  if (set === undefined) return;
  yield `group-set/${set}`;
  const remotes = new Set<string>();
  for (const groupId of groupsOfSet(set)) {
    yield `security-group/${groupId}`;
    for (const { rules, remote } of topology.clausesOf(groupId).values()) {
      for (const { id } of rules) yield `security-group-rule/${id}`;
      if (remote.type === 'address-group') yield `address-group/${remote.id}`;
      if (remote.type === 'group') remotes.add(remote.id);
    }
  }
  const texts = new Set(between.addresses.map(formatAddress));
  for (const remote of remotes) {
    for (const member of topology.members('portsOfGroup', remote).values()) {
      if (mayUse(member, between.addresses, texts)) yield `group-member/${member.id}`;
    }
  }
}

/** Addresses of ports are canonical text: few have to be read. */
function mayUse(port: Port, addresses: readonly AddressValue[], texts: ReadonlySet<string>) {
  if (port.fixed_ips.some(({ ip_address }) => texts.has(ip_address))) return true;
  return port.allowed_address_pairs.some(({ ip_address }) => {
    const cidr = parseCidr(ip_address);
    if (cidr === undefined) return texts.has(ip_address);
    return addresses.some((address) => cidrContains(cidr, address));
  });
}
