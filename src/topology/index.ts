/** Tenants' intent: records, the replica with its indexes, validation, addresses. Pure. */

export type { AddressValue } from './address.ts';
export {
  cidrContains,
  eui64Address,
  formatAddress,
  formatMac,
  isMulticast,
  parseAddress,
  parseCidr,
  parseMac,
} from './address.ts';
export { ADDRESS_GROUP_ATTRIBUTES, type AddressGroup } from './address-group.ts';
export {
  ADDRESS_SCOPE_ATTRIBUTES,
  type AddressScope,
} from './address-scope.ts';
export { DHCP_NETWORK_LINK, type Hosted, L3_ROUTER_LINK } from './agent-hosting.ts';
export { alignedBlocks, PORTS } from './aligned-blocks.ts';
export {
  portsLacking,
  portsLosing,
  withAutoAddress,
  withoutSubnet,
} from './auto-addresses.ts';
export {
  AUTO_ALLOCATED_TOPOLOGY_ATTRIBUTES,
  type AutoAllocatedTopology,
} from './auto-allocated-topology.ts';
export {
  type Binding,
  hostsOf,
  type Move,
  numberOn,
  type Plug,
  placeOn,
  placesOf,
  plugsOf,
  type Wire,
} from './binding.ts';
export {
  addressClaim,
  claimConflict,
  claimsOf,
  DEFAULT_EXTERNAL_CLAIM,
  DEFAULT_POOL_EXISTS,
  defaultPoolClaim,
  macClaim,
  qosDefaultClaim,
  rbacClaim,
  referencesOf,
  ruleClaim,
  templateClaims,
  trunkPortClaim,
  vifClaim,
  vlanClaim,
  vniClaim,
} from './claims.ts';
export { CONNTRACK_HELPER_ATTRIBUTES, type ConntrackHelper } from './conntrack-helper.ts';
export {
  DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES,
  type DefaultSecurityGroupRule,
} from './default-security-group-rule.ts';
export {
  FLOATING_IP,
  isRouterInterface,
  ROUTER_GATEWAY,
  ROUTER_INTERFACE,
} from './device-owner.ts';
export type { DhcpOption } from './dhcp-options.ts';
export {
  DEFAULT_DNS_DOMAIN,
  dnsAssignment,
  hasNames,
  keptNames,
  nameInNetwork,
} from './dns.ts';
export {
  FLAVOR_ATTRIBUTES,
  SERVICE_PROFILE_ATTRIBUTES,
  SERVICE_PROFILE_LINK,
  SERVICE_PROVIDER_ATTRIBUTES,
  SERVICE_PROVIDERS,
} from './flavor.ts';
export {
  FLOATING_IP_ATTRIBUTES,
  type FloatingIp,
  type FloatingIpCreate,
  type FloatingIpUpdate,
} from './floating-ip.ts';
export { FLOATING_IP_POOL_ATTRIBUTES } from './floating-ip-pool.ts';
export { groupSetOf, groupsOfSet } from './group-places.ts';
export type { Host } from './host.ts';
export type { Intent } from './intent.ts';
export { IntentError, intentError, invalidInput } from './intent-error.ts';
export { IP_PROTOCOLS, protocolNumber, protocolOf } from './ip-protocols.ts';
export type { IpamContext } from './ipam.ts';
export { isSetApart, mayHear } from './isolation.ts';
export { type LearnedMac, learnedMacId } from './learned-mac.ts';
export { learningPlaces } from './learning-places.ts';
export { learnedKeysOf } from './learning-scope.ts';
export { listenersOf } from './listeners.ts';
export { lookupsOf } from './load/copy-check.ts';
export { isCostly } from './load/growth.ts';
export {
  DEFAULT_HOST_LIMITS,
  type HostLimits,
  type Overrun,
  overrunError,
} from './load/host-limits.ts';
export { LimitCheck } from './load/limit-check.ts';
export { logKeysOf } from './log-scope.ts';
export { learnedMacsOf, mayHaveMac } from './mac-holders.ts';
export {
  hasLearners,
  LEARNED_OF_NETWORK_MAX,
  LEARNED_OF_PORT_MAX,
  learnsMacs,
} from './mac-learning.ts';
export {
  GROUPS_OF_PORT_MAX,
  isStreamGroup,
  type Membership,
} from './membership.ts';
export { METERING_LABEL_ATTRIBUTES, METERING_LABEL_RULE_ATTRIBUTES } from './metering.ts';
export { multicastKey, multicastKeysOf, STREAM_HOSTS_MAX } from './multicast-scope.ts';
export { isTunnelled, NETWORK_ATTRIBUTES, type Network, type NetworkCreate } from './network.ts';
export type { NetworkLog } from './network-log.ts';
export {
  LOGGABLE_RESOURCE_ATTRIBUTES,
  LOGGABLE_TYPES,
  NETWORK_LOG_ATTRIBUTES,
} from './network-log.ts';
export { Overlay, type ReadVersion, versionIn } from './overlay.ts';
export { poolsSize } from './pools.ts';
export {
  type FixedIp,
  PORT_ATTRIBUTES,
  type Port,
  type PortUpdate,
} from './port.ts';
export {
  BINDINGS_MAX,
  bindingsOf,
  PORT_BINDING_ATTRIBUTES,
  type PortBinding,
  withBindings,
} from './port-binding.ts';
export { PORT_FORWARDING_ATTRIBUTES, type PortForwarding } from './port-forwarding.ts';
export { destinationsOf } from './port-hosts.ts';
export { type LoggedEvents, loggedEvents, logsAt } from './port-logs.ts';
export { qosRulesOf } from './port-qos.ts';
export { overlap } from './prefixes.ts';
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
export {
  AGENT_ATTRIBUTES,
  AVAILABILITY_ZONE_ATTRIBUTES,
  NETWORK_IP_AVAILABILITY_ATTRIBUTES,
  ZONE,
} from './read-only.ts';
export type {
  AnyRecord,
  Change,
  Kind,
  Put,
  RecordByKind,
  RecordKey,
} from './records.ts';
export { identify, KINDS, recordKey, splitKey } from './records.ts';
export { ROUTER_ATTRIBUTES, type Router } from './router.ts';
export {
  gatewayOf,
  gatewaysIn,
  interfacesOf,
  routerOfPort,
  subnetsOfPort,
  type Way,
} from './routing.ts';
export {
  type PluggedPort,
  pluggedPort,
  portUnit,
  Scope,
  touchedUnits,
  type UnitKey,
} from './scope.ts';
export { type Clause, clauseKey, isOpen } from './security-clauses.ts';
export { SECURITY_GROUP_ATTRIBUTES, type SecurityGroup } from './security-group.ts';
export {
  normalizedCidr,
  SECURITY_GROUP_RULE_ATTRIBUTES,
  type SecurityGroupRule,
} from './security-group-rule.ts';
export { type SecurityUnitKey, securityKeysOf } from './security-keys.ts';
export { SEGMENT_ATTRIBUTES, segmentOf } from './segment.ts';
export { METADATA_IPV6, SERVICE_IPV4, SERVICE_IPV6, SERVICE_MAC } from './service-address.ts';
export { isShared } from './sharing.ts';
export type { Status } from './status.ts';
export {
  type HostRoute,
  hasDhcp,
  isAdvertised,
  isAutoAddressed,
  SUBNET_ATTRIBUTES,
  type Subnet,
} from './subnet.ts';
export {
  readPrefixes,
  SUBNETPOOL_ATTRIBUTES,
  type Subnetpool,
  type SubnetpoolUpdate,
} from './subnetpool.ts';
export { Tables } from './tables.ts';
export { timestamp, timestampMs } from './timestamp.ts';
export { Topology } from './topology.ts';
export { TRUNK_ATTRIBUTES, type Trunk } from './trunk.ts';
export {
  checkAddressGroupDelete,
  freshAddressGroup,
  updatedAddressGroup,
  withAddresses,
  withoutAddresses,
} from './validate/address-group.ts';
export { hostingId, isHosted, isHostedUntold } from './validate/agent-hosting.ts';
export {
  type Attribute,
  type AttributeTable,
  badRequest,
  type Created,
  type Filter,
  type FilterKind,
  filtersOf,
  readCreate,
  readNamed,
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
  checkOnlyDefault,
  externalPolicies,
} from './validate/external-network.ts';
export {
  checkDriver,
  checkProfileUse,
  freshFlavor,
  freshServiceProfile,
  withoutProfile,
  withProfile,
} from './validate/flavor.ts';
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
export { freshMeteringLabel, freshMeteringLabelRule } from './validate/metering.ts';
export {
  carriageOf,
  checkNetworkDelete,
  freshNetwork,
  touchedNetwork,
  updatedNetwork,
  withSegment,
} from './validate/network.ts';
export {
  checkNetworkLog,
  freshNetworkLog,
  updatedNetworkLog,
} from './validate/network-log.ts';
export { freshPort, updatedPort } from './validate/port.ts';
export {
  checkFloatingIpIsFree,
  checkForwarding,
  checkPortHasNoFloatingIp,
  freshForwarding,
  updatedForwarding,
  wayOfForwarding,
} from './validate/port-forwarding.ts';
export { checkGroupsOfPort } from './validate/port-groups.ts';
export {
  checkQosPolicyDelete,
  checkRule,
  checkRuleUse,
  freshQosPolicy,
  rulesOf,
  touchedQosPolicy,
  updatedQosPolicy,
} from './validate/qos.ts';
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
export {
  checkGroupDelete,
  defaultGroup,
  defaultGroupOf,
  FIRST_TEMPLATES,
  firstRules,
  freshGroup,
  hasTemplates,
  pickGroupNumber,
  touchedGroup,
  updatedGroup,
} from './validate/security-group.ts';
export {
  checkClauses,
  checkRulesTogether,
  freshRule,
  freshTemplate,
  updatedRule,
} from './validate/security-group-rule.ts';
export { checkServicePortDelete, checkServicePortUpdate } from './validate/service-port.ts';
export {
  freshSubnet,
  onboardedSubnet,
  updatedSubnet,
} from './validate/subnet.ts';
export {
  allocatedFrom,
  checkAffinity,
  placedAt,
  poolOf,
  scopeOfNetwork,
} from './validate/subnet-allocation.ts';
export {
  allocatedOf,
  checkRescope,
  checkScope,
  freshSubnetpool,
  rangesOf,
  shrunkSubnetpool,
  updatedSubnetpool,
} from './validate/subnetpool.ts';
export { readSubportBody } from './validate/subports.ts';
export { readTags } from './validate/tag-list.ts';
export { singlePort } from './validate/transport-values.ts';
export {
  checkEnabled,
  checkPortOfTrunk,
  extendedTrunk,
  freshTrunk,
  reducedTrunk,
  subportRecord,
  updatedTrunk,
} from './validate/trunk.ts';
export { boolean, show } from './validate/values.ts';
export { givenVifName, vifNameOf } from './vif-name.ts';
export { subportsOn, type Wiring, wiringOf } from './wiring.ts';
