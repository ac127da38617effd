/** What a host says about itself, read from its OVSDB. */
import { isIP } from 'node:net';
import {
  bridgeDatapathType,
  bridgeOf,
  firstOf,
  type HostTables,
  interfacesOf,
  type Pairs,
  rootOf,
  systemIdOf,
  TEXT_MAX,
} from './observe.ts';
import type { HostFacts } from './types.ts';
import { findUplink } from './uplink.ts';

/** Our own keys come first, then OVN's, then Neutron's agent. */
export function factsOf(
  tables: HostTables,
  bridgeName: string,
  remoteAddress: string,
): HostFacts | undefined {
  const root = rootOf(tables);
  const id = systemIdOf(tables);
  if (root === undefined || id === undefined) return undefined;
  const ids = root.external_ids;
  const datapathType = bridgeDatapathType(tables, bridgeName);
  return {
    id,
    hostname: (ids.get('hostname') ?? id).slice(0, TEXT_MAX),
    encapIp:
      addressOf(ids, ['heddle-encap-ip', 'ovn-encap-ip']) ?? agentAddress(tables, bridgeName),
    encapType: encapTypeOf(firstOf(ids, ['heddle-encap-type', 'ovn-encap-type'])),
    ovsVersion: (root.ovs_version ?? '').slice(0, TEXT_MAX),
    datapathType: datapathType === '' ? 'system' : datapathType,
    ndExtensions: hasNdExtensions(tables, datapathType),
    egressQueues: findUplink(tables, bridgeName).uplink !== undefined,
    remoteAddress,
  };
}

export function sameFacts(one: HostFacts, other: HostFacts): boolean {
  return (Object.keys(one) as (keyof HostFacts)[]).every((key) => one[key] === other[key]);
}

/** OVN allows a list: the first type of it that we speak. */
function encapTypeOf(text: string | undefined): 'geneve' | 'vxlan' {
  const types = (text ?? '').split(',');
  return types.find((type) => type === 'geneve' || type === 'vxlan') ?? 'geneve';
}

/**
 * Neutron's agent keeps its address in the tunnels that it makes. Not those of br-int: there lies
 * our own, whose address was made of these very facts.
 */
function agentAddress(tables: HostTables, bridgeName: string): string | undefined {
  const bridge = bridgeOf(tables, bridgeName);
  const own = new Set(bridge === undefined ? [] : interfacesOf(tables, bridge));
  for (const row of tables.rows('Interface').values()) {
    const address = row.options.get('local_ip') ?? '';
    if (isIP(address) !== 0 && !own.has(row)) return address;
  }
  return undefined;
}

function addressOf(ids: Pairs, keys: readonly string[]): string | undefined {
  const address = firstOf(ids, keys) ?? '';
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Capabilities where ovs-vswitchd reports them (kernel datapath only); else by the kind: userspace
 * code can, the kernel module cannot. `dummy` among the types means that every type is userspace.
 */
function hasNdExtensions(tables: HostTables, datapathType: string): boolean {
  const root = rootOf(tables);
  const type = datapathType === '' ? 'system' : datapathType;
  const rows = tables.rows('Datapath');
  const uuid = root?.datapaths.get(type);
  const reported = uuid && rows.get(uuid)?.capabilities.get('nd_ext');
  if (reported !== undefined) return reported === 'true';
  const simulated = root?.datapath_types.includes('dummy') === true;
  return simulated || type !== 'system';
}
