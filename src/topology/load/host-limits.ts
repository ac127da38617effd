/**
 * What a host's switch takes. Past these Open vSwitch says nothing to anybody: it drops packets, or
 * its flows let nothing through. So what would pass one is refused before it is written.
 */
import type { IntentError } from '../intent-error.ts';
import { intentError } from '../intent-error.ts';

/** One row a limit: what it is when nobody sets it, what is counted, what helps. */
export const HOST_LIMITS = {
  /** Memory, and the time of a reconnect. */
  flows: {
    most: 1_000_000,
    unit: 'flows',
    advice: 'Use other hosts, or rules that name prefixes in place of groups with many members.',
  },
  /** A message is at most 64 KB, and an action `conjunction` takes 16 bytes (ovs-actions(7)). */
  clauses: {
    most: 4_000,
    unit: 'remotes that rules of one direction name',
    advice: 'Use other hosts, fewer security groups, or address groups in place of many prefixes.',
  },
  /** Of one packet, between two that begin anew; MAX_RESUBMITS of ofproto-dpif-xlate.c. */
  lookups: {
    most: 4_096,
    unit: 'lookups for one broadcast packet',
    advice: 'Use other hosts for ports of this network, or another network.',
  },
} as const;

export type LimitName = keyof typeof HOST_LIMITS;

/** How many of each a host takes. */
export type HostLimits = Readonly<Record<LimitName, number>>;

export const DEFAULT_HOST_LIMITS: HostLimits = {
  flows: HOST_LIMITS.flows.most,
  clauses: HOST_LIMITS.clauses.most,
  lookups: HOST_LIMITS.lookups.most,
};

/** What would be too much for which host. */
export interface Overrun {
  readonly hostId: string;
  readonly limit: LimitName;
  readonly would: number;
  readonly most: number;
}

export function overrunError({ hostId, limit, would, most }: Overrun): IntentError {
  const { unit, advice } = HOST_LIMITS[limit];
  return intentError('HostLimitExceeded', { host: hostId, would, unit, most, advice });
}
