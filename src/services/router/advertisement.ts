/**
 * Router advertisements (RFC 4861 section 4.2), asked for or not: how the addresses of a
 * network are made, and whether anything routes. Who advertises is the router interface, or, where
 * there is none, the address of services, as a router that nobody should use (lifetime 0).
 */
import { ICMPV6_TYPE, IP_PROTO } from '../../openflow/constants.ts';
import { DecodeError, Writer } from '../../openflow/wire/index.ts';
import { HOP_LIMIT_MAX, readIp6, writeIcmp6 } from '../ip6.ts';
import { domainBytes } from '../option-values.ts';

export interface Prefix {
  readonly first: bigint;
  readonly length: number;
  /** Hosts make their addresses of it (RFC 4862). */
  readonly isAutonomous: boolean;
}

/** One router, as a network sees it. */
export interface Advertiser {
  readonly mac: number;
  /** Its link-local address. */
  readonly address: bigint;
  readonly isRouter: boolean;
  /** Addresses, or other settings, are to be had by DHCPv6. */
  readonly isManaged: boolean;
  readonly hasOther: boolean;
  readonly prefixes: readonly Prefix[];
  readonly nameservers: readonly bigint[];
  /** Searched for names; '' for none. */
  readonly domain: string;
  readonly mtu: number;
}

const ALL_NODES_MAC = 0x3333_0000_0001;
const ALL_NODES = (0xff02n << 112n) | 1n;

const FLAG = { MANAGED: 0x80, OTHER: 0x40 } as const;
const PREFIX_FLAG = { ON_LINK: 0x80, AUTONOMOUS: 0x40 } as const;
const OPTION = { SOURCE: 1, PREFIX: 3, MTU: 5, RDNSS: 25, DNSSL: 31 } as const;

/** What guests are to use as the limit of hops. */
const HOP_LIMIT = 64;
/**
 * Seconds; the longest that there is (RFC 8319). A guest asks once, and no controller need be there
 * for it to go on: what it was told about addresses holds for ever.
 */
const ROUTER_LIFETIME = 0xffff;
const FOR_EVER = 0xffff_ffff;

/** The frames to send back, or why there are none, in a few words. */
export function answerSolicitation(
  frame: Buffer,
  advertisers: readonly Advertiser[],
): readonly Buffer[] | string {
  try {
    const { nextHeader, hopLimit, payload } = readIp6(frame);
    const isSolicitation =
      nextHeader === IP_PROTO.ICMPV6 &&
      hopLimit === HOP_LIMIT_MAX &&
      payload[0] === ICMPV6_TYPE.ROUTER_SOLICIT &&
      payload[1] === 0;
    if (!isSolicitation) return 'no question';
    return advertisers.length === 0 ? 'nothing to advertise' : advertisers.map(advertisement);
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}

const NOTHING_MORE = { isRouter: false, prefixes: [], nameservers: [], domain: '' } as const;

/** What a router says last (RFC 4861 section 6.2.5): that it is one no more. */
export function withdrawal(advertiser: Advertiser): Buffer {
  return advertisement({ ...advertiser, ...NOTHING_MORE });
}

/** To all nodes: which of them gets it is the switch's business. */
export function advertisement(advertiser: Advertiser): Buffer {
  const { mac, address } = advertiser;
  const ends = {
    sourceMac: mac,
    destinationMac: ALL_NODES_MAC,
    source: address,
    destination: ALL_NODES,
  };
  return writeIcmp6(ends, message(advertiser));
}

function message(advertiser: Advertiser): Buffer {
  const writer = new Writer(256);
  writer.u8(ICMPV6_TYPE.ROUTER_ADVERT);
  writer.u8(0);
  writer.u16(0);
  writer.u8(HOP_LIMIT);
  writer.u8((advertiser.isManaged ? FLAG.MANAGED : 0) | (advertiser.hasOther ? FLAG.OTHER : 0));
  writer.u16(advertiser.isRouter ? ROUTER_LIFETIME : 0);
  // Reachable time and retransmission timer: not said.
  writer.u32(0);
  writer.u32(0);
  option(writer, OPTION.SOURCE, () => writer.u48(advertiser.mac));
  option(writer, OPTION.MTU, () => {
    writer.u16(0);
    writer.u32(advertiser.mtu);
  });
  for (const prefix of advertiser.prefixes) {
    option(writer, OPTION.PREFIX, () => writePrefix(writer, prefix));
  }
  writeNames(writer, advertiser);
  return writer.take();
}

function writePrefix(writer: Writer, { first, length, isAutonomous }: Prefix): void {
  writer.u8(length);
  writer.u8(PREFIX_FLAG.ON_LINK | (isAutonomous ? PREFIX_FLAG.AUTONOMOUS : 0));
  writer.u32(FOR_EVER);
  writer.u32(FOR_EVER);
  writer.u32(0);
  writer.u128(first);
}

/** RFC 8106. */
function writeNames(writer: Writer, { nameservers, domain }: Advertiser): void {
  const lifetime = (): void => {
    writer.u16(0);
    writer.u32(FOR_EVER);
  };
  if (nameservers.length > 0) {
    option(writer, OPTION.RDNSS, () => {
      lifetime();
      for (const address of nameservers) writer.u128(address);
    });
  }
  const name = domain === '' ? undefined : domainBytes(domain);
  if (name === undefined) return;
  option(writer, OPTION.DNSSL, () => {
    lifetime();
    writer.bytes(name);
  });
}

/** Type, length in units of 8 bytes, value, padding. */
function option(writer: Writer, type: number, write: () => void): void {
  const start = writer.length;
  writer.u8(type);
  writer.u8(0);
  write();
  writer.align8(start);
  writer.patchU8(start + 1, (writer.length - start) / 8);
}
