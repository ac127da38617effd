/**
 * What a request can be refused for: Neutron's own error types, texts and HTTP statuses, because
 * its clients branch on them (neutron-lib, `exceptions`). One row an error: the status, and
 * the text in parts that are joined by spaces; `{name}` is filled in.
 */

export const INTENT_ERRORS = {
  AddressPairAndPortSecurityRequired: [
    409,
    'Port Security must be enabled in order to have allowed address pairs on a port.',
  ],
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
  ConcurrentUpdate: [
    409,
    'The resource was changed by others while this request was served; try again.',
  ],
  DNSNameServersExhausted: [
    400,
    'Unable to complete operation for {subnet_id}. The number of DNS nameservers exceeds',
    'the limit {quota}.',
  ],
  DuplicateRbacPolicy: [409, 'An RBAC policy already exists with those values.'],
  DuplicateAddressPairInRequest: [
    400,
    'Request contains duplicate address pair: mac_address {mac_address} ip_address {ip_address}.',
  ],
  DuplicateSubPort: [
    409,
    'segmentation_type {segmentation_type} and segmentation_id {segmentation_id} already in use on',
    'trunk {trunk_id}.',
  ],
  FlavorNotFound: [404, 'Flavor {flavor_id} could not be found.'],
  FlavorServiceProfileBindingExists: [
    409,
    'Service Profile {sp_id} is already associated with flavor {fl_id}.',
  ],
  FlavorServiceProfileBindingNotFound: [
    404,
    'Service Profile {sp_id} is not associated with flavor {fl_id}.',
  ],
  FlatNetworkInUse: [
    409,
    'Unable to create the flat network. Physical network {physical_network} is in use.',
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
  Invalid: [400, '{msg}'],
  InvalidAllocationPool: [400, 'The allocation pool {pool} is not valid.'],
  InvalidInput: [400, 'Invalid input for operation: {error_message}.'],
  InvalidIpForNetwork: [
    400,
    'IP address {ip_address} is not a valid IP for any of the subnets on the specified network.',
  ],
  InvalidIpForSubnet: [400, 'IP address {ip_address} is not a valid IP for the specified subnet.'],
  InvalidServiceType: [400, 'Invalid service type: {service_type}.'],
  InvalidSharedSetting: [
    409,
    'Unable to reconfigure sharing settings for network {network}. Multiple tenants are using it.',
  ],
  IpAddressAlreadyAllocated: [409, 'IP address {ip} already allocated in subnet {subnet_id}'],
  IpAddressGenerationFailure: [409, 'No more IP addresses available on network {net_id}.'],
  MeteringLabelNotFound: [404, "Metering label '{label_id}' does not exist."],
  MeteringLabelRuleNotFound: [404, "Metering label rule '{rule_id}' does not exist."],
  MeteringLabelRuleOverlaps: [
    409,
    "Metering label rule with remote_ip_prefix '{remote_ip_prefix}' overlaps another.",
  ],
  MacAddressInUse: [
    409,
    'Unable to complete operation for network {net_id}. The mac address {mac} is in use.',
  ],
  NetworkInUse: [409, 'Unable to complete operation on network {net_id}. {reason}.'],
  NetworkMacAddressGenerationFailure: [503, 'Unable to generate unique mac on network {net_id}.'],
  NetworkMTUSubnetConflict: [
    409,
    'MTU of {net_id} is not valid, subnet requires a minimum of {mtu}',
  ],
  NetworkNotFound: [404, 'Network {net_id} could not be found.'],
  NoNetworkAvailable: [
    503,
    'Unable to create the network. No tenant network is available for allocation.',
  ],
  NotImplementedError: [501, '{msg}'],
  OutOfBoundsAllocationPool: [
    400,
    'The allocation pool {pool} spans beyond the subnet cidr {subnet_cidr}.',
  ],
  OverQuota: [409, 'Quota exceeded for resources: {overs}.'],
  OverlappingAllocationPools: [
    409,
    'Found overlapping allocation pools: {pool_1} {pool_2} for subnet {subnet_cidr}.',
  ],
  ParentPortInUse: [
    409,
    'Port {port_id} is currently in use and is not eligible for use as a parent port.',
  ],
  PolicyRemoveAuthorizationError: [
    403,
    'Failed to remove provided policy {policy_id} because you are not authorized.',
  ],
  PolicyNotAuthorized: [403, '({rules}) is disallowed by policy'],
  PortBound: [
    409,
    'Unable to complete operation on port {port_id}, port is already bound, port type:',
    '{vif_type}, old_mac {old_mac}, new_mac {new_mac}.',
  ],
  PortInUse: [
    409,
    'Unable to complete operation on port {port_id} for network {net_id}. Port already has an',
    'attached device {device_id}.',
  ],
  PortInUseAsSubPort: [409, 'Port {port_id} is currently a subport for trunk {trunk_id}.'],
  PortInUseAsTrunkParent: [409, 'Port {port_id} is currently a parent port for trunk {trunk_id}.'],
  PortNotFound: [404, 'Port {port_id} could not be found.'],
  QoSPolicyDefaultAlreadyExists: [409, 'A default QoS policy exists for project {project_id}.'],
  QosPolicyInUse: [409, 'QoS Policy {policy_id} is used by {object_type} {object_id}.'],
  QosPolicyNotFound: [404, 'QoS policy {policy_id} could not be found.'],
  QosRuleNotFound: [404, 'QoS rule {rule_id} for policy {policy_id} could not be found.'],
  QosRuleNotSupported: [409, 'Rule {rule_type} is not supported by port {port_id}'],
  QosRuleNotSupportedByNetwork: [409, 'Rule {rule_type} is not supported by network {network_id}'],
  QoSRuleParameterConflict: [
    409,
    'Unable to add the rule with value {rule_value} to the policy {policy_id} as the existing rule',
    'of type {existing_rule} has value {existing_value}.',
  ],
  QoSRulesConflict: [
    409,
    'Rule {new_rule_type} conflicts with rule {rule_id} which already exists in QoS Policy',
    '{policy_id}.',
  ],
  QosRuleTypeNotFound: [404, 'QoS rule type {type} could not be found.'],
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
  SecurityGroupNotFound: [404, 'Security group {id} does not exist'],
  SegmentNotFound: [404, 'Segment {segment_id} could not be found.'],
  SegmentsSetInConjunctionWithProviders: [400, 'Segments and provider values cannot both be set.'],
  ServiceProfileDriverNotFound: [404, 'Service Profile driver {driver} could not be found.'],
  ServiceProfileEmpty: [400, 'Service Profile needs either a driver or metainfo.'],
  ServiceProfileInUse: [409, 'Service Profile {sp_id} is used by some service instance.'],
  ServiceProfileNotFound: [404, 'Service Profile {sp_id} could not be found.'],
  ServiceProviderNotFound: [404, 'Service provider {name} could not be found.'],
  ServiceUnavailable: [503, '{msg}'],
  SubPortMtuGreaterThanTrunkPortMtu: [
    409,
    'MTU {port_mtu} of subport {port_id} cannot be greater than MTU {trunk_mtu} of trunk',
    '{trunk_id}.',
  ],
  SubPortNotFound: [404, 'SubPort {port_id} on trunk {trunk_id} could not be found.'],
  SubnetInUse: [409, 'Unable to complete operation on subnet {subnet_id}: {reason}.'],
  SubnetNotFound: [404, 'Subnet {subnet_id} could not be found.'],
  VlanIdInUse: [
    409,
    'Unable to create the network. The VLAN {vlan_id} on physical network',
    '{physical_network} is in use.',
  ],
  TenantQuotaNotFound: [404, 'Quota for tenant {tenant_id} could not be found.'],
  TrunkDisabled: [409, 'Trunk {trunk_id} is currently disabled.'],
  TrunkNotFound: [404, 'Trunk {trunk_id} could not be found.'],
  TrunkPortInUse: [409, 'Port {port_id} is in use by another trunk.'],
  TunnelIdInUse: [409, 'Unable to create the network. The tunnel ID {tunnel_id} is in use.'],
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
