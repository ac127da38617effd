/** IGMP: reports of all three versions (RFC 1112, RFC 2236, RFC 3376), queries of version 3. */
import { IP_PROTO } from '../../openflow/constants.ts';
import { Reader, Writer } from '../../openflow/wire/index.ts';
import { SERVICE_IPV4, SERVICE_MAC } from '../../topology/index.ts';
import { checksum } from '../checksum.ts';
import { ROUTER_ALERT_4, readIp4, writeIp4 } from '../ip4.ts';
import { type Report, readRecords } from './records.ts';
import { floatCode, type QueryTiming, ROBUSTNESS } from './timing.ts';

const TYPE = {
  QUERY: 0x11,
  REPORT_1: 0x12,
  REPORT_2: 0x16,
  LEAVE_2: 0x17,
  REPORT_3: 0x22,
} as const;

const ALL_HOSTS = 0xe000_0001;
const CHECKSUM_AT = 2;

/** Throws DecodeError. What is no report tells of no group. */
export function readIgmp(frame: Buffer): Report[] {
  const { protocol, payload } = readIp4(frame);
  const reader = new Reader(payload);
  if (protocol !== IP_PROTO.IGMP) throw reader.error('IGMP', protocol);
  const type = reader.u8();
  // A time or nothing, and a checksum.
  reader.skip(3);
  switch (type) {
    case TYPE.REPORT_1:
    case TYPE.REPORT_2:
      return [[reader.u32(), 'listens']];
    case TYPE.LEAVE_2:
      return [[reader.u32(), 'leaves']];
    case TYPE.REPORT_3:
      reader.skip(2);
      return readRecords(reader, reader.u16(), () => reader.u32());
    default:
      return [];
  }
}

/** Of all groups, or of one; hosts of older versions take it for one of theirs. */
export function igmpQuery(timing: QueryTiming, group?: number): Buffer {
  const writer = new Writer(12);
  const responseMs = group === undefined ? timing.responseMs : timing.leaveResponseMs;
  writer.u8(TYPE.QUERY);
  writer.u8(floatCode(Math.max(1, Math.ceil(responseMs / 100)), 8));
  writer.u16(0);
  writer.u32(group ?? 0);
  writer.u8(ROBUSTNESS);
  writer.u8(floatCode(Math.ceil(timing.intervalMs / 1000), 8));
  writer.u16(0);
  const payload = writer.take();
  payload.writeUInt16BE(checksum(payload), CHECKSUM_AT);
  const destination = group ?? ALL_HOSTS;
  const ends = {
    sourceMac: SERVICE_MAC,
    destinationMac: 0x0100_5e00_0000 + (destination & 0x7f_ffff),
    source: SERVICE_IPV4,
    destination,
  };
  return writeIp4(ends, { protocol: IP_PROTO.IGMP, payload, ttl: 1, options: ROUTER_ALERT_4 });
}
