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
  macClaim,
  portClaims,
  portReferences,
  vniClaim,
} from './claims.ts';
export type { Host } from './host.ts';
export { IntentError, intentError, invalidInput } from './intent-error.ts';
export type { IpamContext } from './ipam.ts';
export type { Network, NetworkCreate } from './network.ts';
export type { Port, PortCreate, PortUpdate } from './port.ts';
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
export type { Subnet, SubnetCreate } from './subnet.ts';
export { isAutoAddressed } from './subnet.ts';
export { timestamp } from './timestamp.ts';
export { Topology } from './topology.ts';
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
export {
  checkSubnetDelete,
  freshSubnet,
  readSubnetCreate,
  readSubnetUpdate,
  updatedSubnet,
} from './validate/subnet.ts';
