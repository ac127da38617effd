/**
 * The cookie of a flow says which unit it belongs to (ARCHITECTURE.md, decision 3).
 *
 *      63      56 55                                                      0
 *     +----------+---------------------------------------------------------+
 *     |   kind   |             hash of the id, the same for ever           |
 *     +----------+---------------------------------------------------------+
 *
 * Never 0 (a flow of somebody else) and never all ones ("no cookie" in a flow mod): no kind is 0
 * or 255. Marker flows are the exception: their cookie is a fingerprint (markers.ts).
 */
import { hashText } from '../lib/hash.ts';

/** Kinds of units and their numbers; a number is never given to another kind. */
export const COOKIE_KINDS = {
  base: 1,
  network: 2,
  'local-port': 3,
  'remote-port': 4,
  peer: 5,
  'group-set': 6,
  'security-group': 7,
  'security-group-rule': 8,
  'group-member': 9,
  'address-group': 10,
  /** Flows that stand for several units at once (conjunctions.ts); they have no id. */
  conjunctions: 11,
  multicast: 12,
  'learned-mac': 13,
  'port-log': 16,
} as const;

export type CookieKind = keyof typeof COOKIE_KINDS;

const KIND_SHIFT = 56n;
const ID_HI_MASK = 0x00ff_ffff;

/** The cookie of a unit. `id` is '' for kinds that have one unit a host. */
export function cookieOf(kind: CookieKind, id: string): bigint {
  const { hi, lo } = hashText(id);
  const high = BigInt(((COOKIE_KINDS[kind] << 24) | (hi & ID_HI_MASK)) >>> 0);
  return (high << 32n) | BigInt(lo >>> 0);
}

/** What a cookie tells without knowing any ids; undefined when it is none of ours. */
export function describeCookie(cookie: bigint): { kind: CookieKind; idHash: string } | undefined {
  const number = Number(cookie >> KIND_SHIFT);
  for (const [kind, value] of Object.entries(COOKIE_KINDS)) {
    if (value !== number) continue;
    const idHash = BigInt.asUintN(56, cookie).toString(16).padStart(14, '0');
    return { kind: kind as CookieKind, idHash };
  }
  return undefined;
}
