/**
 * What the controller answers itself, from the topology alone: written from docs/pipeline.md and
 * docs/neutron.md without a look at flows or the compiler.
 */
import type { PacketFields, Question } from '../../src/simulator/index.ts';
import type { Network, Subnet, Topology } from '../../src/topology/index.ts';

type Service = Question['service'];

const METADATA_ADDRESS = 0xa9fe_a9fe;
/** fe80::a9fe:a9fe. */
const METADATA_ADDRESS_6 = 0xfe80_0000_0000_0000_0000_0000_a9fe_a9fen;
export const SERVER_MAC = 0x0248_4400_0001;
const SYN = 2;

/** A segment of a connection to the metadata service. */
function isMetadata({ eth_dst, ip_dst, ipv6_dst, tcp_dst }: PacketFields): boolean {
  const isAddress = ip_dst === METADATA_ADDRESS || ipv6_dst === METADATA_ADDRESS_6;
  return isAddress && eth_dst === SERVER_MAC && tcp_dst === 80;
}

/** One that no security group judges: what opened its connection was judged. */
export function isLaterMetadata(packet: PacketFields): boolean {
  return isMetadata(packet) && ((packet.tcp_flags ?? 0) & SYN) === 0;
}

/** The service that a packet of a port asks for; undefined when it goes on. */
export function askedService(
  topology: Topology,
  network: Network,
  packet: PacketFields,
): Service | undefined {
  if (isReport(packet)) return 'multicast';
  if (isQuery(packet) && isNamed(topology, network)) return 'dns';
  const subnets = [...topology.list('subnet')].filter(
    ({ network_id }) => network_id === network.id,
  );
  return SERVICES.find(
    ({ isAsked, isOffered }) => isAsked(packet) && subnets.some((subnet) => isOffered(subnet)),
  )?.service;
}

/** Which multicast groups a guest listens to, or what else it says by IGMP. */
function isReport({ eth_type, ip_proto, icmpv6_type = 0 }: PacketFields): boolean {
  const isIgmp = eth_type === 0x0800 && ip_proto === 2;
  return isIgmp || [131, 132, 143].includes(icmpv6_type);
}

/** To one machine, by UDP. */
function isQuery({ udp_dst, eth_dst = 0 }: PacketFields): boolean {
  return udp_dst === 53 && Math.floor(eth_dst / 2 ** 40) % 2 === 0;
}

function isNamed(topology: Topology, network: Network): boolean {
  return [...topology.list('port')].some(
    ({ network_id, dns_name }) => network_id === network.id && dns_name !== '',
  );
}

interface Row {
  readonly service: Service;
  readonly isAsked: (packet: PacketFields) => boolean;
  readonly isOffered: (subnet: Subnet) => boolean;
}

const SERVICES: readonly Row[] = [
  {
    service: 'dhcpv4',
    isAsked: ({ eth_type, udp_src, udp_dst }) =>
      eth_type === 0x0800 && udp_src === 68 && udp_dst === 67,
    isOffered: ({ ip_version, enable_dhcp }) => ip_version === 4 && enable_dhcp,
  },
  {
    service: 'dhcpv6',
    isAsked: ({ eth_type, udp_src, udp_dst }) =>
      eth_type === 0x86dd && udp_src === 546 && udp_dst === 547,
    isOffered: ({ ip_version, enable_dhcp, ipv6_address_mode }) =>
      ip_version === 6 && enable_dhcp && (ipv6_address_mode ?? '').startsWith('dhcpv6'),
  },
  {
    service: 'router-solicitation',
    isAsked: ({ icmpv6_type }) => icmpv6_type === 133,
    isOffered: ({ ip_version, ipv6_ra_mode }) => ip_version === 6 && ipv6_ra_mode !== null,
  },
  {
    service: 'metadata',
    isAsked: (packet) =>
      isMetadata(packet) ||
      (packet.icmpv6_type === 135 &&
        (packet.icmpv6_code ?? 0) === 0 &&
        packet.nd_target === METADATA_ADDRESS_6),
    isOffered: ({ enable_dhcp }) => enable_dhcp,
  },
];

/** The MAC address that is answered to whoever asks for the server's address. */
export function serverMac(
  topology: Topology,
  network: Network,
  packet: PacketFields,
): number | undefined {
  const isAsked = packet.eth_type === 0x0806 && packet.arp_op === 1;
  if (!isAsked || packet.arp_tpa !== METADATA_ADDRESS) return undefined;
  const isServed = [...topology.list('subnet')].some(
    ({ network_id, enable_dhcp }) => network_id === network.id && enable_dhcp,
  );
  return isServed ? SERVER_MAC : undefined;
}
