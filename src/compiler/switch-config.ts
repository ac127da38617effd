/**
 * What a host's OVSDB must hold before any flow goes in. Open vSwitch's own defaults are unsafe for
 * us: a bridge without `fail_mode` becomes a learning switch that joins tenants.
 *
 * Plain data: one setting a row, each with its reason. A setting with a `key` is one entry of a map
 * column and leaves the other entries alone.
 */
import { PortSecurityIp, TABLES, TUNNEL_PORT } from '../pipeline/index.ts';
import type { Host } from '../topology/index.ts';

export type ConfigTable = 'Bridge' | 'Interface' | 'Controller' | 'Manager' | 'Flow_Table';

export interface Setting {
  /**
   * Bridge: br-int. Interface: the tunnel's. Controller: the bridge's row for us. Manager: the row
   * of the target that brought the host to us.
   */
  readonly table: ConfigTable;
  /** Flow_Table only: the key in the bridge's `flow_tables`. */
  readonly flowTable?: number;
  readonly column: string;
  readonly key?: string;
  readonly value: string | number | boolean | readonly string[];
  readonly reason: string;
}

export interface SwitchConfig {
  readonly bridge: string;
  /** Name of the tunnel's Port and Interface. */
  readonly tunnel: string;
  /** OpenFlow port that the tunnel must have got: flows name it. */
  readonly tunnelPort: number;
  readonly settings: readonly Setting[];
}

export const INTEGRATION_BRIDGE = 'br-int';
const TUNNEL_NAME = 'heddle-tun';

export function switchConfig(host: Host): SwitchConfig {
  return {
    bridge: INTEGRATION_BRIDGE,
    tunnel: TUNNEL_NAME,
    tunnelPort: TUNNEL_PORT,
    settings: [
      ...BRIDGE,
      ...CONTROLLER,
      ...MANAGER,
      ...tunnelSettings(host),
      ...flowTableSettings(),
    ],
  };
}

// biome-ignore format: a table, one setting a row.
const BRIDGE: readonly Setting[] = [
  { table: 'Bridge', column: 'fail_mode', value: 'secure', reason: 'Without a controller keep forwarding by the flows; never learn addresses across tenants.' },
  { table: 'Bridge', column: 'protocols', value: ['OpenFlow15'], reason: 'The one version that we speak; an older client cannot change flows by accident.' },
  { table: 'Bridge', column: 'mcast_snooping_enable', value: false, reason: 'Multicast goes by our groups.' },
  { table: 'Bridge', column: 'stp_enable', value: false, reason: 'No flow makes a loop; spanning tree would block ports and send frames of its own.' },
  { table: 'Bridge', column: 'rstp_enable', value: false, reason: 'As stp_enable.' },
  { table: 'Bridge', column: 'other_config', key: 'disable-in-band', value: 'true', reason: 'In-band control adds hidden flows that no dump shows.' },
  { table: 'Bridge', column: 'other_config', key: 'forward-bpdu', value: 'false', reason: 'Spanning tree of a guest stays with the guest.' },
];

// biome-ignore format: a table, one setting a row.
const CONTROLLER: readonly Setting[] = [
  { table: 'Controller', column: 'connection_mode', value: 'out-of-band', reason: 'Unset means in-band, with hidden flows.' },
  { table: 'Controller', column: 'max_backoff', value: 1000, reason: 'Milliseconds, the least allowed: a restarted controller is found again within a second.' },
  { table: 'Controller', column: 'inactivity_probe', value: 5000, reason: 'Milliseconds, the least that has an effect.' },
  { table: 'Controller', column: 'controller_rate_limit', value: 1000, reason: 'Packets a second to the controller; unlimited otherwise.' },
  { table: 'Controller', column: 'controller_burst_limit', value: 1000, reason: 'Packets that may come at once: as many VMs may boot together. By default a quarter.' },
  { table: 'Controller', column: 'enable_async_messages', value: false, reason: 'Nothing comes that was not asked for: ports are watched through OVSDB.' },
];

// biome-ignore format: a table, one setting a row.
const MANAGER: readonly Setting[] = [
  { table: 'Manager', column: 'max_backoff', value: 1000, reason: 'As for the controller; the default is 8 seconds.' },
];

function tunnelSettings(host: Host): Setting[] {
  const table = 'Interface';
  const option = (key: string, value: string, reason: string): Setting => ({
    table,
    column: 'options',
    key,
    value,
    reason,
  });
  return [
    {
      table,
      column: 'type',
      value: host.encap_type,
      reason: 'One tunnel port, however many peers.',
    },
    {
      table,
      column: 'ofport_request',
      value: TUNNEL_PORT,
      reason: 'The same number on every host: units for all hosts are encoded once.',
    },
    option('remote_ip', 'flow', 'The flow names the peer; no port a peer.'),
    option('key', 'flow', 'The flow names the network.'),
    option('local_ip', host.encap_ip, 'Peers admit packets from this source address only.'),
    option('csum', 'true', 'The outer checksum protects the VNI, and lets receivers coalesce.'),
    option('df_default', 'true', 'A packet too large for the underlay is dropped, not fragmented.'),
  ];
}

function flowTableSettings(): Setting[] {
  const names = TABLES.map(
    (table): Setting => ({
      table: 'Flow_Table',
      flowTable: table.id,
      column: 'name',
      value: table.name,
      reason: 'ovs-ofctl --names shows the pipeline by name.',
    }),
  );
  return [
    ...names,
    {
      table: 'Flow_Table',
      flowTable: PortSecurityIp.id,
      column: 'prefixes',
      value: ['ip_src', 'ipv6_src'],
      reason: 'IPv6 is not tracked by default; each guest address would cost a datapath flow.',
    },
  ];
}
