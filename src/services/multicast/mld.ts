/** MLD: reports of both versions (RFC 2710, RFC 3810), queries of version 2. */
import { IP_PROTO } from '../../openflow/constants.ts';
import { Reader, Writer } from '../../openflow/wire/index.ts';
import { SERVICE_IPV6, SERVICE_MAC } from '../../topology/index.ts';
import { checksum } from '../checksum.ts';
import { HOP_BY_HOP, pseudoHeader6, readIp6, writeIp6 } from '../ip6.ts';
import { type Report, readRecords } from './records.ts';
import { floatCode, type QueryTiming, ROBUSTNESS } from './timing.ts';

const TYPE = { QUERY: 130, REPORT_1: 131, DONE_1: 132, REPORT_2: 143 } as const;

const ALL_NODES = (0xff02n << 112n) | 1n;
const CHECKSUM_AT = 2;

/** Throws DecodeError. What is no report tells of no group. */
export function readMld(frame: Buffer): Report[] {
  const reader = icmpv6Of(frame);
  const type = reader.u8();
  // A code and a checksum.
  reader.skip(3);
  switch (type) {
    case TYPE.REPORT_1:
    case TYPE.DONE_1:
      reader.skip(4);
      return [[reader.u128(), type === TYPE.REPORT_1 ? 'listens' : 'leaves']];
    case TYPE.REPORT_2:
      reader.skip(2);
      return readRecords(reader, reader.u16(), () => reader.u128());
    default:
      return [];
  }
}

/** What is behind the one extension header that such a message has, or behind none. */
function icmpv6Of(frame: Buffer): Reader {
  const { nextHeader, payload } = readIp6(frame);
  const reader = new Reader(payload);
  let header = nextHeader;
  if (header === HOP_BY_HOP) {
    header = reader.u8();
    reader.skip(reader.u8() * 8 + 6);
  }
  if (header !== IP_PROTO.ICMPV6) throw reader.error('ICMPv6', header);
  return reader;
}

/** "Router alert" for MLD (RFC 2711) and padding, without which hosts pass over a query. */
const ROUTER_ALERT = Buffer.from([IP_PROTO.ICMPV6, 0, 5, 2, 0, 0, 1, 0]);

/** Of all groups, or of one; hosts of the older version take it for one of theirs. */
export function mldQuery(timing: QueryTiming, group?: bigint): Buffer {
  const writer = new Writer(28);
  const responseMs = group === undefined ? timing.responseMs : timing.leaveResponseMs;
  writer.u8(TYPE.QUERY);
  writer.u8(0);
  writer.u16(0);
  writer.u16(floatCode(responseMs, 16));
  writer.u16(0);
  writer.u128(group ?? 0n);
  writer.u8(ROBUSTNESS);
  writer.u8(floatCode(Math.ceil(timing.intervalMs / 1000), 8));
  writer.u16(0);
  const message = writer.take();
  const destination = group ?? ALL_NODES;
  const ends = {
    sourceMac: SERVICE_MAC,
    destinationMac: 0x3333_0000_0000 + Number(destination & 0xffff_ffffn),
    source: SERVICE_IPV6,
    destination,
  };
  const pseudo = pseudoHeader6(ends, IP_PROTO.ICMPV6, message.length);
  message.writeUInt16BE(checksum(pseudo, message), CHECKSUM_AT);
  const payload = Buffer.concat([ROUTER_ALERT, message]);
  return writeIp6(ends, { nextHeader: HOP_BY_HOP, hopLimit: 1, payload });
}
