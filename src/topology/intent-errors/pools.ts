/** Subnet pools, address scopes, agents, and addresses by rule. Rows as `intent-error.ts` says. */

export const POOL_ERRORS = {
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
  AgentNotFound: [404, 'Agent {id} could not be found.'],
  EmptySubnetPoolPrefixList: [400, 'Empty subnet pool prefix list.'],
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
  InvalidDHCPAgent: [404, 'Agent {id} is not a valid DHCP Agent or has been disabled.'],
  InvalidInputSubnetServiceType: [400, 'Subnet service type {service_type} is not a string.'],
  InvalidL3Agent: [404, 'Agent {id} is not a L3 Agent or has been disabled'],
  InvalidSubnetServiceType: [
    400,
    'Subnet service type {service_type} does not correspond to a valid device owner.',
  ],
  IpAddressGenerationFailureNoMatchingSubnet: [
    409,
    'No valid service subnet for the given device owner, network {network_id}, service type',
    '{service_type}.',
  ],
  MaxPrefixSubnetAllocationError: [
    400,
    'Unable to allocate subnet with prefix length {prefixlen}, maximum allowed prefix is',
    '{max_prefixlen}.',
  ],
  NetworkHostedByDHCPAgent: [
    409,
    'The network {network_id} has been already hosted by the DHCP Agent {agent_id}.',
  ],
  NetworkNotHostedByDhcpAgent: [
    409,
    'The network {network_id} is not hosted by the DHCP Agent {agent_id}.',
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
  NetworkSubnetPoolAffinityError: [
    400,
    'Subnets hosted on the same network must be allocated from the same subnet pool.',
  ],
  NotAuthorized: [403, 'Not authorized.'],
  PortBoundNUMAAffinityPolicy: [
    409,
    'Unable to complete operation on port {port_id}, port is already bound to host {host_id},',
    'numa_affinity_policy value given {numa_affinity_policy}.',
  ],
  PrefixVersionMismatch: [400, 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.'],
  /** Neutron answers 500; it is no fault of the server. */
  SubnetAllocationError: [409, 'Failed to allocate subnet: {reason}.'],
  SubnetPoolDeleteError: [400, 'Unable to delete subnet pool: {reason}.'],
  SubnetPoolNotFound: [404, 'Subnet pool {subnetpool_id} could not be found.'],
  SubnetPoolQuotaExceeded: [409, 'Per-tenant subnet pool prefix quota exceeded.'],
} as const;
