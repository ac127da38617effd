/**
 * Who has fe80::a9fe:a9fe (RFC 4861): asked by multicast, or once more by unicast, it is always the
 * address of services.
 */
import { ETH_TYPE, ICMPV6_TYPE, IP_PROTO } from '../../openflow/constants.ts';
import { Reader, Writer } from '../../openflow/wire/index.ts';
import { METADATA_IPV6, SERVICE_MAC } from '../../topology/index.ts';
import { readEthernet } from '../ethernet.ts';
import { HOP_LIMIT_MAX, type Packet6, readIp6, writeIcmp6 } from '../ip6.ts';

/** Solicited and override. */
const FLAGS = 0x6000_0000;
const TARGET_LINK_LAYER_ADDRESS = 2;
/** Bytes of the type, the code and the checksum, and of what is reserved. */
const [HEAD_SIZE, RESERVED_SIZE] = [4, 4];

/** Whether a frame is IPv6 with ICMPv6, however wrong. Throws DecodeError for what is no frame. */
export function isNeighborDiscovery(frame: Buffer): boolean {
  const isIp6 = readEthernet(new Reader(frame)).type === ETH_TYPE.IPV6;
  return isIp6 && readIp6(frame).nextHeader === IP_PROTO.ICMPV6;
}

/** The advertisement, or why there is none. Throws DecodeError. */
export function answerNeighbor(frame: Buffer): Buffer | string {
  const packet = readIp6(frame);
  if (!isSolicitation(packet)) return 'no question';
  const message = new Writer(32);
  message.u8(ICMPV6_TYPE.NEIGHBOR_ADVERT);
  message.zero(HEAD_SIZE - 1);
  message.u32(FLAGS);
  message.u128(METADATA_IPV6);
  message.u8(TARGET_LINK_LAYER_ADDRESS);
  message.u8(1);
  message.u48(SERVICE_MAC);
  const ends = {
    sourceMac: SERVICE_MAC,
    destinationMac: packet.sourceMac,
    source: METADATA_IPV6,
    destination: packet.source,
  };
  return writeIcmp6(ends, message.take());
}

/** With a sender that can be answered, from the link itself. */
function isSolicitation({ nextHeader, hopLimit, source, payload }: Packet6): boolean {
  if (nextHeader !== IP_PROTO.ICMPV6 || hopLimit !== HOP_LIMIT_MAX || source === 0n) return false;
  const reader = new Reader(payload);
  const [type, code] = [reader.u8(), reader.u8()];
  reader.skip(HEAD_SIZE - 2 + RESERVED_SIZE);
  return type === ICMPV6_TYPE.NEIGHBOR_SOLICIT && code === 0 && reader.u128() === METADATA_IPV6;
}
