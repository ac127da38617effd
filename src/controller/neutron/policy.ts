/**
 * Who may do what: the one readable table, after Neutron's own defaults. An action has a rule, and
 * so may an attribute within an action (`create_network:shared`): whoever names it must satisfy
 * both; `get_…:attribute` hides the attribute from others. What has no row is its owner's.
 */
import { type Intent, intentError, isShared } from '../../topology/index.ts';
import type { Requester } from './requester.ts';

/** What rules look at: the record that is asked for, as it is or would become. */
export interface Target {
  readonly id?: string;
  readonly project_id?: string;
  readonly network_id?: string;
  readonly security_group_id?: string;
  readonly device_owner?: string;
  readonly qos_policy_id?: string | null;
  readonly metering_label_id?: string;
}

type Rule = (who: Requester, target: Target, topology: Intent) => boolean;

const isOwner: Rule = (who, { project_id }) => project_id === who.projectId;

const RULES = {
  any: () => true,
  admin: () => false,
  owner: isOwner,
  /** The resource is open to the requester's project by an RBAC policy. */
  shared: (who, { id }, topology) => id !== undefined && isShared(topology, id, who.projectId),
  external: (who, { id }, topology) =>
    id !== undefined && isShared(topology, id, who.projectId, 'access_as_external'),
  /** Of the network that the resource is in. */
  networkShared: (who, { network_id }, topology) =>
    network_id !== undefined && isShared(topology, network_id, who.projectId),
  networkOwner: (who, { network_id }, topology) =>
    network_id !== undefined && isOwner(who, topology.get('network', network_id) ?? {}, topology),
  /** Of the security group that the rule is in. */
  groupOwner: (who, { security_group_id: id }, topology) =>
    id !== undefined && isOwner(who, topology.get('security_group', id) ?? {}, topology),
  /** A group that the requester cannot see is refused as one that does not exist. */
  groupHidden: (who, { security_group_id: id = '' }, topology) => {
    const group = topology.get('security_group', id);
    return group === undefined || !isAllowed('get_security_group', who, group, topology);
  },
  /** No port that pretends to be the network's own: these are trusted. */
  plainDevice: (_who, { device_owner }) => device_owner?.startsWith('network:') !== true,
  meteringLabelOwner: (who, { metering_label_id: id }, topology) =>
    id !== undefined && isOwner(who, topology.get('metering_label', id) ?? {}, topology),
  /** The resource is a rule of a QoS policy that the requester can see. */
  qosPolicyReader: (who, { qos_policy_id: id }, topology) => {
    const policy = typeof id === 'string' ? topology.get('qos_policy', id) : undefined;
    return policy !== undefined && isAllowed('get_policy', who, policy, topology);
  },
} as const satisfies Readonly<Record<string, Rule>>;

type RuleName = keyof typeof RULES;

// biome-ignore format: a table, one rule a row.
const POLICY: Readonly<Record<string, readonly RuleName[]>> = {
  'get_network': ['owner', 'shared', 'external'],
  'create_network:shared': ['admin'],
  'create_network:router:external': ['admin'],
  'create_network:provider:network_type': ['admin'],
  'create_network:provider:physical_network': ['admin'],
  'create_network:provider:segmentation_id': ['admin'],
  'get_network:provider:network_type': ['admin'],
  'get_network:provider:physical_network': ['admin'],
  'get_network:provider:segmentation_id': ['admin'],
  'update_network:shared': ['admin'],
  'create_network:is_default': ['admin'],
  'update_network:router:external': ['admin'],
  'update_network:is_default': ['admin'],

  'get_subnet': ['owner', 'networkShared'],
  'create_subnet': ['networkOwner'],
  'create_subnet:segment_id': ['admin'],
  'create_subnet:service_types': ['admin'],
  'get_subnet:segment_id': ['admin'],
  'update_subnet:segment_id': ['admin'],
  'update_subnet:service_types': ['admin'],
  'update_subnet': ['networkOwner'],
  'delete_subnet': ['networkOwner'],

  'get_subnetpool': ['owner', 'shared'],
  'create_subnetpool:shared': ['admin'],
  'create_subnetpool:is_default': ['admin'],
  'update_subnetpool:is_default': ['admin'],
  'get_address_scope': ['owner', 'shared'],
  'create_address_scope:shared': ['admin'],
  'update_address_scope:shared': ['admin'],

  'get_agent': ['admin'],
  'get_dhcp-agents': ['admin'],
  'get_dhcp-networks': ['admin'],
  'create_dhcp-network': ['admin'],
  'delete_dhcp-network': ['admin'],
  'get_l3-agents': ['admin'],
  'get_l3-routers': ['admin'],
  'create_l3-router': ['admin'],
  'delete_l3-router': ['admin'],
  'get_network_ip_availability': ['admin'],
  'get_availability_zone': ['any'],

  'create_port:device_owner': ['plainDevice', 'networkOwner'],
  'create_port:mac_address': ['networkOwner'],
  'create_port:fixed_ips': ['networkOwner'],
  'create_port:port_security_enabled': ['networkOwner'],
  'create_port:mac_learning_enabled': ['networkOwner'],
  'create_port:allowed_address_pairs': ['networkOwner'],
  'create_port:isolation': ['networkOwner'],
  'create_port:isolation_community': ['networkOwner'],
  'get_port_binding': ['admin'],
  'create_port_binding': ['admin'],
  'update_port_binding': ['admin'],
  'activate_port_binding': ['admin'],
  'delete_port_binding': ['admin'],
  'create_port:binding:host_id': ['admin'],
  'create_port:binding:profile': ['admin'],
  'get_port': ['owner', 'networkOwner'],
  'get_port:binding:host_id': ['admin'],
  'get_port:binding:profile': ['admin'],
  'get_port:binding:vif_type': ['admin'],
  'get_port:binding:vif_details': ['admin'],
  'update_port:device_owner': ['plainDevice', 'networkOwner'],
  'update_port:mac_address': ['admin'],
  'update_port:fixed_ips': ['networkOwner'],
  'update_port:port_security_enabled': ['networkOwner'],
  'update_port:mac_learning_enabled': ['networkOwner'],
  'update_port:allowed_address_pairs': ['networkOwner'],
  'update_port:isolation': ['networkOwner'],
  'update_port:isolation_community': ['networkOwner'],
  'update_port:data_plane_status': ['admin'],
  'update_port:binding:host_id': ['admin'],
  'update_port:binding:profile': ['admin'],
  'delete_port': ['owner', 'networkOwner'],
  'get_port:resource_request': ['admin'],

  'get_security_group': ['owner', 'shared'],
  'create_security_group_rule:security_group_id': ['groupOwner', 'groupHidden'],
  'get_security_group_rule': ['owner', 'groupOwner'],
  'update_security_group_rule': ['groupOwner'],
  'delete_security_group_rule': ['groupOwner'],
  'create_default_security_group_rule': ['admin'],
  'get_default_security_group_rule': ['any'],
  'update_default_security_group_rule': ['admin'],
  'delete_default_security_group_rule': ['admin'],

  'get_address_group': ['owner', 'shared'],

  'create_router:distributed': ['admin'],
  'create_router:ha': ['admin'],
  'create_router:external_gateway_info:enable_snat': ['admin'],
  'create_router:external_gateway_info:external_fixed_ips': ['admin'],
  'get_router:distributed': ['admin'],
  'get_router:ha': ['admin'],
  'update_router:distributed': ['admin'],
  'update_router:ha': ['admin'],
  'update_router:external_gateway_info:enable_snat': ['admin'],
  'update_router:external_gateway_info:external_fixed_ips': ['admin'],

  'create_floatingip:floating_ip_address': ['admin'],

  // Reading one makes it, which nobody does who may only read.
  'get_auto_allocated_topology': ['owner'],
  'create_auto_allocated_topology': ['owner'],
  'delete_auto_allocated_topology': ['owner'],

  'create_network:segments': ['admin'],
  'get_segment': ['admin'],
  'create_metering_label': ['admin'],
  'delete_metering_label': ['admin'],
  'get_metering_label_rule': ['meteringLabelOwner'],
  'create_metering_label_rule': ['admin'],
  'delete_metering_label_rule': ['admin'],
  'get_log': ['admin'],
  'create_log': ['admin'],
  'update_log': ['admin'],
  'delete_log': ['admin'],
  'get_loggable_resource': ['admin'],
  'get_flavor': ['any'],
  'create_flavor': ['admin'],
  'update_flavor': ['admin'],
  'delete_flavor': ['admin'],
  'create_flavor_service_profile': ['admin'],
  'delete_flavor_service_profile': ['admin'],
  'get_service_profile': ['admin'],
  'create_service_profile': ['admin'],
  'update_service_profile': ['admin'],
  'delete_service_profile': ['admin'],
  'get_service_provider': ['any'],

  'get_policy': ['owner', 'shared'],
  'create_policy': ['admin'],
  'update_policy': ['admin'],
  'delete_policy': ['admin'],
  'get_rule_type': ['any'],
  'get_rule_type:drivers': ['admin'],
  'get_policy_bandwidth_limit_rule': ['qosPolicyReader'],
  'create_policy_bandwidth_limit_rule': ['admin'],
  'update_policy_bandwidth_limit_rule': ['admin'],
  'delete_policy_bandwidth_limit_rule': ['admin'],
  'get_policy_dscp_marking_rule': ['qosPolicyReader'],
  'create_policy_dscp_marking_rule': ['admin'],
  'update_policy_dscp_marking_rule': ['admin'],
  'delete_policy_dscp_marking_rule': ['admin'],
  'get_policy_minimum_bandwidth_rule': ['qosPolicyReader'],
  'create_policy_minimum_bandwidth_rule': ['admin'],
  'update_policy_minimum_bandwidth_rule': ['admin'],
  'delete_policy_minimum_bandwidth_rule': ['admin'],
  'get_policy_minimum_packet_rate_rule': ['qosPolicyReader'],
  'create_policy_minimum_packet_rate_rule': ['admin'],
  'update_policy_minimum_packet_rate_rule': ['admin'],
  'delete_policy_minimum_packet_rate_rule': ['admin'],
  'get_policy_packet_rate_limit_rule': ['qosPolicyReader'],
  'create_policy_packet_rate_limit_rule': ['admin'],
  'update_policy_packet_rate_limit_rule': ['admin'],
  'delete_policy_packet_rate_limit_rule': ['admin'],
  'get_alias_bandwidth_limit_rule': ['qosPolicyReader'],
  'update_alias_bandwidth_limit_rule': ['admin'],
  'delete_alias_bandwidth_limit_rule': ['admin'],
  'get_alias_dscp_marking_rule': ['qosPolicyReader'],
  'update_alias_dscp_marking_rule': ['admin'],
  'delete_alias_dscp_marking_rule': ['admin'],
  'get_alias_minimum_bandwidth_rule': ['qosPolicyReader'],
  'update_alias_minimum_bandwidth_rule': ['admin'],
  'delete_alias_minimum_bandwidth_rule': ['admin'],
  'get_alias_minimum_packet_rate_rule': ['qosPolicyReader'],
  'update_alias_minimum_packet_rate_rule': ['admin'],
  'delete_alias_minimum_packet_rate_rule': ['admin'],
};

/** Whether any of an action's rules holds. Nothing but `get_…` is a reader's. */
export function isAllowed(rule: string, who: Requester, target: Target, topology: Intent): boolean {
  if (who.isReadOnly === true && !rule.startsWith('get_')) return false;
  const names = POLICY[rule] ?? ['owner'];
  return who.isAdmin || names.some((name) => RULES[name](who, target, topology));
}

/** Whether an action is the owner's and nobody else's, but for administrators. */
export function isOwnersAlone(rule: string): boolean {
  const names = POLICY[rule] ?? ['owner'];
  return names.every((name) => name === 'owner');
}

/**
 * Refuses an action, or an attribute that a body names within it, with 403. Attributes without a
 * row are covered by the action's own rule.
 */
export function authorize(
  rule: string,
  attributes: readonly string[],
  { who, target }: { readonly who: Requester; readonly target: Target },
  topology: Intent,
): void {
  const rows = attributes.map((name) => `${rule}:${name}`).filter((row) => row in POLICY);
  const all = [rule, ...rows];
  if (all.every((row) => isAllowed(row, who, target, topology))) return;
  const rules = all.map((row) => `rule:${row}`).join(' and ');
  throw intentError('PolicyNotAuthorized', { rules: all.length > 1 ? `(${rules})` : rules });
}

/**
 * What a body names, as rules name it: its attributes, and what stands within those that are
 * objects (`external_gateway_info:enable_snat`).
 */
export function namesWithin(body: unknown): readonly string[] {
  return Object.entries(body as object).flatMap(([name, value]: [string, unknown]) => [
    name,
    ...(isObject(value) ? Object.keys(value).map((part) => `${name}:${part}`) : []),
  ]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The attributes of a resource that are shown to administrators alone. */
export function hiddenAttributes(resource: string): readonly string[] {
  const prefix = `get_${resource}:`;
  return Object.keys(POLICY)
    .filter((row) => row.startsWith(prefix))
    .map((row) => row.slice(prefix.length));
}
