/**
 * The part of a host's state that decides about packets between two ports: all that a trace needs,
 * whatever else the host holds. Ports and groups of others have no say in such a packet, except a
 * member of a group that may use one of its addresses, too.
 */
import {
  type AddressValue,
  cidrContains,
  groupSetOf,
  groupsOfSet,
  type Port,
  parseAddress,
  parseCidr,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import { type CompiledUnit, compileUnit } from './compile.ts';

export interface Between {
  /** Of one network, as the packet goes there. */
  readonly networkId: string;
  /** The sender, and the receiver if there is one. */
  readonly ports: readonly Port[];
  /** Addresses that packets have as source or destination. */
  readonly addresses: readonly AddressValue[];
}

export function compileBetween(
  topology: Topology,
  hostId: string,
  between: Between,
): Map<UnitKey, CompiledUnit> {
  const units = new Map<UnitKey, CompiledUnit>();
  for (const key of unitsBetween(topology, hostId, between)) {
    const unit = compileUnit(topology, hostId, key);
    if (unit !== undefined) units.set(key, unit);
  }
  return units;
}

/** Some of these the host has not. */
function unitsBetween(topology: Topology, hostId: string, between: Between): Set<UnitKey> {
  const keys = new Set<UnitKey>(['base', `network/${between.networkId}`]);
  for (const port of between.ports) {
    keys.add(`local-port/${port.id}`);
    keys.add(`remote-port/${port.id}`);
    const owner = topology.get('binding', port.id)?.host_id;
    if (owner !== undefined) keys.add(`peer/${owner}`);
    if (owner === hostId) for (const key of securityOf(topology, port, between)) keys.add(key);
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
  for (const remote of remotes) {
    for (const member of topology.members('portsOfGroup', remote).values()) {
      if (mayUse(member, between.addresses)) yield `group-member/${member.id}`;
    }
  }
}

function mayUse(port: Port, addresses: readonly AddressValue[]): boolean {
  const { fixed_ips, allowed_address_pairs } = port;
  const owns = fixed_ips.some(({ ip_address }) => isAmong(addresses, ip_address));
  return owns || allowed_address_pairs.some(({ ip_address }) => isAmong(addresses, ip_address));
}

function isAmong(addresses: readonly AddressValue[], text: string): boolean {
  const cidr = parseCidr(text);
  if (cidr === undefined) return addresses.includes(parseAddress(text) as AddressValue);
  return addresses.some((address) => cidrContains(cidr, address));
}
