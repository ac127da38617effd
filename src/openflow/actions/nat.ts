/** Address translation, inside ct only: which addresses and ports, and how one is picked. */
import { assert } from '../../lib/assert.ts';
import type { Reader } from '../wire/index.ts';
import { type ActionRow, beginNicira, defineAction, finish, padding } from './registry.ts';
import type { NatAction } from './types.ts';

const NXAST_NAT = 36;

const FLAG = { SRC: 1, DST: 2, PERSISTENT: 4, HASH: 8, RANDOM: 16 } as const;
const ALL_FLAGS = 31;

/** Which of the optional members follow, in this order. */
const PRESENT = {
  IPV4_MIN: 1,
  IPV4_MAX: 2,
  IPV6_MIN: 4,
  IPV6_MAX: 8,
  PORT_MIN: 16,
  PORT_MAX: 32,
} as const;
const ALL_PRESENT = 63;

const nat = defineAction<NatAction>({
  type: 'nat',
  forms: [{ name: 'NXAST_NAT', nicira: NXAST_NAT, decode: decodeNat }],
  encode: (writer, action) => {
    const { ipv4, ipv6, ports } = action;
    assert(ipv4 === undefined || ipv6 === undefined, 'nat is of one address family');
    assert(!ports || ipv4 || ipv6, 'nat names ports only with addresses');
    const start = beginNicira(writer, NXAST_NAT);
    writer.u16(0);
    writer.u16(flagsOf(action));
    writer.u16(presentIn(action));
    writeRange(ipv4, (value) => writer.u32(value));
    writeRange(ipv6, (value) => writer.u128(value));
    writeRange(ports, (value) => writer.u16(value));
    finish(writer, start);
  },
});

function flagsOf({ direction, persistent, algorithm }: NatAction): number {
  return (
    (direction === 'src' ? FLAG.SRC : direction === 'dst' ? FLAG.DST : 0) |
    (persistent ? FLAG.PERSISTENT : 0) |
    (algorithm === 'hash' ? FLAG.HASH : algorithm === 'random' ? FLAG.RANDOM : 0)
  );
}

interface Range<T> {
  readonly min: T;
  readonly max?: T;
}

function presentIn({ ipv4, ipv6, ports }: NatAction): number {
  return (
    presentBits(ipv4, PRESENT.IPV4_MIN) |
    presentBits(ipv6, PRESENT.IPV6_MIN) |
    presentBits(ports, PRESENT.PORT_MIN)
  );
}

/** The bit of a maximum is the one after that of its minimum. */
function presentBits(range: Range<unknown> | undefined, minBit: number): number {
  if (range === undefined) return 0;
  return range.max === undefined ? minBit : minBit * 3;
}

function writeRange<T>(range: Range<T> | undefined, write: (value: T) => void): void {
  if (range === undefined) return;
  write(range.min);
  if (range.max !== undefined) write(range.max);
}

function decodeNat(body: Reader): NatAction {
  body.skip(2);
  const flags = body.u16();
  checkFlags(body, flags);
  const present = body.u16();
  checkPresent(body, present);
  const ipv4 = readRange(body, present / PRESENT.IPV4_MIN, () => body.u32());
  const ipv6 = readRange(body, present / PRESENT.IPV6_MIN, () => body.u128());
  const ports = readRange(body, present / PRESENT.PORT_MIN, () => body.u16());
  padding(body);
  return {
    type: 'nat',
    ...((flags & FLAG.SRC) === 0 ? {} : { direction: 'src' }),
    ...((flags & FLAG.DST) === 0 ? {} : { direction: 'dst' }),
    ...((flags & FLAG.PERSISTENT) === 0 ? {} : { persistent: true }),
    ...((flags & FLAG.HASH) === 0 ? {} : { algorithm: 'hash' }),
    ...((flags & FLAG.RANDOM) === 0 ? {} : { algorithm: 'random' }),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function checkFlags(body: Reader, flags: number): void {
  const both = (a: number, b: number) => (flags & a) !== 0 && (flags & b) !== 0;
  if (flags > ALL_FLAGS || both(FLAG.SRC, FLAG.DST) || both(FLAG.HASH, FLAG.RANDOM)) {
    throw body.error('flags of nat that go together', flags);
  }
}

function checkPresent(body: Reader, present: number): void {
  const minima = PRESENT.IPV4_MIN | PRESENT.IPV6_MIN | PRESENT.PORT_MIN;
  const orphanedMaxima = (present >> 1) & ~present & minima;
  const addresses = present & (PRESENT.IPV4_MIN | PRESENT.IPV6_MIN);
  const mixed = addresses === (PRESENT.IPV4_MIN | PRESENT.IPV6_MIN);
  const bare = (present & PRESENT.PORT_MIN) !== 0 && addresses === 0;
  if (present > ALL_PRESENT || orphanedMaxima !== 0 || mixed || bare) {
    throw body.error('members of nat that go together', present);
  }
}

/** Reads one range; of `bits` the lowest says that it has a minimum, the next a maximum. */
function readRange<T extends number | bigint>(
  body: Reader,
  bits: number,
  read: () => T,
): Range<T> | undefined {
  if ((bits & 1) === 0) return undefined;
  const min = read();
  if (min === 0 || min === 0n) throw body.error('a minimum above zero', min);
  if ((bits & 2) === 0) return { min };
  const max = read();
  if (max < min) throw body.error(`a maximum of at least ${min}`, max);
  return { min, max };
}

export const NAT_ACTIONS: readonly ActionRow[] = [nat];
