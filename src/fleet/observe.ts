/**
 * What the fleet watches in a host's OVSDB, and what it reads from there: attachments, above all.
 * Columns are named one by one: `statistics` alone would wake us every 5 seconds, for every port.
 */
import type { SwitchConfig } from '../compiler/index.ts';
import type { BridgeRow, MonitoredRows, OpenVSwitch, Uuid } from '../ovsdb/index.ts';
import { TUNNEL_PORT } from '../pipeline/index.ts';
import type { Attachment } from './types.ts';

export const WATCHED = {
  Open_vSwitch: {
    columns: [
      'bridges',
      'manager_options',
      'external_ids',
      'ovs_version',
      'datapath_types',
      'datapaths',
    ],
  },
  Manager: { columns: ['target', 'max_backoff'] },
  Bridge: {
    columns: [
      'name',
      'datapath_id',
      'datapath_type',
      'fail_mode',
      'protocols',
      'stp_enable',
      'rstp_enable',
      'mcast_snooping_enable',
      'controller',
      'ports',
      'flow_tables',
      'other_config',
      'external_ids',
    ],
  },
  Controller: {
    columns: [
      'target',
      'type',
      'connection_mode',
      'max_backoff',
      'inactivity_probe',
      'enable_async_messages',
      'controller_rate_limit',
      'controller_burst_limit',
      'controller_queue_size',
      'other_config',
      'external_ids',
    ],
  },
  Port: { columns: ['name', 'interfaces', 'qos'] },
  Interface: {
    columns: [
      'name',
      'type',
      'options',
      'ofport',
      'ofport_request',
      'external_ids',
      'error',
      'link_speed',
    ],
  },
  Flow_Table: { columns: ['name', 'prefixes'] },
  Datapath: { columns: ['capabilities'] },
  QoS: { columns: ['type', 'queues', 'other_config', 'external_ids'] },
  Queue: { columns: ['other_config', 'external_ids'] },
} as const;

export type HostRows = MonitoredRows<OpenVSwitch, typeof WATCHED>;

/** The rows of one host; a Replica is one. */
export interface HostTables {
  rows<N extends keyof HostRows>(table: N): ReadonlyMap<Uuid, HostRows[N]>;
}

type Bridge = HostRows['Bridge'];
type Interface = HostRows['Interface'];
export type Pairs = ReadonlyMap<string, string>;

/** OpenFlow ports of devices; reserved ones lie above (OpenFlow 1.0 numbering, as OVS keeps). */
const OFPORT_MAX = 0xfeff;
export const TEXT_MAX = 255;

const NO_UUIDS: readonly Uuid[] = [];

/** The keys under which whoever plugs a VIF names its port, the most specific first. */
const VIF_KEYS = ['iface-id', 'xs-vif-uuid', 'container_id'] as const;

/** The single row of Open_vSwitch; undefined while the database is empty. */
export function rootOf(tables: HostTables): HostRows['Open_vSwitch'] | undefined {
  const [root] = tables.rows('Open_vSwitch').values();
  return root;
}

export function bridgeOf(tables: HostTables, name: string): Bridge | undefined {
  for (const bridge of tables.rows('Bridge').values()) if (bridge.name === name) return bridge;
  return undefined;
}

/** `datapath_id` as OpenFlow says it; undefined until ovs-vswitchd has made the bridge. */
export function datapathIdOf(
  bridge: Pick<BridgeRow, 'datapath_id'> | undefined,
): bigint | undefined {
  const text = bridge?.datapath_id;
  return text !== undefined && /^[0-9a-f]{16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
}

/** The host's identity; undefined when it has none, or none that fits into a record's key. */
export function systemIdOf(tables: HostTables): string | undefined {
  const id = rootOf(tables)?.external_ids.get('system-id') ?? '';
  return /^[!-~]{1,255}$/.test(id) && !id.includes('/') ? id : undefined;
}

export function interfacesOf(tables: HostTables, bridge: Pick<BridgeRow, 'ports'>): Interface[] {
  // Asked after every change of a host, over all of its ports: loops, where chains cost five times.
  const [ports, interfaces] = [tables.rows('Port'), tables.rows('Interface')];
  const rows: Interface[] = [];
  for (const port of bridge.ports) {
    for (const uuid of ports.get(port)?.interfaces ?? NO_UUIDS) {
      const row = interfaces.get(uuid);
      if (row !== undefined) rows.push(row);
    }
  }
  return rows;
}

/**
 * VIFs of the bridge that have a port number, ordered by it. Each names another port: a guest of
 * Xen has two interfaces until it has loaded its drivers, and the hypervisor says which it uses.
 */
export function attachmentsOf(tables: HostTables, bridgeName: string): Attachment[] {
  const bridge = bridgeOf(tables, bridgeName);
  if (bridge === undefined) return [];
  const vifs: Vif[] = [];
  for (const row of interfacesOf(tables, bridge)) {
    const vif = vifOf(row);
    if (vif !== undefined) vifs.push(vif);
  }
  // What comes later in the map replaces what it calls the same: idle ones first.
  vifs.sort((one, other) => Number(other.isIdle) - Number(one.isIdle) || byNumber(one, other));
  const byPort = new Map(vifs.map((vif) => [vif.item.ifaceId, vif]));
  return [...byPort.values()].sort(byNumber).map(({ item }) => item);
}

function byNumber(one: Vif, other: Vif): number {
  return one.item.ofport - other.item.ofport;
}

export function sameAttachments(one: readonly Attachment[], other: readonly Attachment[]): boolean {
  const sameAt = (item: Attachment, index: number): boolean => {
    const twin = other[index];
    return (
      item === twin ||
      (twin !== undefined &&
        item.ofport === twin.ofport &&
        item.ifaceId === twin.ifaceId &&
        item.interface === twin.interface)
    );
  };
  return one.length === other.length && one.every(sameAt);
}

/**
 * Why the tunnel is not what the flows take it for; undefined while it is, or is not there yet.
 * Flows name its port number: with another one they would send what is meant for it to somebody's
 * VIF.
 */
export function tunnelProblem(
  tables: HostTables,
  name: string,
  ofport: number,
): string | undefined {
  for (const row of tables.rows('Interface').values()) {
    if (row.name !== name) continue;
    if (row.error !== undefined) return `the tunnel ${name} failed: ${row.error}`;
    if (row.ofport === undefined || row.ofport === ofport) return undefined;
    return `the tunnel ${name} got port ${row.ofport} instead of ${ofport}`;
  }
  return undefined;
}

/**
 * Whether another port of the bridge has the number that flows take for the tunnel's: they would
 * send the traffic of other hosts to it.
 */
export function isTunnelTaken(tables: HostTables, config: SwitchConfig): boolean {
  const bridge = bridgeOf(tables, config.bridge);
  const rows = bridge === undefined ? [] : interfacesOf(tables, bridge);
  return rows.some(({ name, ofport }) => ofport === config.tunnelPort && name !== config.tunnel);
}

/**
 * The `datapath_type` of a bridge that we make: what the host asks for, else none (`system`). A
 * bridge that exists keeps its own unless the host asks, because changing it makes it anew.
 */
export function bridgeDatapathType(tables: HostTables, bridgeName: string): string {
  const ids: Pairs = rootOf(tables)?.external_ids ?? new Map();
  const asked = firstOf(ids, ['heddle-datapath-type', 'ovn-bridge-datapath-type']);
  if (asked === 'netdev' || asked === 'system') return asked;
  return bridgeOf(tables, bridgeName)?.datapath_type ?? '';
}

/** An interface that names a port, and whether the hypervisor says that nobody uses it. */
interface Vif {
  readonly item: Attachment;
  readonly isIdle: boolean;
}

/** Rows are replaced and never altered: what one says is read once. */
const vifs = new WeakMap<Interface, Vif | 'none'>();

function vifOf(row: Interface): Vif | undefined {
  const known = vifs.get(row) ?? readVif(row) ?? 'none';
  vifs.set(row, known);
  return known === 'none' ? undefined : known;
}

function readVif({ name, ofport, external_ids: ids }: Interface): Vif | undefined {
  const ifaceId = firstOf(ids, VIF_KEYS);
  if (ifaceId === undefined || ifaceId.length > TEXT_MAX) return undefined;
  if (name.length > TEXT_MAX) return undefined;
  if (ofport === undefined || ofport < 1 || ofport > OFPORT_MAX) return undefined;
  if (ofport === TUNNEL_PORT) return undefined;
  const isIdle = ids.get('iface-status') === 'inactive';
  return { item: { interface: name, ofport, ifaceId }, isIdle };
}

export function firstOf(pairs: Pairs, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = pairs.get(key);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
