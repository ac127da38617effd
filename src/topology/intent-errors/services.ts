/** QoS, trunks, metering, segments, flavors. Rows as `intent-error.ts` says. */

export const SERVICE_ERRORS = {
  DuplicateSubPort: [
    409,
    'segmentation_type {segmentation_type} and segmentation_id {segmentation_id} already in use on',
    'trunk {trunk_id}.',
  ],
  FlavorServiceProfileBindingExists: [
    409,
    'Service Profile {sp_id} is already associated with flavor {fl_id}.',
  ],
  FlavorServiceProfileBindingNotFound: [
    404,
    'Service Profile {sp_id} is not associated with flavor {fl_id}.',
  ],
  Invalid: [400, '{msg}'],
  InvalidServiceType: [400, 'Invalid service type: {service_type}.'],
  MeteringLabelNotFound: [404, "Metering label '{label_id}' does not exist."],
  MeteringLabelRuleNotFound: [404, "Metering label rule '{rule_id}' does not exist."],
  MeteringLabelRuleOverlaps: [
    409,
    "Metering label rule with remote_ip_prefix '{remote_ip_prefix}' overlaps another.",
  ],
  NotImplementedError: [501, '{msg}'],
  ParentPortInUse: [
    409,
    'Port {port_id} is currently in use and is not eligible for use as a parent port.',
  ],
  PolicyRemoveAuthorizationError: [
    403,
    'Failed to remove provided policy {policy_id} because you are not authorized.',
  ],
  PortInUseAsSubPort: [409, 'Port {port_id} is currently a subport for trunk {trunk_id}.'],
  PortInUseAsTrunkParent: [409, 'Port {port_id} is currently a parent port for trunk {trunk_id}.'],
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
  SegmentNotFound: [404, 'Segment {segment_id} could not be found.'],
  SegmentsSetInConjunctionWithProviders: [400, 'Segments and provider values cannot both be set.'],
  ServiceProfileDriverNotFound: [404, 'Service Profile driver {driver} could not be found.'],
  ServiceProfileEmpty: [400, 'Service Profile needs either a driver or metainfo.'],
  ServiceProfileInUse: [409, 'Service Profile {sp_id} is used by some service instance.'],
  ServiceProfileNotFound: [404, 'Service Profile {sp_id} could not be found.'],
  ServiceProviderNotFound: [404, 'Service provider {name} could not be found.'],
  SubPortMtuGreaterThanTrunkPortMtu: [
    409,
    'MTU {port_mtu} of subport {port_id} cannot be greater than MTU {trunk_mtu} of trunk',
    '{trunk_id}.',
  ],
  SubPortNotFound: [404, 'SubPort {port_id} on trunk {trunk_id} could not be found.'],
  TrunkDisabled: [409, 'Trunk {trunk_id} is currently disabled.'],
  TrunkNotFound: [404, 'Trunk {trunk_id} could not be found.'],
  TrunkPortInUse: [409, 'Port {port_id} is in use by another trunk.'],
} as const;
