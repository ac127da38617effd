/** The real clock and randomness: the one file of src that may touch them. */
import { randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from './clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTimeMs: () => Date.now(),
  setTimer: (delayMs, fire) => {
    const handle = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

export const systemRandom: Random = {
  integer: (exclusiveMax) => randomInt(exclusiveMax),
  uuid: () => randomUUID(),
};
