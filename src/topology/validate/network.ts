/** Networks: from a checked request to a record, and what forbids a change. */
import { vniClaim } from '../claims.ts';
import type { Intent } from '../intent.ts';
import { intentError, invalidInput } from '../intent-error.ts';
import type { IpamContext } from '../ipam.ts';
import { type Network, type NetworkCreate, type NetworkUpdate, VNI_END } from '../network.ts';
import type { Subnet } from '../subnet.ts';
import { type Birth, born, touched } from './birth.ts';

/** 1,500 octets of underlay less 50 of outer IPv4, UDP, Geneve or VXLAN, and inner Ethernet. */
const MTU_DEFAULT = 1450;
/** RFC 791 section 3.2 and RFC 8200 section 5: what a link must carry at least. */
const IPV4_MTU_MIN = 68;
const IPV6_MTU_MIN = 1280;
const MTU_MAX = 65_535;
const VNI_TRIES_MAX = 1000;

/** What no single attribute shows to be wrong. */
export function checkNetworkRequest(given: NetworkCreate): void {
  if (given['router:external'] === true) throw invalidInput('external networks are not supported');
  if (typeof given['provider:physical_network'] === 'string') {
    throw invalidInput('provider:physical_network specified for a tunnelled network');
  }
  const vni = given['provider:segmentation_id'];
  if (vni !== undefined && (vni < 1 || vni >= VNI_END)) {
    throw invalidInput(`provider:segmentation_id out of range (1 through ${VNI_END - 1})`);
  }
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

/** @param vni the one that was asked for, or a picked one */
export function freshNetwork(given: NetworkCreate, birth: Birth, vni: number): Network {
  const mtu = given.mtu === 0 ? MTU_DEFAULT : given.mtu;
  checkMtu(birth.id, mtu, []);
  return {
    name: given.name,
    description: given.description,
    admin_state_up: given.admin_state_up,
    shared: given.shared,
    mtu,
    port_security_enabled: given.port_security_enabled,
    'router:external': false,
    'provider:network_type': given['provider:network_type'] ?? 'geneve',
    'provider:segmentation_id': vni,
    ...born(birth, given),
  };
}

export function updatedNetwork(
  network: Network,
  given: NetworkUpdate,
  at: string,
  subnets: Iterable<Subnet>,
): Network {
  const mtu = given.mtu === 0 ? MTU_DEFAULT : (given.mtu ?? network.mtu);
  checkMtu(network.id, mtu, subnets);
  return { ...network, ...given, mtu, ...touched(network, at) };
}

/** A network's record after one of its subnets came, changed or went. */
export function touchedNetwork(network: Network, at: string): Network {
  return { ...network, ...touched(network, at) };
}

/** Its subnets go with a network; its ports forbid it to go. */
export function checkNetworkDelete(topology: Intent, id: string): void {
  const ports = [...topology.members('portsOfNetwork', id).keys()];
  if (ports.length === 0) return;
  const which = `id for these ports is: ${ports.join(',')}`;
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
