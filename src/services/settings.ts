/** Settings of the region that answers depend on. */
import type { Network } from '../topology/index.ts';

export interface ServiceSettings {
  /** Domain of names where a network has none; '' for none. */
  readonly dnsDomain: string;
  /** How long a guest may keep an address without asking again. */
  readonly leaseS: number;
}

/** The domain of names in a network, without its final dot; '' for none. */
export function domainOf(
  network: Pick<Network, 'dns_domain'>,
  { dnsDomain }: Pick<ServiceSettings, 'dnsDomain'>,
): string {
  return (network.dns_domain || dnsDomain).replace(/\.$/, '');
}
