/**
 * The options that a port may name in `extra_dhcp_opts` (ip_version 6): one row each, with the name
 * that dnsmasq has for it, which is Neutron's.
 */
import { domains, guessed, ipv6s, numbers, type ReadValue, text } from '../option-values.ts';
import { OPTION } from './message.ts';

interface OptionRow {
  readonly code: number;
  readonly name: string;
  readonly read: ReadValue;
}

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

const BY_NAME = new Map(OPTIONS.map((row) => [row.name, row]));
const BY_CODE = new Map(OPTIONS.map((row) => [row.code, row]));

/** What says the protocol itself, not a port. */
const RESERVED_MAX = 20;
const RESERVED: ReadonlySet<number> = new Set<number>([OPTION.IA_PD]);

/** An option by its name or its number; undefined for what is none, or is not a port's to say. */
export function optionOf(name: string): Pick<OptionRow, 'code' | 'read'> | undefined {
  const bare = name.startsWith('option6:') ? name.slice('option6:'.length) : name;
  if (!/^\d+$/.test(bare)) return BY_NAME.get(bare);
  const code = Number(bare);
  if (code <= RESERVED_MAX || code > 0xffff || RESERVED.has(code)) return undefined;
  return BY_CODE.get(code) ?? { code, read: guessed };
}
