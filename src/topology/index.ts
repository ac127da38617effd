/** Tenants' intent: records, the replica with its indexes, validation, addresses. Pure. */

export type { AddressValue, Cidr } from './address.ts';
export {
  cidrContains,
  cidrOf,
  cidrsOverlap,
  eui64Address,
  formatAddress,
  formatCidr,
  formatIpv4,
  formatIpv6,
  formatMac,
  isGroupMac,
  isMulticast,
  parseAddress,
  parseCidr,
  parseIpv4,
  parseIpv6,
  parseMac,
  versionOf,
} from './address.ts';
export type { Binding } from './binding.ts';
export {
  addressClaim,
  claimConflict,
  encapClaim,
  macClaim,
  portClaims,
  portReferences,
  vniClaim,
} from './claims.ts';
export type { Host } from './host.ts';
export type { IntentErrorType } from './intent-error.ts';
export { IntentError, intentError, invalidInput } from './intent-error.ts';
export type { AddressSeeker, IpamContext } from './ipam.ts';
export { allocateAddresses, generateMac, reallocateAddresses } from './ipam.ts';
export type { Network, NetworkCreate, NetworkUpdate, TunnelType } from './network.ts';
export { NETWORK_ATTRIBUTES, VNI_END } from './network.ts';
export type { AddressPair, FixedIp, Port, PortCreate, PortUpdate } from './port.ts';
export { PORT_ATTRIBUTES } from './port.ts';
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
export type { Status } from './status.ts';
export type {
  AllocationPool,
  HostRoute,
  Ipv6Mode,
  Subnet,
  SubnetCreate,
  SubnetUpdate,
} from './subnet.ts';
export { isAutoAddressed, SUBNET_ATTRIBUTES } from './subnet.ts';
export { timestamp } from './timestamp.ts';
export { Topology } from './topology.ts';
export type { AttributeTable, Created, Updated } from './validate/attributes.ts';
export { readCreate, readUpdate } from './validate/attributes.ts';
export type { Birth } from './validate/birth.ts';
export {
  checkNetworkDelete,
  freshNetwork,
  pickVni,
  readNetworkCreate,
  readNetworkUpdate,
  touchedNetwork,
  updatedNetwork,
} from './validate/network.ts';
export { freshPort, readPortCreate, readPortUpdate, updatedPort } from './validate/port.ts';
export type { AddressPairRequest, FixedIpRequest } from './validate/port-values.ts';
export {
  checkSubnetDelete,
  freshSubnet,
  readSubnetCreate,
  readSubnetUpdate,
  updatedSubnet,
} from './validate/subnet.ts';
