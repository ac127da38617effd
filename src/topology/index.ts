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
  rbacClaim,
  referencesOf,
  vlanClaim,
  vniClaim,
} from './claims.ts';
export { CONNTRACK_HELPER_ATTRIBUTES, type ConntrackHelper } from './conntrack-helper.ts';
export {
  FLOATING_IP,
  isRouterInterface,
  ROUTER_GATEWAY,
  ROUTER_INTERFACE,
} from './device-owner.ts';
export {
  FLOATING_IP_ATTRIBUTES,
  type FloatingIp,
  type FloatingIpCreate,
  type FloatingIpUpdate,
} from './floating-ip.ts';
export { FLOATING_IP_POOL_ATTRIBUTES } from './floating-ip-pool.ts';
export type { Host } from './host.ts';
export type { Intent } from './intent.ts';
export { IntentError, intentError, invalidInput } from './intent-error.ts';
export type { IpamContext } from './ipam.ts';
export { isTunnelled, NETWORK_ATTRIBUTES, type Network } from './network.ts';
export { Overlay } from './overlay.ts';
export {
  type FixedIp,
  PORT_ATTRIBUTES,
  type Port,
  type PortUpdate,
} from './port.ts';
export { PORT_FORWARDING_ATTRIBUTES, type PortForwarding } from './port-forwarding.ts';
export { QUOTAS, type Quota, type QuotaName } from './quota.ts';
export {
  EVERYBODY,
  RBAC_POLICY_ATTRIBUTES,
  type RbacAction,
  type RbacPolicy,
  SHAREABLE,
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
export { ROUTER_ATTRIBUTES, type Router } from './router.ts';
export {
  gatewayOf,
  gatewaysIn,
  interfacesOf,
  routerOfPort,
  subnetsOfPort,
  type Way,
} from './routing.ts';
export { type PluggedPort, pluggedPort, Scope, touchedUnits, type UnitKey } from './scope.ts';
export { isShared } from './sharing.ts';
export type { Status } from './status.ts';
export { type HostRoute, isAutoAddressed, SUBNET_ATTRIBUTES, type Subnet } from './subnet.ts';
export { timestamp } from './timestamp.ts';
export { Topology } from './topology.ts';
export {
  type Attribute,
  type AttributeTable,
  badRequest,
  type Created,
  type FilterKind,
  filtersOf,
  readCreate,
  readUpdate,
  TAG_FILTERS,
  type TagFilter,
  type Updated,
} from './validate/attributes.ts';
export { badResource } from './validate/bad-resource.ts';
export { checkConntrackHelper } from './validate/conntrack-helper.ts';
export {
  checkGatewaysOpen,
  checkNoGateways,
  externalPolicies,
} from './validate/external-network.ts';
export {
  type Association,
  associate,
  badFloatingIp,
  checkFloatingNetwork,
  checkNoForwardings,
  freshFloatingIp,
  NO_ASSOCIATION,
  touchedFloatingIp,
} from './validate/floating-ip.ts';
export {
  carriageOf,
  checkNetworkDelete,
  freshNetwork,
  touchedNetwork,
  updatedNetwork,
} from './validate/network.ts';
export { freshPort, updatedPort } from './validate/port.ts';
export {
  checkFloatingIpIsFree,
  checkForwarding,
  checkPortHasNoFloatingIp,
  freshForwarding,
  updatedForwarding,
  wayOfForwarding,
} from './validate/port-forwarding.ts';
export {
  checkRouterDelete,
  checkRoutes,
  freshRouter,
  reachWithGateway,
  touchedRouter,
  updatedRouter,
} from './validate/router.ts';
export {
  checkGateway,
  checkGatewayUnused,
  checkOverlap,
  wantsOtherAddresses,
} from './validate/router-gateway.ts';
export {
  checkInterfacePort,
  checkInterfaceSubnet,
  checkInterfaceUnused,
  checkOneIpv4Subnet,
  checkPools,
  checkSubnetOpen,
  ipv6PortOf,
  readInterface,
} from './validate/router-interface.ts';
export type { GatewayRequest } from './validate/router-values.ts';
export { checkServicePortDelete, checkServicePortUpdate } from './validate/service-port.ts';
export {
  checkSubnetDelete,
  freshSubnet,
  updatedSubnet,
} from './validate/subnet.ts';
export { singlePort } from './validate/transport-values.ts';
