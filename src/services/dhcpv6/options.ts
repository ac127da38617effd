/**
 * The options that a port may name in `extra_dhcp_opts` (ip_version 6): one row each, with the name
 * that dnsmasq has for it, which is Neutron's.
 */
import { type OptionRow, optionFinder } from '../option-table.ts';
import { domains, ipv6s, numbers, text } from '../option-values.ts';
import { OPTION } from './message.ts';

// biome-ignore format: a table, one option a row.
const OPTIONS: readonly OptionRow[] = [
  { code: 21, name: 'sip-server-domain', read: domains },
  { code: 22, name: 'sip-server', read: ipv6s },
  { code: 23, name: 'dns-server', read: ipv6s },
  { code: 24, name: 'domain-search', read: domains },
  { code: 27, name: 'nis-server', read: ipv6s },
  { code: 28, name: 'nis+-server', read: ipv6s },
  { code: 29, name: 'nis-domain', read: domains },
  { code: 30, name: 'nis+-domain', read: domains },
  { code: 31, name: 'sntp-server', read: ipv6s },
  { code: 32, name: 'information-refresh-time', read: numbers(4) },
  { code: 41, name: 'posix-timezone', read: text },
  { code: 42, name: 'tzdb-timezone', read: text },
  { code: 59, name: 'bootfile-url', read: text },
];

/** Options up to this one are what messages and associations are made of. */
const RESERVED_MAX = 20;

export const optionOf = optionFinder(OPTIONS, {
  prefix: 'option6:',
  codeMax: 0xffff,
  isReserved: (code) => code <= RESERVED_MAX || code === OPTION.IA_PD,
});
