/**
 * The wire forms of networks, subnets and ports: what is derived beside what is stored, and what
 * lists can be filtered by. Attribute names are those of the Networking API v2.0.
 */
import type { Port, Topology } from '../../topology/index.ts';
import type { ViewTable } from './catalog.ts';
import { networkNotFound, portNotFound, subnetNotFound } from './errors.ts';
import type { FilterKind, Filters } from './filters.ts';
import { valuesAfter } from './filters.ts';

/** Filters that every resource has. */
const COMMON_FILTERS = {
  id: 'text',
  name: 'text',
  description: 'text',
  project_id: 'text',
  tenant_id: 'text',
  revision_number: 'integer',
  created_at: 'text',
  updated_at: 'text',
} as const satisfies Readonly<Record<string, FilterKind>>;

/** Nothing is tagged here yet, and no zone or service type is known. */
const NO_STRINGS: readonly string[] = [];

export const NETWORK_VIEW: ViewTable<'network'> = {
  kind: 'network',
  filters: {
    ...COMMON_FILTERS,
    admin_state_up: 'boolean',
    status: 'text',
    shared: 'boolean',
    mtu: 'integer',
    port_security_enabled: 'boolean',
    'router:external': 'boolean',
    'provider:network_type': 'text',
    'provider:physical_network': 'text',
    'provider:segmentation_id': 'integer',
  },
  derive: ({ id, project_id }, topology) => ({
    tenant_id: project_id,
    // A network is logical: it has nothing that could be down. Ports tell what is realised.
    status: 'ACTIVE',
    subnets: [...topology.subnetsOfNetwork(id).keys()],
    tags: NO_STRINGS,
    'provider:physical_network': null,
    availability_zone_hints: NO_STRINGS,
    availability_zones: NO_STRINGS,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
  }),
  notFound: networkNotFound,
};

export const SUBNET_VIEW: ViewTable<'subnet'> = {
  kind: 'subnet',
  filters: {
    ...COMMON_FILTERS,
    network_id: 'text',
    ip_version: 'integer',
    cidr: 'text',
    gateway_ip: 'text',
    enable_dhcp: 'boolean',
    ipv6_address_mode: 'text',
    ipv6_ra_mode: 'text',
    subnetpool_id: 'text',
  },
  derive: ({ project_id }) => ({
    tenant_id: project_id,
    tags: NO_STRINGS,
    service_types: NO_STRINGS,
    subnetpool_id: null,
  }),
  notFound: subnetNotFound,
  narrow: (filters, topology) =>
    union(filters.get('network_id'), (id) => topology.subnetsOfNetwork(id).values()),
};

/** How a host plugs a bound port (os-vif's terms): the filter is ours, the bridge is known. */
const VIF_DETAILS = {
  port_filter: true,
  connectivity: 'l2',
  ovs_hybrid_plug: false,
  bridge_name: 'br-int',
} as const;

const NO_DETAILS = {};
const NO_OPTIONS: readonly unknown[] = [];

export const PORT_VIEW: ViewTable<'port'> = {
  kind: 'port',
  filters: {
    ...COMMON_FILTERS,
    network_id: 'text',
    mac_address: 'text',
    fixed_ips: 'fixed_ips',
    admin_state_up: 'boolean',
    status: 'text',
    device_id: 'text',
    device_owner: 'text',
    port_security_enabled: 'boolean',
    'binding:host_id': 'text',
    'binding:vnic_type': 'text',
    'binding:vif_type': 'text',
  },
  derive: (port, topology) => {
    const bound = isBound(port, topology);
    return {
      tenant_id: port.project_id,
      status: portStatus(port, topology),
      tags: NO_STRINGS,
      extra_dhcp_opts: NO_OPTIONS,
      'binding:vif_type': bound ? 'ovs' : 'unbound',
      'binding:vif_details': bound ? VIF_DETAILS : NO_DETAILS,
    };
  },
  notFound: portNotFound,
  narrow: narrowPorts,
};

function portStatus(port: Port, topology: Topology): 'ACTIVE' | 'DOWN' {
  return port.admin_state_up && topology.get('status', port.id)?.active ? 'ACTIVE' : 'DOWN';
}

/** Nova reads the answer to its own `binding:host_id` at once, before anything is plugged. */
function isBound(port: Port, topology: Topology): boolean {
  return port['binding:host_id'] !== '' || topology.get('binding', port.id) !== undefined;
}

/** The index that holds the fewest candidates for the usual questions about ports. */
function narrowPorts(filters: Filters, topology: Topology): Iterable<Port> | undefined {
  const devices = filters.get('device_id');
  const subnets = valuesAfter(filters.get('fixed_ips') ?? NO_STRINGS, 'subnet_id=');
  return (
    // Ports without a device are in no index.
    (devices?.includes('')
      ? undefined
      : union(devices, (id) => topology.portsOfDevice(id).values())) ??
    (subnets.length > 0 ? portsOfSubnets(subnets, topology) : undefined) ??
    union(filters.get('network_id'), (id) => topology.portsOfNetwork(id).values())
  );
}

function* portsOfSubnets(subnets: readonly string[], topology: Topology): Iterable<Port> {
  const ids = new Set(subnets.flatMap((id) => [...topology.addressesOfSubnet(id).values()]));
  for (const id of ids) {
    const port = topology.get('port', id);
    if (port) yield port;
  }
}

/** What an index gives for each value of a filter; values of one attribute never share a record. */
function union<R>(
  values: readonly string[] | undefined,
  lookup: (value: string) => Iterable<R>,
): Iterable<R> | undefined {
  if (values === undefined) return undefined;
  return (function* all() {
    for (const value of new Set(values)) yield* lookup(value);
  })();
}
