/** Whole, valid records for tests and benchmarks, which say only what matters to them. */
import type {
  Binding,
  Host,
  Network,
  Port,
  QosPolicy,
  Status,
  Subnet,
} from '../src/topology/index.ts';

const TIME = '2026-01-01T00:00:00Z';
const STAMPS = { tags: [], revision_number: 1, created_at: TIME, updated_at: TIME };

export function network(id: string, vni: number, more: Partial<Network> = {}): Network {
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    admin_state_up: true,
    mtu: 1442,
    port_security_enabled: true,
    'router:external': false,
    is_default: false,
    'provider:network_type': 'geneve',
    'provider:physical_network': null,
    'provider:segmentation_id': vni,
    vni,
    qos_policy_id: null,
    ...STAMPS,
    ...more,
  };
}

export function subnet(id: string, networkId: string, more: Partial<Subnet> = {}): Subnet {
  return {
    id,
    network_id: networkId,
    project_id: 'tenant',
    name: '',
    description: '',
    ip_version: 4,
    cidr: '10.0.0.0/24',
    gateway_ip: null,
    allocation_pools: [],
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    ...STAMPS,
    ...more,
  };
}

export function port(
  id: string,
  at: { network: string; mac: string; ips: readonly string[] },
  more: Partial<Port> = {},
): Port {
  return {
    id,
    network_id: at.network,
    project_id: 'tenant',
    name: id,
    description: '',
    mac_address: at.mac,
    fixed_ips: at.ips.map((ip_address) => ({ subnet_id: `subnet-${at.network}`, ip_address })),
    admin_state_up: true,
    device_id: '',
    device_owner: '',
    port_security_enabled: true,
    security_groups: [],
    allowed_address_pairs: [],
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:profile': {},
    qos_policy_id: null,
    ...STAMPS,
    ...more,
  };
}

export function qosPolicy(id: string, more: Partial<QosPolicy> = {}): QosPolicy {
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    is_default: false,
    ...STAMPS,
    ...more,
  };
}

export function host(id: string, encap_ip: string, more: Partial<Host> = {}): Host {
  return {
    id,
    hostname: id,
    encap_ip,
    encap_type: 'geneve',
    ovs_version: '3.1.0',
    nd_extensions: true,
    enrolled_at: TIME,
    ...more,
  };
}

export function binding(port_id: string, host_id: string, ofport: number): Binding {
  return { port_id, host_id, ofport, interface_name: `tap-${port_id}` };
}

export function status(port_id: string, host_id: string, active: boolean): Status {
  return { port_id, host_id, active, revision: 1 };
}
