/**
 * Queues of the way out of a host: one for each port that is promised what it sends. A queue has
 * the number of its port on the host, so that no table says who has which; queue 0 is for whatever
 * chooses none. Open vSwitch's `linux-htb` has 61,440 of them (netdev-linux): a port with a higher
 * number has no queue of its own.
 */
import { assert } from '../lib/assert.ts';

const QUEUES = 61_440;

/** A queue of a port, and the kilobits a second that it may always send. */
export interface QueueDraft {
  readonly queueId: number;
  readonly kbps: number;
}

/** Undefined where there is no queue of that number. */
export function portQueue(ofport: number, kbps: number): QueueDraft | undefined {
  assert(ofport > 0, `${ofport} is a port`);
  return ofport < QUEUES ? { queueId: ofport, kbps } : undefined;
}
