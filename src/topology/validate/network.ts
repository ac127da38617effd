/** Networks: from a checked request to a record, and what forbids a change. */
import { isServant } from '../auto-addresses.ts';
import { vlanClaim, vniClaim } from '../claims.ts';
import type { Intent } from '../intent.ts';
import { intentError, invalidInput } from '../intent-error.ts';
import type { IpamContext } from '../ipam.ts';
import {
  isDefaultExternal,
  isTunnelled,
  type Network,
  type NetworkCreate,
  type NetworkType,
  type NetworkUpdate,
  VNI_END,
} from '../network.ts';
import type { Subnet } from '../subnet.ts';
import { type Birth, born, touched } from './birth.ts';

/**
 * Octets of an Ethernet underlay, and what a tunnel takes of them: outer IPv4, UDP, Geneve or
 * VXLAN.
 */
const UNDERLAY_MTU = 1500;
const TUNNEL_OVERHEAD = 50;
/** RFC 791 section 3.2 and RFC 8200 section 5: what a link must carry at least. */
const IPV4_MTU_MIN = 68;
const IPV6_MTU_MIN = 1280;
const MTU_MAX = 65_535;
const VNI_TRIES_MAX = 1000;
const VLAN_ID_END = 4095;

/** How a network is carried, as a request names it. */
interface Carriage {
  readonly type: NetworkType;
  readonly physical: string | null;
  readonly segmentation: number | null;
}

/** A request that names its segment in a list means the provider attributes of the item. */
export function withSegment({ segments: segment, ...given }: NetworkCreate): NetworkCreate {
  if (segment === undefined) return given;
  if (Object.keys(given).some((name) => name.startsWith('provider:'))) {
    throw intentError('SegmentsSetInConjunctionWithProviders', {});
  }
  return { ...given, ...segment };
}

/** What no single attribute shows to be wrong. */
export function carriageOf(given: NetworkCreate): Carriage {
  const type = given['provider:network_type'] ?? 'geneve';
  const physical = given['provider:physical_network'] ?? null;
  const segmentation = given['provider:segmentation_id'] ?? null;
  const needsPhysical = type === 'vlan' || type === 'flat';
  if (needsPhysical && physical === null) {
    throw invalidInput(`physical_network required for ${type} provider network`);
  }
  if (!needsPhysical && physical !== null) {
    throw invalidInput(`provider:physical_network specified for ${type} network`);
  }
  if (segmentation !== null) checkSegmentation(type, segmentation);
  return { type, physical, segmentation };
}

function checkSegmentation(type: NetworkType, id: number): void {
  if (type === 'flat' || type === 'local') {
    throw invalidInput(`provider:segmentation_id specified for ${type} network`);
  }
  const end = type === 'vlan' ? VLAN_ID_END : VNI_END;
  if (id >= 1 && id < end) return;
  throw invalidInput(`provider:segmentation_id out of range (1 through ${end - 1})`);
}

/** A VNI that no network has, as far as the replica knows; the claim of the commit decides. */
export function pickVni({ topology, reservations, random }: IpamContext): number {
  for (let i = 0; i < VNI_TRIES_MAX; i++) {
    const vni = 1 + random.integer(VNI_END - 1);
    const owner = topology.networkByVni(vni);
    if (owner === undefined && !reservations.has(vniClaim(vni))) return vni;
  }
  throw intentError('NoNetworkAvailable', {});
}

/** A VLAN ID that no network of the physical network has. */
function pickVlan({ reservations, random }: IpamContext, physical: string): number {
  const start = random.integer(VLAN_ID_END - 1);
  for (let i = 0; i < VLAN_ID_END - 1; i++) {
    const id = 1 + ((start + i) % (VLAN_ID_END - 1));
    if (!reservations.has(vlanClaim(physical, id))) return id;
  }
  throw intentError('NoNetworkAvailable', {});
}

export function freshNetwork(given: NetworkCreate, birth: Birth, ipam: IpamContext): Network {
  const { type, physical, segmentation } = carriageOf(given);
  const mtu = given.mtu === 0 ? defaultMtu(type) : given.mtu;
  checkMtu(birth.id, mtu, []);
  const vni = isTunnelled(type) && segmentation !== null ? segmentation : pickVni(ipam);
  const vlan = type === 'vlan' ? (segmentation ?? pickVlan(ipam, physical ?? '')) : null;
  return {
    name: given.name,
    description: given.description,
    admin_state_up: given.admin_state_up,
    mtu,
    port_security_enabled: given.port_security_enabled,
    'router:external': given['router:external'],
    is_default: given.is_default && given['router:external'],
    dns_domain: given.dns_domain,
    availability_zone_hints: given.availability_zone_hints,
    'provider:network_type': type,
    'provider:physical_network': physical,
    'provider:segmentation_id': isTunnelled(type) ? vni : vlan,
    vni,
    qos_policy_id: given.qos_policy_id,
    ...born(birth, given),
  };
}

export function updatedNetwork(
  network: Network,
  given: Omit<NetworkUpdate, 'shared'>,
  at: string,
  subnets: Iterable<Subnet>,
): Network {
  const preset = defaultMtu(network['provider:network_type']);
  const mtu = given.mtu === 0 ? preset : (given.mtu ?? network.mtu);
  checkMtu(network.id, mtu, subnets);
  const after = { ...network, ...given, mtu, ...touched(network, at) };
  return { ...after, is_default: isDefaultExternal(after) };
}

function defaultMtu(type: NetworkType): number {
  return isTunnelled(type) ? UNDERLAY_MTU - TUNNEL_OVERHEAD : UNDERLAY_MTU;
}

/** A network's record after one of its subnets came, changed or went. */
export function touchedNetwork(network: Network, at: string): Network {
  return { ...network, ...touched(network, at) };
}

/** Its subnets, and ports that serve it from within, go with a network; others forbid it to go. */
export function checkNetworkDelete(topology: Intent, id: string): void {
  const ports = [...topology.members('portsOfNetwork', id).values()].filter(
    (port) => !isServant(port),
  );
  if (ports.length === 0) return;
  const which = `id for these ports is: ${ports.map((port) => port.id).join(',')}`;
  const reason = `There are one or more ports still in use on the network, ${which}`;
  throw intentError('NetworkInUse', { net_id: id, reason });
}

export function checkMtu(networkId: string, mtu: number, subnets: Iterable<Subnet>): void {
  if (mtu > MTU_MAX)
    throw invalidInput(`'${mtu}' is too large - must be no larger than '${MTU_MAX}'`);
  const versions = [...subnets].map((subnet) => subnet.ip_version);
  const least = versions.includes(6) ? IPV6_MTU_MIN : IPV4_MTU_MIN;
  if (mtu < least) throw intentError('NetworkMTUSubnetConflict', { net_id: networkId, mtu: least });
}
