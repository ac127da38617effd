/** What the timers of IGMP and MLD are, all from one interval (RFC 3376 section 8). */

export interface QueryTiming {
  /** Between general queries. */
  readonly intervalMs: number;
  /** A guest takes so long for an answer, at most. */
  readonly responseMs: number;
  /** As that, where it has said that it leaves a group. */
  readonly leaveResponseMs: number;
  /** Who has not told of a group for so long does not listen to it. */
  readonly lifetimeMs: number;
}

/** How many questions or answers may be lost, and one more. */
export const ROBUSTNESS = 2;
const RESPONSE_MS_MAX = 10_000;
const LEAVE_RESPONSE_MS_MAX = 1_000;

export function queryTiming(intervalMs: number): QueryTiming {
  const responseMs = Math.min(RESPONSE_MS_MAX, Math.ceil(intervalMs / 4));
  const leaveResponseMs = Math.min(LEAVE_RESPONSE_MS_MAX, Math.ceil(intervalMs / 8));
  const lifetimeMs = ROBUSTNESS * intervalMs + responseMs;
  return { intervalMs, responseMs, leaveResponseMs, lifetimeMs };
}

/**
 * A number in one byte or in two: as it is, or with a mantissa and an exponent where it is large
 * (RFC 3376 section 4.1.1 with 8 bits, RFC 3810 section 5.1.3 with 16).
 */
export function floatCode(value: number, bits: 8 | 16): number {
  const mantissaBits = bits - 4;
  const [hidden, top] = [2 ** mantissaBits, 2 ** (bits - 1)];
  if (value < top) return value;
  for (let exponent = 0; exponent < 8; exponent++) {
    const mantissa = Math.floor(value / 2 ** (exponent + 3));
    if (mantissa < 2 * hidden) return top + exponent * hidden + (mantissa - hidden);
  }
  return 2 * top - 1;
}
