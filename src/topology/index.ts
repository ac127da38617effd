/** Tenants' intent: records, the replica with its indexes, validation, addresses. Pure. */

export type { Binding } from './binding.ts';
export type { Host } from './host.ts';
export type { Network, TunnelType } from './network.ts';
export type { AddressPair, FixedIp, Port } from './port.ts';
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
export type { AllocationPool, HostRoute, Ipv6Mode, Subnet } from './subnet.ts';
export type { AddressValue } from './topology.ts';
export { Topology } from './topology.ts';
