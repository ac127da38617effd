/**
 * What a request can be refused for: Neutron's own error types, texts and HTTP statuses, because
 * its clients branch on them (neutron-lib, `exceptions`). One row an error: the status, and
 * the text in parts that are joined by spaces; `{name}` is filled in.
 */

export const INTENT_ERRORS = {
  AddressesAlreadyExist: [
    400,
    'Addresses {addresses} already exist in the address group {address_group_id}.',
  ],
  AddressesNotFound: [
    404,
    'Addresses {addresses} not found in the address group {address_group_id}.',
  ],
  AddressGroupInUse: [
    409,
    'Address group {address_group_id} is in use on one or more security group rules.',
  ],
  AddressGroupNotFound: [404, 'Address group {address_group_id} could not be found.'],
  AddressPairAndPortSecurityRequired: [
    409,
    'Port Security must be enabled in order to have allowed address pairs on a port.',
  ],
  AddressScopeInUse: [
    409,
    'Unable to complete operation on address scope {address_scope_id}. There are one or more',
    'subnet pools in use on the address scope.',
  ],
  AddressScopeNotFound: [404, 'Address scope {address_scope_id} could not be found.'],
  AddressScopePrefixConflict: [
    409,
    'Failed to associate address scope: subnetpools within an address scope must have unique',
    'prefixes.',
  ],
  AddressScopeUpdateError: [400, 'Unable to update address scope {address_scope_id} : {reason}.'],
  AddrFormatError: [400, 'invalid IPNetwork {input}'],
  AgentNotFound: [404, 'Agent {id} could not be found.'],
  AllocationOnAutoAddressSubnet: [
    400,
    'IPv6 address {ip} cannot be directly assigned to a port on subnet {subnet_id} as the',
    'subnet is configured for automatic addresses',
  ],
  AllowedAddressPairExhausted: [
    400,
    'The number of allowed address pair exceeds the maximum {quota}.',
  ],
  AllowedAddressPairsMissingIP: [400, 'AllowedAddressPair must contain ip_address'],
  AvailabilityZoneNotFound: [404, 'AvailabilityZone {availability_zone} could not be found.'],
  BadRequest: [400, 'Bad {resource} request: {msg}.'],
  ConcurrentUpdate: [
    409,
    'The resource was changed by others while this request was served; try again.',
  ],
  ConntrackHelperNotAllowed: [400, 'Conntrack Helper {helper} is not allowed.'],
  ConntrackHelperNotFound: [404, 'Conntrack Helper {id} could not be found.'],
  DefaultSecurityGroupRuleExists: [
    409,
    'Default Security Group rule already exists. Rule id is {rule_id}.',
  ],
  DefaultSecurityGroupRuleNotFound: [404, 'Default Security Group rule {id} does not exist'],
  DeviceIDNotOwnedByTenant: [
    409,
    'The following device_id {device_id} is not owned by your tenant or matches another',
    'tenants router.',
  ],
  DNSNameServersExhausted: [
    400,
    'Unable to complete operation for {subnet_id}. The number of DNS nameservers exceeds',
    'the limit {quota}.',
  ],
  DuplicateAddressPairInRequest: [
    400,
    'Request contains duplicate address pair: mac_address {mac_address} ip_address {ip_address}.',
  ],
  DuplicateRbacPolicy: [409, 'An RBAC policy already exists with those values.'],
  DuplicateSecurityGroupRuleInPost: [409, 'Duplicate Security Group Rule in POST.'],
  EmptySubnetPoolPrefixList: [400, 'Empty subnet pool prefix list.'],
  ExternalGatewayForFloatingIPNotFound: [
    404,
    'External network {external_network_id} is not reachable from subnet {subnet_id}.',
    ' Therefore, cannot associate Port {port_id} with a Floating IP.',
  ],
  ExternalIpAddressExhausted: [400, 'Unable to find any IP address on external network {net_id}.'],
  ExternalNetworkInUse: [
    409,
    'External network {net_id} cannot be updated to be made non-external, since it has',
    'existing gateway ports.',
  ],
  FipInUseByPortForwarding: [409, 'Floating IP {id} in use by Port Forwarding resources.'],
  FlatNetworkInUse: [
    409,
    'Unable to create the flat network. Physical network {physical_network} is in use.',
  ],
  FlavorNotFound: [404, 'Flavor {flavor_id} could not be found.'],
  FloatingIPNotFound: [404, 'Floating IP {floatingip_id} could not be found'],
  FloatingIPPortAlreadyAssociated: [
    409,
    'Cannot associate floating IP {floating_ip_address} ({fip_id}) with port {port_id} using',
    'fixed IP {fixed_ip}, as that fixed IP already has a floating IP on external network',
    '{net_id}.',
  ],
  GatewayConflictWithAllocationPools: [
    409,
    'Gateway ip {ip_address} conflicts with allocation pool {pool}.',
  ],
  GatewayIpInUse: [
    409,
    'Current gateway ip {ip_address} already in use by port {port_id}. Unable to update.',
  ],
  HostRoutesExhausted: [
    400,
    'Unable to complete operation for {subnet_id}. The number of host routes exceeds the',
    'limit {quota}.',
  ],
  HTTPBadRequest: [400, '{msg}'],
  IllegalSubnetPoolIpVersionAssociationToAddressScope: [
    400,
    'Illegal subnetpool association: subnetpool {subnetpool_id} cannot associate with address',
    'scope {address_scope_id} because subnetpool ip_version is not {ip_version}.',
  ],
  IllegalSubnetPoolPrefixBounds: [
    400,
    'Illegal prefix bounds: {prefix_type}={prefixlen}, {base_prefix_type}={base_prefixlen}.',
  ],
  IllegalSubnetPoolPrefixUpdate: [400, 'Illegal update to prefixes: {msg}.'],
  IllegalSubnetPoolUpdate: [400, 'Illegal subnetpool update : {reason}.'],
  InvalidActionForType: [
    400,
    "Invalid action '{action}' for object type '{object_type}'. Valid actions: {valid_actions}",
  ],
  InvalidAllocationPool: [400, 'The allocation pool {pool} is not valid.'],
  InvalidCIDR: [400, 'Invalid CIDR {input} given as IP prefix.'],
  InvalidInput: [400, 'Invalid input for operation: {error_message}.'],
  InvalidInputSubnetServiceType: [400, 'Subnet service type {service_type} is not a string.'],
  InvalidIpForNetwork: [
    400,
    'IP address {ip_address} is not a valid IP for any of the subnets on the specified network.',
  ],
  InvalidIpForSubnet: [400, 'IP address {ip_address} is not a valid IP for the specified subnet.'],
  InvalidProtocolForHelper: [
    400,
    'Conntrack Helper {helper} does not support: {protocol}. Supported protocols are:',
    '{supported_protocols}',
  ],
  InvalidRoutes: [400, 'Invalid format for routes: {routes}, {reason}'],
  InvalidSharedSetting: [
    409,
    'Unable to reconfigure sharing settings for network {network}. Multiple tenants are using it.',
  ],
  InvalidSubnetServiceType: [
    400,
    'Subnet service type {service_type} does not correspond to a valid device owner.',
  ],
  IpAddressAlreadyAllocated: [409, 'IP address {ip} already allocated in subnet {subnet_id}'],
  IpAddressGenerationFailure: [409, 'No more IP addresses available on network {net_id}.'],
  IpAddressGenerationFailureNoMatchingSubnet: [
    409,
    'No valid service subnet for the given device owner, network {network_id}, service type',
    '{service_type}.',
  ],
  MacAddressInUse: [
    409,
    'Unable to complete operation for network {net_id}. The mac address {mac} is in use.',
  ],
  MaxPrefixSubnetAllocationError: [
    400,
    'Unable to allocate subnet with prefix length {prefixlen}, maximum allowed prefix is',
    '{max_prefixlen}.',
  ],
  MinPrefixSubnetAllocationError: [
    400,
    'Unable to allocate subnet with prefix length {prefixlen}, minimum allowed prefix is',
    '{min_prefixlen}.',
  ],
  NetworkAddressScopeAffinityError: [
    400,
    'Subnets of the same address family hosted on the same network must all participate in the',
    'same address scope.',
  ],
  NetworkInUse: [409, 'Unable to complete operation on network {net_id}. {reason}.'],
  NetworkMacAddressGenerationFailure: [503, 'Unable to generate unique mac on network {net_id}.'],
  NetworkMTUSubnetConflict: [
    409,
    'MTU of {net_id} is not valid, subnet requires a minimum of {mtu}',
  ],
  NetworkNotFound: [404, 'Network {net_id} could not be found.'],
  NetworkSubnetPoolAffinityError: [
    400,
    'Subnets hosted on the same network must be allocated from the same subnet pool.',
  ],
  NoNetworkAvailable: [
    503,
    'Unable to create the network. No tenant network is available for allocation.',
  ],
  NotAuthorized: [403, 'Not authorized.'],
  OutOfBoundsAllocationPool: [
    400,
    'The allocation pool {pool} spans beyond the subnet cidr {subnet_cidr}.',
  ],
  OverlappingAllocationPools: [
    409,
    'Found overlapping allocation pools: {pool_1} {pool_2} for subnet {subnet_cidr}.',
  ],
  OverQuota: [409, 'Quota exceeded for resources: {overs}.'],
  PolicyNotAuthorized: [403, '{rules} is disallowed by policy'],
  PortBound: [
    409,
    'Unable to complete operation on port {port_id}, port is already bound, port type:',
    '{vif_type}, old_mac {old_mac}, new_mac {new_mac}.',
  ],
  PortBoundNUMAAffinityPolicy: [
    409,
    'Unable to complete operation on port {port_id}, port is already bound to host {host_id},',
    'numa_affinity_policy value given {numa_affinity_policy}.',
  ],
  PortForwardingNotFound: [404, 'Port Forwarding {id} could not be found.'],
  PortHasBindingFloatingIP: [
    409,
    'Cannot create port forwarding to floating IP {floating_ip_address} ({fip_id}) with port',
    '{port_id} using fixed IP {fixed_ip}, as that port already has a binding floating IP.',
  ],
  PortHasPortForwarding: [
    400,
    'Cannot associate floating IP to port {port_id} because it already has a Port Forwarding',
    'binding.',
  ],
  PortInUse: [
    409,
    'Unable to complete operation on port {port_id} for network {net_id}. Port already has an',
    'attached device {device_id}.',
  ],
  PortNotFound: [404, 'Port {port_id} could not be found.'],
  PortSecurityAndIPRequiredForSecurityGroups: [
    400,
    'Port security must be enabled and port must have an IP address in order to use security',
    'groups.',
  ],
  PortSecurityPortHasSecurityGroup: [
    409,
    'Port has security group associated. Cannot disable port security or IP address until',
    'security group is removed.',
  ],
  PrefixVersionMismatch: [400, 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.'],
  RbacPolicyInUse: [
    409,
    'RBAC policy on object {object_id} cannot be removed because other objects depend on it.',
    'Details: {details}',
  ],
  RbacPolicyNotFound: [404, 'RBAC policy of type {object_type} with ID {policy_id} not found'],
  RevisionNumberConstraintFailed: [
    412,
    'Constrained to {expected}, but current revision is {current}',
  ],
  RouterExternalGatewayInUseByFloatingIp: [
    409,
    'Gateway cannot be updated for router {router_id}, since a gateway to external network',
    '{net_id} is required by one or more floating IPs.',
  ],
  RouterGatewayNotValid: [409, 'Can not enable ndp proxy on router {router_id}, {reason}.'],
  RouterInterfaceInUseByFloatingIP: [
    409,
    'Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is',
    'required by one or more floating IPs.',
  ],
  RouterInterfaceInUseByRoute: [
    409,
    'Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is',
    'required by one or more routes.',
  ],
  RouterInterfaceNotFound: [404, 'Router {router_id} does not have an interface with id {port_id}'],
  RouterInterfaceNotFoundForSubnet: [
    404,
    'Router {router_id} has no interface on subnet {subnet_id}',
  ],
  RouterInUse: [409, 'Router {router_id} {reason}'],
  RouterNotFound: [404, 'Router {router_id} could not be found'],
  RoutesExhausted: [
    400,
    'Unable to complete operation for {router_id}. The number of routes exceeds the maximum',
    '{quota}.',
  ],
  SecurityGroupCannotRemoveDefault: [
    409,
    'Insufficient rights for removing default security group.',
  ],
  SecurityGroupCannotUpdateDefault: [409, 'Updating default security group not allowed.'],
  SecurityGroupConflict: [409, 'Error {reason} while attempting the operation.'],
  SecurityGroupDefaultAlreadyExists: [409, 'Default security group already exists.'],
  SecurityGroupEthertypeConflictWithProtocol: [
    400,
    'Invalid ethertype {ethertype} for protocol {protocol}.',
  ],
  SecurityGroupInUse: [409, 'Security Group {id} in use.'],
  SecurityGroupInvalidIcmpValue: [
    400,
    'Invalid value for ICMP {field} ({attr}) {value}. It must be 0 to 255.',
  ],
  SecurityGroupInvalidPortRange: [
    400,
    'For TCP/UDP protocols, port_range_min must be <= port_range_max',
  ],
  SecurityGroupInvalidPortValue: [400, 'Invalid value for port {port}'],
  SecurityGroupInvalidProtocolForPort: [
    400,
    'Ports cannot be specified for protocol {protocol}. Ports are only supported for',
    '{valid_port_protocols}.',
  ],
  SecurityGroupMissingIcmpType: [
    400,
    'ICMP code (port-range-max) {value} is provided but ICMP type (port-range-min) is missing.',
  ],
  SecurityGroupMultipleRemoteEntites: [
    400,
    'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
  ],
  SecurityGroupNotFound: [404, 'Security group {id} does not exist'],
  SecurityGroupNotSingleGroupRules: [
    400,
    'Only allowed to update rules for one security profile at a time',
  ],
  SecurityGroupProtocolRequiredWithPorts: [
    400,
    'Must also specify protocol if port range is given.',
  ],
  SecurityGroupRuleExists: [409, 'Security group rule already exists. Rule id is {rule_id}.'],
  SecurityGroupRuleInvalidEtherType: [
    400,
    "Security group rule for ethertype '{ethertype}' not supported. Allowed values are",
    "['IPv4', 'IPv6'].",
  ],
  SecurityGroupRuleInvalidProtocol: [
    400,
    'Security group rule protocol {protocol} not supported. Only protocol values {values} and',
    'integer representations [0 to 255] are supported.',
  ],
  SecurityGroupRuleNotFound: [404, 'Security group rule {id} does not exist'],
  SecurityGroupRuleParameterConflict: [
    400,
    'Conflicting value ethertype {ethertype} for CIDR {cidr}',
  ],
  SecurityGroupRulesNotSingleTenant: [
    400,
    'Multiple tenant_ids in bulk security group rule create not allowed',
  ],
  SegmentNotFound: [404, 'Segment {segment_id} could not be found.'],
  ServicePortInUse: [409, 'Port {port_id} cannot be deleted directly via the port API: {reason}.'],
  ServiceUnavailable: [503, '{msg}'],
  /** Neutron answers 500; it is no fault of the server. */
  SubnetAllocationError: [409, 'Failed to allocate subnet: {reason}.'],
  SubnetInUse: [409, 'Unable to complete operation on subnet {subnet_id}: {reason}.'],
  SubnetMismatchForPort: [
    400,
    'Subnet on port {port_id} does not match the requested subnet {subnet_id}.',
  ],
  SubnetNotFound: [404, 'Subnet {subnet_id} could not be found.'],
  SubnetPoolDeleteError: [400, 'Unable to delete subnet pool: {reason}.'],
  SubnetPoolNotFound: [404, 'Subnet pool {subnetpool_id} could not be found.'],
  SubnetPoolQuotaExceeded: [409, 'Per-tenant subnet pool prefix quota exceeded.'],
  TenantQuotaNotFound: [404, 'Quota for tenant {tenant_id} could not be found.'],
  TunnelIdInUse: [409, 'Unable to create the network. The tunnel ID {tunnel_id} is in use.'],
  UnsupportedPortDeviceOwner: [
    409,
    'Operation {op} is not supported for device_owner {device_owner} on port {port_id}.',
  ],
  VlanIdInUse: [
    409,
    'Unable to create the network. The VLAN {vlan_id} on physical network',
    '{physical_network} is in use.',
  ],
} as const;

export type IntentErrorType = keyof typeof INTENT_ERRORS;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

type Parts<Row extends readonly unknown[]> = Row extends readonly [number, ...infer Texts]
  ? Extract<Texts[number], string>
  : never;

/** The values that the text of an error type wants. */
export type IntentErrorValues<T extends IntentErrorType> = Readonly<
  Record<Names<Parts<(typeof INTENT_ERRORS)[T]>>, string | number>
>;

/** A request that is refused, by a rule and not by an accident: nothing was changed. */
export class IntentError extends Error {
  override readonly name = 'IntentError';
  /** Neutron's name of the error. */
  readonly type: IntentErrorType;
  /** The HTTP status that Neutron answers with. */
  readonly status: number;

  constructor(type: IntentErrorType, message: string) {
    super(message);
    this.type = type;
    this.status = INTENT_ERRORS[type][0];
  }
}

export function intentError<T extends IntentErrorType>(
  type: T,
  values: IntentErrorValues<T>,
): IntentError {
  const texts: Readonly<Record<string, string | number>> = values;
  const fill = (_: string, name: string): string => String(texts[name]);
  const [, ...parts] = INTENT_ERRORS[type];
  return new IntentError(type, parts.join(' ').replace(/\{(\w+)\}/g, fill));
}

/** The everyday refusal: a value that does not fit. */
export function invalidInput(reason: string): IntentError {
  return intentError('InvalidInput', { error_message: reason });
}
