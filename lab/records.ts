/** Whole, valid records for tests and benchmarks, which say only what matters to them. */
import type {
  AddressGroup,
  Binding,
  FloatingIp,
  Host,
  Network,
  NetworkLog,
  Port,
  QosPolicy,
  QosRule,
  Router,
  SecurityGroup,
  SecurityGroupRule,
  Status,
  Subnet,
  Trunk,
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
    dns_domain: '',
    availability_zone_hints: [],
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
    subnetpool_id: null,
    allocation_pools: [],
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    service_types: [],
    dns_publish_fixed_ip: false,
    segment_id: null,
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
    mac_learning_enabled: false,
    security_groups: [],
    allowed_address_pairs: [],
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:profile': {},
    extra_dhcp_opts: [],
    dns_name: '',
    dns_domain: '',
    ip_allocation: 'immediate',
    propagate_uplink_status: true,
    data_plane_status: null,
    device_profile: null,
    numa_affinity_policy: null,
    qos_policy_id: null,
    isolation: null,
    isolation_community: null,
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

type RuleContent<R extends QosRule> = R extends QosRule ? Omit<R, 'id' | 'qos_policy_id'> : never;

export function qosRule(id: string, policyId: string, rule: RuleContent<QosRule>): QosRule {
  return { ...rule, id, qos_policy_id: policyId } as QosRule;
}

export function securityGroup(
  id: string,
  number: number,
  more: Partial<SecurityGroup> = {},
): SecurityGroup {
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    stateful: true,
    is_default: false,
    number,
    ...STAMPS,
    ...more,
  };
}

/** Lets in everything of IPv4 unless more is said. */
export function securityGroupRule(
  id: string,
  groupId: string,
  more: Partial<SecurityGroupRule> = {},
): SecurityGroupRule {
  return {
    id,
    project_id: 'tenant',
    security_group_id: groupId,
    description: '',
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: null,
    remote_group_id: null,
    remote_address_group_id: null,
    ...STAMPS,
    ...more,
  };
}

export function networkLog(id: string, more: Partial<NetworkLog> = {}): NetworkLog {
  const { tags: _, ...stamps } = STAMPS;
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    enabled: true,
    resource_type: 'security_group',
    resource_id: null,
    target_id: null,
    event: 'ALL',
    ...stamps,
    ...more,
  };
}

export function addressGroup(id: string, addresses: readonly string[]): AddressGroup {
  return { id, project_id: 'tenant', name: id, description: '', addresses, ...STAMPS };
}

export function router(id: string, more: Partial<Router> = {}): Router {
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    admin_state_up: true,
    distributed: false,
    ha: false,
    availability_zone_hints: [],
    enable_snat: true,
    qos_policy_id: null,
    gateway_port_id: null,
    interface_port_ids: [],
    routes: [],
    ...STAMPS,
    ...more,
  };
}

export function floatingIp(
  id: string,
  at: { network: string; ip: string; port: string },
  more: Partial<FloatingIp> = {},
): FloatingIp {
  return {
    id,
    project_id: 'tenant',
    description: '',
    floating_network_id: at.network,
    floating_ip_address: at.ip,
    floating_port_id: at.port,
    port_id: null,
    fixed_ip_address: null,
    router_id: null,
    gateway_port_id: null,
    interface_port_id: null,
    qos_policy_id: null,
    dns_name: '',
    dns_domain: '',
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
    egress_queues: false,
    enrolled_at: TIME,
    ...more,
  };
}

/** A trunk whose subports are in these VLANs. */
export function trunk(id: string, parent: string, vlans: Readonly<Record<string, number>>): Trunk {
  const sub_ports = Object.entries(vlans).map(
    ([port_id, segmentation_id]) =>
      ({ port_id, segmentation_type: 'vlan', segmentation_id }) as const,
  );
  return {
    id,
    project_id: 'tenant',
    name: id,
    description: '',
    admin_state_up: true,
    port_id: parent,
    sub_ports,
    ...STAMPS,
  };
}

export function binding(port_id: string, host_id: string, ofport: number): Binding {
  return { port_id, host_id, ofport, interface_name: `tap-${port_id}` };
}

export function status(port_id: string, host_id: string, active: boolean): Status {
  return { port_id, host_id, active, revision: 1 };
}
