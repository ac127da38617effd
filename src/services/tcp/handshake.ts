/**
 * How a connection begins, from the side that is called (RFC 9293 section 3.5), without a memory of
 * those that have only half begun: so a flood of SYNs costs nothing but its answers. All that must
 * be known of a SYN comes back with the acknowledgment of our own sequence number, which is a
 * cookie (RFC 4987 section 3.6):
 *
 *      31    29 28                                                        0
 *     +--------+-----------------------------------------------------------+
 *     |  MSS   |  keyed hash: who, the number of their SYN, MSS, period    |
 *     +--------+-----------------------------------------------------------+
 *
 * As a keyed hash of both ends it is also what RFC 6528 asks of initial sequence numbers: nobody
 * guesses it, and no other connection has it.
 */
import type { KeyedHash } from '../../lib/keyed-hash.ts';
import { TcpConnection, WINDOW } from './connection.ts';
import { advance, FLAG, isSet, NO_BYTES, type Segment } from './segment.ts';

/** How long a cookie is good for: the rest of its period, and the next one. */
const PERIOD_MS = 64_000;

/** What a cookie can say of the peer's segments; of what lies between, the smaller one. */
const MSS_CLASSES = [536, 1024, 1220, 1300, 1360, 1382, 1402, 1460] as const;
const CLASS_SHIFT = 29;
const HASH_SHIFT = 3;
/** When the peer does not say (RFC 9293 section 3.7.1). */
const MSS_DEFAULT = 536;

/** Where a segment of no known connection belongs, and when it came. */
export interface Caller {
  /** Tells both ends of this connection from all others. */
  readonly ends: string;
  /** Bytes of the largest segment that the network takes. */
  readonly mss: number;
  /** Milliseconds. */
  readonly now: number;
}

/**
 * What a segment of no known connection comes to: an answer, nothing, or a connection, which has
 * yet to take the segment.
 */
export function answerCaller(
  segment: Segment,
  caller: Caller,
  hash: KeyedHash,
): Segment | TcpConnection | undefined {
  const { flags } = segment;
  if (isSet(flags, FLAG.RST)) return undefined;
  if (!isSet(flags, FLAG.ACK)) {
    return isSet(flags, FLAG.SYN) ? accept(segment, caller, hash) : refuse(segment);
  }
  if (isSet(flags, FLAG.SYN)) return refuse(segment);
  return establish(segment, caller, hash) ?? refuse(segment);
}

/** The reset that says that there is no such connection (RFC 9293 section 3.10.7.1). */
export function refuse({ flags, sequence, acknowledgment, payload }: Segment): Segment {
  const bare = { window: 0, payload: NO_BYTES };
  if (isSet(flags, FLAG.ACK)) {
    return { ...bare, flags: FLAG.RST, sequence: acknowledgment, acknowledgment: 0 };
  }
  const length = payload.length + [FLAG.SYN, FLAG.FIN].filter((flag) => isSet(flags, flag)).length;
  const next = advance(sequence, length);
  return { ...bare, flags: FLAG.RST | FLAG.ACK, sequence: 0, acknowledgment: next };
}

function accept(segment: Segment, caller: Caller, hash: KeyedHash): Segment {
  const index = classOf(segment.mss ?? MSS_DEFAULT);
  const period = Math.floor(caller.now / PERIOD_MS);
  return {
    flags: FLAG.SYN | FLAG.ACK,
    sequence: cookieOf({ ...caller, index, period, callersFirst: segment.sequence }, hash),
    acknowledgment: advance(segment.sequence, 1),
    window: WINDOW,
    mss: caller.mss,
    payload: NO_BYTES,
  };
}

function establish(segment: Segment, caller: Caller, hash: KeyedHash): TcpConnection | undefined {
  const cookie = advance(segment.acknowledgment, -1);
  const index = cookie >>> CLASS_SHIFT;
  const callersFirst = advance(segment.sequence, -1);
  const now = Math.floor(caller.now / PERIOD_MS);
  const isOurs = [now, now - 1].some(
    (period) => cookieOf({ ...caller, index, period, callersFirst }, hash) === cookie,
  );
  if (!isOurs) return undefined;
  return new TcpConnection({
    sequence: segment.acknowledgment,
    acknowledgment: segment.sequence,
    mss: Math.min(caller.mss, MSS_CLASSES[index] ?? MSS_DEFAULT),
  });
}

interface CookieContent {
  readonly ends: string;
  readonly index: number;
  readonly period: number;
  /** Sequence number of the caller's SYN. */
  readonly callersFirst: number;
}

function cookieOf({ ends, index, period, callersFirst }: CookieContent, hash: KeyedHash): number {
  const hashed = hash(`${ends} ${callersFirst} ${index} ${period}`) >>> HASH_SHIFT;
  return ((index << CLASS_SHIFT) | hashed) >>> 0;
}

/** A peer that takes less than the least of them has to take that (RFC 9293 section 3.7.1). */
function classOf(mss: number): number {
  return Math.max(
    0,
    MSS_CLASSES.findLastIndex((each) => each <= mss),
  );
}
