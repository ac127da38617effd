/** The real clock and randomness: the one file of src that may touch them. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from './clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTimeMs: () => Date.now(),
  setTimer: (delayMs, fire) => {
    const handle = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  soon: (run) => void setImmediate(run),
};

/** randomInt of Node takes less than this; our contract takes it as well. */
const INTEGER_MAX = 2 ** 48;

export const systemRandom: Random = {
  integer: (exclusiveMax) =>
    exclusiveMax === INTEGER_MAX ? randomBytes(6).readUIntBE(0, 6) : randomInt(exclusiveMax),
  uuid: () => randomUUID(),
};

/**
 * Milliseconds since 1970 of a time that another machine wrote (RFC 3339); undefined: it is none.
 */
export function parseTime(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
