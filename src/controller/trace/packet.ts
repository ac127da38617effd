/** From a question to a packet: what is asked about, with everything that was left open chosen. */
import { type PacketFields, SYN } from '../../simulator/index.ts';
import {
  type AddressValue,
  badRequest,
  formatAddress,
  isMulticast,
  type Port,
  parseAddress,
  parseMac,
  protocolOf,
} from '../../topology/index.ts';

export interface TraceRequest {
  /** Id of a port. */
  readonly from: string;
  /** Id of a port, or an address. */
  readonly to: string;
  /** A name of `IP_PROTOCOLS` or a number; absent: icmp. */
  readonly protocol?: string | undefined;
  /** Destination port; TCP, UDP and SCTP need one. */
  readonly port?: number | undefined;
  readonly sourcePort?: number | undefined;
  readonly icmpType?: number | undefined;
  readonly icmpCode?: number | undefined;
  /** IPv4 or IPv6; absent: the version that both ends have, IPv4 first. */
  readonly ethertype?: string | undefined;
  /** Source address; absent: the sender's own. */
  readonly source?: string | undefined;
}

/** Who gets the packet, as far as anybody does. */
export interface Receiver {
  readonly port: Port | undefined;
  readonly mac: string;
  /** As asked for; undefined: any that the port has. */
  readonly address: AddressValue | undefined;
}

export interface Question {
  readonly packet: PacketFields;
  readonly ethertype: 'IPv4' | 'IPv6';
  /** As rules name it: tcp, udp, sctp, icmp, ipv6-icmp, or a number. */
  readonly protocol: string;
  readonly source: AddressValue;
  readonly destination: AddressValue;
  readonly sourcePort: number | undefined;
  readonly port: number | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
}

const PROTOCOL = { ICMP: 1, ICMPV6: 58 } as const;
const WITH_PORTS: ReadonlyMap<number, 'tcp' | 'udp' | 'sctp'> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);
/** First of the dynamic ports (RFC 6335). */
const SOURCE_PORT = 49_152;
const ECHO = { IPv4: 8, IPv6: 128 } as const;
const TTL = 64;
/** What tells one ping from another; any number will do. */
const ICMP_ID = 1;

/** Throws a refusal of what does not fit together. */
export function readQuestion(request: TraceRequest, sender: Port, receiver: Receiver): Question {
  const ethertype = ethertypeOf(request, sender, receiver);
  const source = sourceOf(request, sender, ethertype);
  const destination = receiver.address ?? addressOf(receiver.port, ethertype);
  if (destination === undefined) throw badRequest(`port ${request.to} has no ${ethertype} address`);
  const number = numberOf(request.protocol ?? 'icmp', ethertype);
  const name = nameOf(number);
  const ip =
    ethertype === 'IPv4'
      ? { eth_type: 0x0800, ip_src: source as number, ip_dst: destination as number }
      : { eth_type: 0x86dd, ipv6_src: source as bigint, ipv6_dst: destination as bigint };
  const { fields, ...transport } = transportOf(request, number, ethertype);
  const packet: PacketFields = {
    eth_src: parseMac(sender.mac_address) ?? 0,
    eth_dst: parseMac(receiver.mac) ?? 0,
    ...ip,
    ip_proto: number,
    nw_ttl: TTL,
    ...fields,
  };
  return { packet, ethertype, protocol: name, source, destination, ...transport };
}

/** As `tcp 10.0.0.10:49152 → 10.0.0.11:80`. */
export function describe({ protocol, source, destination, ...ends }: Question): string {
  const [from, to] = [formatAddress(source), formatAddress(destination)];
  const { port, sourcePort, icmp } = ends;
  if (port !== undefined) {
    return `${protocol} ${withPort(from, sourcePort)} → ${withPort(to, port)}`;
  }
  const type = icmp === undefined ? '' : ` type ${icmp.type} code ${icmp.code}`;
  return `${protocol}${type} ${from} → ${to}`;
}

function withPort(address: string, port: number | undefined): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

type Transport = Pick<Question, 'sourcePort' | 'port' | 'icmp'> & {
  readonly fields: Readonly<Record<string, number>>;
};

function transportOf(
  request: TraceRequest,
  number: number,
  ethertype: Question['ethertype'],
): Transport {
  const { port, sourcePort, icmpType, icmpCode } = request;
  const name = WITH_PORTS.get(number);
  const isIcmp = number === PROTOCOL.ICMP || number === PROTOCOL.ICMPV6;
  if (name === undefined && (port ?? sourcePort) !== undefined) {
    throw badRequest('port and source_port are for tcp, udp and sctp');
  }
  if (!isIcmp && (icmpType ?? icmpCode) !== undefined) {
    throw badRequest('icmp_type and icmp_code are for icmp');
  }
  if (name !== undefined) return portsOf(request, name);
  if (isIcmp) return icmpOf(request, ethertype);
  return { fields: {}, sourcePort: undefined, port: undefined, icmp: undefined };
}

function portsOf({ port, sourcePort }: TraceRequest, name: 'tcp' | 'udp' | 'sctp'): Transport {
  if (port === undefined) throw badRequest(`${name} needs a destination port: port`);
  const from = within('source_port', sourcePort ?? SOURCE_PORT, [1, 0xffff]);
  const to = within('port', port, [1, 0xffff]);
  const flags = name === 'tcp' ? { tcp_flags: SYN } : {};
  const fields = { [`${name}_src`]: from, [`${name}_dst`]: to, ...flags };
  return { fields, sourcePort: from, port: to, icmp: undefined };
}

function icmpOf(request: TraceRequest, ethertype: Question['ethertype']): Transport {
  const type = within('icmp_type', request.icmpType ?? ECHO[ethertype], [0, 0xff]);
  const code = within('icmp_code', request.icmpCode ?? 0, [0, 0xff]);
  const prefix = ethertype === 'IPv4' ? 'icmp' : 'icmpv6';
  const fields = { [`${prefix}_type`]: type, [`${prefix}_code`]: code, icmp_id: ICMP_ID };
  return { fields, sourcePort: undefined, port: undefined, icmp: { type, code } };
}

function within(name: string, value: number, [min, max]: readonly [number, number]): number {
  if (value < min || value > max) throw badRequest(`${name} is a number from ${min} to ${max}`);
  return value;
}

/** `icmp` means ICMPv6 where the addresses are IPv6, as in rules. */
function numberOf(text: string, ethertype: Question['ethertype']): number {
  const number = protocolOf(text.toLowerCase());
  if (number === undefined) {
    throw badRequest(`protocol is a name, as tcp, or a number from 0 to 255, not '${text}'`);
  }
  const isIpv6 = ethertype === 'IPv6';
  if (number === PROTOCOL.ICMP && isIpv6) return PROTOCOL.ICMPV6;
  if (number === PROTOCOL.ICMPV6 && !isIpv6) throw badRequest('ICMPv6 does not go over IPv4');
  return number;
}

function nameOf(number: number): string {
  if (number === PROTOCOL.ICMP) return 'icmp';
  if (number === PROTOCOL.ICMPV6) return 'ipv6-icmp';
  return WITH_PORTS.get(number) ?? String(number);
}

function ethertypeOf(
  { ethertype, source }: TraceRequest,
  sender: Port,
  { port, address }: Receiver,
): Question['ethertype'] {
  if (ethertype !== undefined && ethertype !== 'IPv4' && ethertype !== 'IPv6') {
    throw badRequest(`ethertype is IPv4 or IPv6, not '${ethertype}'`);
  }
  if (address !== undefined) {
    const version = typeof address === 'number' ? 'IPv4' : 'IPv6';
    if (ethertype !== undefined && ethertype !== version) {
      throw badRequest(`to is an ${version} address, and ethertype is ${ethertype}`);
    }
    return version;
  }
  if (ethertype !== undefined) return ethertype;
  const both = (['IPv4', 'IPv6'] as const).find(
    (version) =>
      addressOf(port, version) !== undefined &&
      (source !== undefined || addressOf(sender, version) !== undefined),
  );
  return both ?? 'IPv4';
}

function sourceOf(
  { from, source }: TraceRequest,
  sender: Port,
  ethertype: Question['ethertype'],
): AddressValue {
  const address = source === undefined ? addressOf(sender, ethertype) : parseAddress(source);
  if (address === undefined && source === undefined) {
    throw badRequest(`port ${from} has no ${ethertype} address; say one as source`);
  }
  const version = typeof address === 'number' ? 'IPv4' : 'IPv6';
  if (address === undefined || version !== ethertype) {
    throw badRequest(`source is an ${ethertype} address, not '${source}'`);
  }
  return address;
}

/** The first fixed address of a version. */
function addressOf(
  port: Port | undefined,
  ethertype: Question['ethertype'],
): AddressValue | undefined {
  const kind = ethertype === 'IPv4' ? 'number' : 'bigint';
  return port?.fixed_ips
    .map(({ ip_address }) => parseAddress(ip_address))
    .find((value) => typeof value === kind);
}

const BROADCAST = 0xffff_ffff;

/** An address, if the text is one; one that many have is refused. */
export function readUnicast(text: string): AddressValue | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  if (isMulticast(address) || address === BROADCAST) {
    throw badRequest('to is an address of one port, not of many');
  }
  return address;
}
