/**
 * Isolation of ports in their network, as in private VLANs (RFC 5517): who may hear whom. A port
 * that says nothing is promiscuous.
 */

export const ISOLATIONS = ['promiscuous', 'community', 'isolated'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** What a port says of it. */
interface Isolated {
  readonly isolation: Isolation | null;
  readonly isolation_community: string | null;
}

/** Whether it may be heard, and hears, by promiscuous ports and at most its own community alone. */
export function isSetApart({ isolation }: Pick<Isolated, 'isolation'>): boolean {
  return isolation === 'isolated' || isolation === 'community';
}

/** Whether two ports of a network hear each other. */
export function mayHear(one: Isolated, other: Isolated): boolean {
  if (!isSetApart(one) || !isSetApart(other)) return true;
  const isShared = one.isolation === 'community' && other.isolation === 'community';
  return isShared && one.isolation_community === other.isolation_community;
}
