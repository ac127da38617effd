/**
 * What ports are called (Neutron's `dns-integration`): names within one domain, that of the
 * settings. While that is Neutron's own default, ports have no names but those made of their
 * addresses.
 */

import { intentError } from './intent-error.ts';
import type { FixedIp, Port } from './port.ts';

export const DEFAULT_DNS_DOMAIN = 'openstacklocal.';

const FQDN_LENGTH_MAX = 255;

export interface DnsAssignment {
  readonly ip_address: string;
  readonly hostname: string;
  readonly fqdn: string;
}

interface Names {
  readonly dns_name?: string;
  readonly dns_domain?: string;
}

/** The names of a request as they are kept: none where the domain is nobody's choice. */
export function keptNames<T extends Names>(given: T, domain: string): T {
  if (domain !== '' && domain !== DEFAULT_DNS_DOMAIN) {
    if (given.dns_name) checkWithin(given.dns_name, domain);
    return given;
  }
  const { dns_name: name, dns_domain: own } = given;
  if (!name && !own) return given;
  return {
    ...given,
    ...(name === undefined ? {} : { dns_name: '' }),
    ...(own === undefined ? {} : { dns_domain: '' }),
  };
}

/** Together with the domain a name must be one that DNS can carry; a whole one must end in it. */
function checkWithin(name: string, domain: string): void {
  const behind = `.${domain}`;
  if (!name.endsWith('.')) {
    if (name.length + behind.length <= FQDN_LENGTH_MAX) return;
    throw refuse(`'${name.slice(0, 60)}…' is too long for a name in the domain ${domain}`);
  }
  if (name.length > behind.length && name.endsWith(behind)) return;
  throw refuse(`The dns_name passed is a FQDN: it must be a name in the domain ${domain}`);
}

function refuse(reason: string) {
  const msg = `Invalid input for dns_name. Reason: ${reason}.`;
  return intentError('HTTPBadRequest', { msg });
}

/** The name of each address of a port. */
export function dnsAssignment(
  {
    dns_name: name,
    fixed_ips,
  }: { readonly dns_name: string; readonly fixed_ips: readonly FixedIp[] },
  domain: string,
): readonly DnsAssignment[] {
  return fixed_ips.map(({ ip_address }) => {
    const hostname = name === '' ? `host-${ip_address.replace(/[.:]/g, '-')}` : name;
    const isWhole = hostname.endsWith('.') || domain === '';
    return { ip_address, hostname, fqdn: isWhole ? hostname : `${hostname}.${domain}` };
  });
}

/** Who has names; the replica, or a draft over it. */
interface NameSource {
  members(index: 'namedPortsOfNetwork', networkId: string): { readonly size: number };
}

/** Whether any port of a network has a name of its own: only then is DNS answered there. */
export function hasNames(source: NameSource, networkId: string): boolean {
  return source.members('namedPortsOfNetwork', networkId).size > 0;
}

/** Where the index by name has the ports of one network that have one `dns_name`. */
export function nameInNetwork({
  network_id,
  dns_name,
}: Pick<Port, 'network_id' | 'dns_name'>): string {
  return `${network_id}/${dns_name}`;
}
