/** Security groups, their rules, address groups. Rows as `intent-error.ts` says. */

export const SECURITY_ERRORS = {
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
  AddrFormatError: [400, 'invalid IPNetwork {input}'],
  DefaultSecurityGroupRuleExists: [
    409,
    'Default Security Group rule already exists. Rule id is {rule_id}.',
  ],
  DefaultSecurityGroupRuleNotFound: [404, 'Default Security Group rule {id} does not exist'],
  DuplicateSecurityGroupRuleInPost: [409, 'Duplicate Security Group Rule in POST.'],
  InvalidActionForType: [
    400,
    "Invalid action '{action}' for object type '{object_type}'. Valid actions: {valid_actions}",
  ],
  InvalidCIDR: [400, 'Invalid CIDR {input} given as IP prefix.'],
  NoSecurityGroupNumber: [
    503,
    'Unable to create the security group. No number is left for its rules; delete unused groups.',
  ],
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
  SecurityGroupNotSingleGroupRules: [
    400,
    'Only allowed to update rules for one security profile at a time',
  ],
  SecurityGroupProtocolRequiredWithPorts: [
    400,
    'Must also specify protocol if port range is given.',
  ],
  SecurityGroupRemotesExceeded: [
    409,
    'Security group {id} would name {count} remotes in its rules; a switch takes {most}. ' +
      'Put addresses that may do the same into an address group.',
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
} as const;
