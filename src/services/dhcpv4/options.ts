/**
 * The options that a port may name in `extra_dhcp_opts` (ip_version 4): one row each, with the name
 * that dnsmasq has for it, which is Neutron's, and what its values are (RFC 2132).
 */
import { type OptionRow, optionFinder } from '../option-table.ts';
import { domains, flag, ipv4s, numbers, routes, text } from '../option-values.ts';

const [u8, u16, u32] = [numbers(1), numbers(2), numbers(4)];
const addresses = ipv4s();

/** Not an option on the wire: the field of the fixed part that names the next server. */
export const NEXT_SERVER = 'server-ip-address';

// biome-ignore format: a table, one option a row.
const OPTIONS: readonly OptionRow[] = [
  { code: 1, name: 'netmask', read: ipv4s(1) },
  { code: 2, name: 'time-offset', read: u32 },
  { code: 3, name: 'router', read: addresses },
  { code: 6, name: 'dns-server', read: addresses },
  { code: 7, name: 'log-server', read: addresses },
  { code: 9, name: 'lpr-server', read: addresses },
  { code: 12, name: 'hostname', read: text },
  { code: 13, name: 'boot-file-size', read: u16 },
  { code: 15, name: 'domain-name', read: text },
  { code: 16, name: 'swap-server', read: ipv4s(1) },
  { code: 17, name: 'root-path', read: text },
  { code: 18, name: 'extension-path', read: text },
  { code: 19, name: 'ip-forward-enable', read: flag },
  { code: 20, name: 'non-local-source-routing', read: flag },
  { code: 21, name: 'policy-filter', read: addresses },
  { code: 22, name: 'max-datagram-reassembly', read: u16 },
  { code: 23, name: 'default-ttl', read: u8 },
  { code: 26, name: 'mtu', read: u16 },
  { code: 27, name: 'all-subnets-local', read: flag },
  { code: 28, name: 'broadcast', read: ipv4s(1) },
  { code: 31, name: 'router-discovery', read: flag },
  { code: 32, name: 'router-solicitation', read: ipv4s(1) },
  { code: 33, name: 'static-route', read: addresses },
  { code: 34, name: 'trailer-encapsulation', read: flag },
  { code: 35, name: 'arp-timeout', read: u32 },
  { code: 36, name: 'ethernet-encap', read: flag },
  { code: 37, name: 'tcp-ttl', read: u8 },
  { code: 38, name: 'tcp-keepalive', read: u32 },
  { code: 40, name: 'nis-domain', read: text },
  { code: 41, name: 'nis-server', read: addresses },
  { code: 42, name: 'ntp-server', read: addresses },
  { code: 44, name: 'netbios-ns', read: addresses },
  { code: 45, name: 'netbios-dd', read: addresses },
  { code: 46, name: 'netbios-nodetype', read: u8 },
  { code: 47, name: 'netbios-scope', read: text },
  { code: 48, name: 'x-windows-fs', read: addresses },
  { code: 49, name: 'x-windows-dm', read: addresses },
  { code: 51, name: 'lease-time', read: u32 },
  { code: 58, name: 'T1', read: u32 },
  { code: 59, name: 'T2', read: u32 },
  { code: 60, name: 'vendor-class', read: text },
  { code: 64, name: 'nis+-domain', read: text },
  { code: 65, name: 'nis+-server', read: addresses },
  { code: 66, name: 'tftp-server', read: text },
  { code: 67, name: 'bootfile-name', read: text },
  { code: 68, name: 'mobile-ip-home', read: addresses },
  { code: 69, name: 'smtp-server', read: addresses },
  { code: 70, name: 'pop3-server', read: addresses },
  { code: 71, name: 'nntp-server', read: addresses },
  { code: 74, name: 'irc-server', read: addresses },
  { code: 77, name: 'user-class', read: text },
  { code: 100, name: 'posix-timezone', read: text },
  { code: 101, name: 'tzdb-timezone', read: text },
  { code: 108, name: 'ipv6-only', read: u32 },
  { code: 119, name: 'domain-search', read: domains },
  { code: 121, name: 'classless-static-route', read: routes },
  { code: 150, name: 'tftp-server-address', read: addresses },
  { code: 209, name: 'config-file', read: text },
  { code: 210, name: 'path-prefix', read: text },
  { code: 249, name: 'microsoft-classless-static-route', read: routes },
];

/** Padding, message, server, client, and what the answer is made of. */
const RESERVED: ReadonlySet<number> = new Set([0, 50, 52, 53, 54, 55, 57, 61, 82, 255]);

export const optionOf = optionFinder(OPTIONS, {
  prefix: 'option:',
  codeMax: 255,
  isReserved: (code) => RESERVED.has(code),
});
