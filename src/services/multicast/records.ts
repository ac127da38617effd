/**
 * Group records of IGMPv3 (RFC 3376 section 4.2.4) and multicast address records of MLDv2 (RFC 3810
 * section 5.2.5), which differ in how long an address is.
 */
import type { Reader } from '../../openflow/wire/index.ts';
import type { AddressValue } from '../../topology/index.ts';

export type Report = readonly [group: AddressValue, what: 'listens' | 'leaves'];

const RECORD = {
  IS_INCLUDE: 1,
  IS_EXCLUDE: 2,
  TO_INCLUDE: 3,
  TO_EXCLUDE: 4,
  ALLOW: 5,
  BLOCK: 6,
} as const;

/** Bytes of a word, in which auxiliary data is counted. */
const WORD = 4;

/** Throws DecodeError where there are fewer than were said; each takes bytes, so they are few. */
export function readRecords(
  reader: Reader,
  count: number,
  readAddress: () => AddressValue,
): Report[] {
  return Array.from({ length: boundedCount(reader, count) }, () => {
    const type = reader.u8();
    const auxiliaryWords = reader.u8();
    const sources = reader.u16();
    const group = readAddress();
    reader.skip(sources * addressBytes(group) + auxiliaryWords * WORD);
    return [group, meaningOf(type, sources)] as const;
  }).filter((report): report is Report => report[1] !== undefined);
}

/** The least that a record takes is its head. */
function boundedCount(reader: Reader, count: number): number {
  if (count * 2 * WORD > reader.remaining) throw reader.error(`${count} records`, reader.remaining);
  return count;
}

function addressBytes(group: AddressValue): number {
  return typeof group === 'number' ? 4 : 16;
}

/** Who excludes senders listens to the others; who includes none listens to nobody. */
function meaningOf(type: number, sources: number): Report[1] | undefined {
  switch (type) {
    case RECORD.IS_EXCLUDE:
    case RECORD.TO_EXCLUDE:
      return 'listens';
    case RECORD.IS_INCLUDE:
    case RECORD.ALLOW:
      return sources > 0 ? 'listens' : undefined;
    case RECORD.TO_INCLUDE:
      return sources > 0 ? 'listens' : 'leaves';
    case RECORD.BLOCK:
      return 'leaves';
    default:
      return undefined;
  }
}
