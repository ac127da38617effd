/** Tenants' intent: records, the replica with its indexes, validation, addresses. Pure. */

export type { AddressValue } from './address.ts';
export {
  cidrContains,
  eui64Address,
  formatAddress,
  parseAddress,
  parseCidr,
  parseMac,
} from './address.ts';
export type { Binding } from './binding.ts';
export {
  addressClaim,
  claimConflict,
  claimsOf,
  macClaim,
  qosDefaultClaim,
  rbacClaim,
  referencesOf,
  trunkPortClaim,
  vlanClaim,
  vniClaim,
} from './claims.ts';
export {
  FLAVOR_ATTRIBUTES,
  SERVICE_PROFILE_ATTRIBUTES,
  SERVICE_PROFILE_LINK,
  SERVICE_PROVIDER_ATTRIBUTES,
  SERVICE_PROVIDERS,
} from './flavor.ts';
export type { Host } from './host.ts';
export type { Intent } from './intent.ts';
export { IntentError, intentError, invalidInput } from './intent-error.ts';
export type { IpamContext } from './ipam.ts';
export { METERING_LABEL_ATTRIBUTES, METERING_LABEL_RULE_ATTRIBUTES } from './metering.ts';
export { isTunnelled, NETWORK_ATTRIBUTES, type Network, type NetworkCreate } from './network.ts';
export { Overlay } from './overlay.ts';
export { PORT_ATTRIBUTES, type Port, type PortCreate, type PortUpdate } from './port.ts';
export {
  QOS_POLICY_ATTRIBUTES,
  QOS_RULE_ATTRIBUTES,
  QOS_RULE_TYPE_ATTRIBUTES,
  QOS_RULE_TYPES,
  type QosPolicy,
  type QosRule,
  type QosRuleType,
} from './qos.ts';
export { QUOTAS, type Quota, type QuotaName } from './quota.ts';
export {
  EVERYBODY,
  RBAC_POLICY_ATTRIBUTES,
  type RbacAction,
  type RbacPolicy,
  SHAREABLE,
  type Shareable,
} from './rbac-policy.ts';
export type {
  AnyRecord,
  Change,
  Kind,
  Put,
  RecordByKind,
  RecordKey,
  StoredRecord,
} from './records.ts';
export { KINDS, recordKey, splitKey } from './records.ts';
export { type PluggedPort, pluggedPort, Scope, touchedUnits, type UnitKey } from './scope.ts';
export { SEGMENT_ATTRIBUTES, segmentOf } from './segment.ts';
export { isShared } from './sharing.ts';
export type { Status } from './status.ts';
export { isAutoAddressed, SUBNET_ATTRIBUTES, type Subnet } from './subnet.ts';
export { timestamp } from './timestamp.ts';
export { Topology } from './topology.ts';
export { TRUNK_ATTRIBUTES, type Trunk } from './trunk.ts';
export {
  type Attribute,
  type AttributeTable,
  type Created,
  type FilterKind,
  filtersOf,
  readCreate,
  readUpdate,
  TAG_FILTERS,
  type TagFilter,
  type Updated,
} from './validate/attributes.ts';
export {
  checkDriver,
  checkProfileUse,
  freshFlavor,
  freshServiceProfile,
  withoutProfile,
  withProfile,
} from './validate/flavor.ts';
export { freshMeteringLabel, freshMeteringLabelRule } from './validate/metering.ts';
export {
  carriageOf,
  checkNetworkDelete,
  freshNetwork,
  touchedNetwork,
  updatedNetwork,
  withSegment,
} from './validate/network.ts';
export { freshPort, updatedPort } from './validate/port.ts';
export {
  checkNetworkQos,
  checkPortQos,
  checkQosPolicyDelete,
  checkRule,
  checkRuleUse,
  freshQosPolicy,
  qosPolicyUsers,
  rulesOf,
  touchedQosPolicy,
  updatedQosPolicy,
} from './validate/qos.ts';
export {
  checkSubnetDelete,
  freshSubnet,
  updatedSubnet,
} from './validate/subnet.ts';
export { readSubportBody } from './validate/subports.ts';
export {
  checkEnabled,
  checkPortOfTrunk,
  extendedTrunk,
  freshTrunk,
  reducedTrunk,
  subportRecord,
  updatedTrunk,
} from './validate/trunk.ts';
