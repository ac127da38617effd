/**
 * Networks, subnets and ports, and what any request can be refused for. Rows as `intent-error.ts`
 * says.
 */

export const NETWORK_ERRORS = {
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
  AmbiguousName: [
    409,
    "{count} of the project's {kind}s are named '{name}'; a document can name them by id alone.",
  ],
  ConcurrentUpdate: [
    409,
    'The resource was changed by others while this request was served; try again.',
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
  HostLimitExceeded: [
    409,
    'Host {host} would need {would} {unit}, and takes {most}; nothing was changed. {advice}',
  ],
  HostRoutesExhausted: [
    400,
    'Unable to complete operation for {subnet_id}. The number of host routes exceeds the',
    'limit {quota}.',
  ],
  HTTPBadRequest: [400, '{msg}'],
  ImmutableAttribute: [
    409,
    'The {attribute} is another now and cannot be changed; delete the resource first, by putting',
    'a document without it.',
  ],
  InvalidAllocationPool: [400, 'The allocation pool {pool} is not valid.'],
  InvalidInput: [400, 'Invalid input for operation: {error_message}.'],
  InvalidIpForNetwork: [
    400,
    'IP address {ip_address} is not a valid IP for any of the subnets on the specified network.',
  ],
  InvalidIpForSubnet: [400, 'IP address {ip_address} is not a valid IP for the specified subnet.'],
  InvalidSharedSetting: [
    409,
    'Unable to reconfigure sharing settings for network {network}. Multiple tenants are using it.',
  ],
  IpAddressAlreadyAllocated: [409, 'IP address {ip} already allocated in subnet {subnet_id}'],
  IpAddressGenerationFailure: [409, 'No more IP addresses available on network {net_id}.'],
  IsolationAndForeignMac: [
    409,
    'Allowed address pair with MAC address {mac_address}: an isolated port, or one of a community,',
    'has no MAC address but its own.',
  ],
  IsolationAndPortSecurityRequired: [
    409,
    'Port Security must be enabled for a port to be isolated, or in a community.',
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
  PortBindingAlreadyActive: [409, 'Binding for port {port_id} on host {host} is already active.'],
  PortBindingAlreadyExists: [409, 'Binding for port {port_id} on host {host} already exists.'],
  PortBindingNotFound: [404, 'Binding for port {port_id} for host {host} could not be found.'],
  PortBound: [
    409,
    'Unable to complete operation on port {port_id}, port is already bound, port type:',
    '{vif_type}, old_mac {old_mac}, new_mac {new_mac}.',
  ],
  PortNotFound: [404, 'Port {port_id} could not be found.'],
  ProjectNotFound: [404, 'Project {project_id} could not be found.'],
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
  ServiceUnavailable: [503, '{msg}'],
  SubnetInUse: [409, 'Unable to complete operation on subnet {subnet_id}: {reason}.'],
  SubnetNotFound: [404, 'Subnet {subnet_id} could not be found.'],
  TagNotFound: [404, 'Tag {tag} could not be found.'],
  TenantQuotaNotFound: [404, 'Quota for tenant {tenant_id} could not be found.'],
  TunnelIdInUse: [409, 'Unable to create the network. The tunnel ID {tunnel_id} is in use.'],
  VifNameInUse: [409, 'VIF {name} is that of port {port_id} already.'],
  VlanIdInUse: [
    409,
    'Unable to create the network. The VLAN {vlan_id} on physical network',
    '{physical_network} is in use.',
  ],
} as const;
