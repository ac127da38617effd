/** What an answer says besides the address: defaults of the subnet, overlaid by the port's own. */
import { SERVICE_IPV4 } from '../../topology/index.ts';
import { ipv4Of, routeBytes, u32 } from '../option-values.ts';
import type { Dhcp4Facts, Lease, Route } from './facts.ts';
import { DHCP_SIZE_MIN, type DhcpMessage, OPTION, optionSize } from './message.ts';
import { NEXT_SERVER, optionOf } from './options.ts';

type Options = Map<number, Buffer>;

/** Sent whether they were asked for or not. */
const ALWAYS: ReadonlySet<number> = new Set([
  OPTION.LEASE_TIME,
  OPTION.T1,
  OPTION.T2,
  OPTION.SUBNET_MASK,
]);

/** What every client takes in a datagram (RFC 2131 section 2), without IP and UDP headers. */
const SIZE_MIN = 576 - 28;
/** More would not fit one frame of the smallest networks. */
const SIZE_MAX = 1280 - 28;

const INFINITE = 0xffff_ffff;

/** What the answer is, and to whom: goes before all else, and is never left out. */
export function identity(type: number, { options }: DhcpMessage): Options {
  const client = options.get(OPTION.CLIENT_ID);
  return new Map([
    [OPTION.MESSAGE_TYPE, Buffer.from([type])],
    [OPTION.SERVER_ID, u32(SERVICE_IPV4)],
    // RFC 6842: the client knows the answer by it.
    ...(client === undefined ? [] : [[OPTION.CLIENT_ID, client] as const]),
  ]);
}

/** What the client asked for, in the order in which it asked; all that there is if it did not. */
export function configuration(facts: Dhcp4Facts, lease: Lease, message: DhcpMessage): Options {
  const own = ownOptions(facts, message);
  const all = withTimes(new Map([...defaults(facts, lease, own), ...own]));
  for (const [code, value] of all) if (value.length === 0) all.delete(code);
  const wanted = message.options.get(OPTION.PARAMETER_LIST);
  if (wanted === undefined) {
    all.delete(OPTION.MS_CLASSLESS_ROUTES);
    return all;
  }
  const codes = new Set([...ALWAYS, ...wanted]);
  return new Map(
    [...codes].flatMap((code) => {
      const value = all.get(code);
      return value === undefined ? [] : [[code, value] as const];
    }),
  );
}

/** As many options as the client takes: what it asked for last is left out first. */
export function fitting(
  first: Options,
  others: ReadonlyMap<number, Buffer>,
  message: DhcpMessage,
): Options {
  const size = message.options.get(OPTION.MAX_SIZE);
  const accepted = (size?.length === 2 ? size.readUInt16BE(0) : 0) - 28;
  let room = Math.min(SIZE_MAX, Math.max(SIZE_MIN, accepted)) - DHCP_SIZE_MIN;
  const options = new Map(first);
  for (const value of first.values()) room -= optionSize(value);
  for (const [code, value] of others) {
    if (optionSize(value) > room) continue;
    room -= optionSize(value);
    options.set(code, value);
  }
  return options;
}

/** The fields in which firmware looks for what to boot (RFC 951). */
export function bootFields(
  facts: Dhcp4Facts,
  message: DhcpMessage,
): { siaddr: number; sname: string; file: string } {
  const own = ownOptions(facts, message);
  const sname = own.get(OPTION.TFTP_SERVER)?.toString() ?? '';
  const file = own.get(OPTION.BOOTFILE)?.toString() ?? '';
  const named = facts.extra.find(({ opt_name }) => opt_name === NEXT_SERVER)?.opt_value;
  const siaddr = ipv4Of(named ?? sname) ?? 0;
  return { siaddr, sname: fits(sname, 64), file: fits(file, 128) };
}

/** Half a name would be another one. */
function fits(text: string, size: number): string {
  return Buffer.byteLength(text) < size ? text : '';
}

function defaults(facts: Dhcp4Facts, lease: Lease, own: Options): Options {
  const { domain, hostname, mtu, leaseS } = facts;
  const { prefix, address, nameservers } = lease;
  const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
  const router = routerOf(lease, own);
  const routes = routeBytesOf(lease.routes, router);
  return new Map([
    [OPTION.SUBNET_MASK, u32(mask)],
    [OPTION.BROADCAST, u32((address | ~mask) >>> 0)],
    [OPTION.ROUTER, router === undefined ? NOTHING : u32(router)],
    [OPTION.DNS_SERVER, Buffer.concat(nameservers.map(u32))],
    [OPTION.HOSTNAME, Buffer.from(hostname)],
    [OPTION.DOMAIN_NAME, Buffer.from(domain)],
    [OPTION.MTU, u16(mtu)],
    [OPTION.LEASE_TIME, u32(leaseS)],
    [OPTION.CLASSLESS_ROUTES, routes],
    [OPTION.MS_CLASSLESS_ROUTES, own.get(OPTION.CLASSLESS_ROUTES) ?? routes],
  ]);
}

const NOTHING = Buffer.alloc(0);

/** An option of the port that is empty says that there is none. */
function routerOf({ router }: Lease, own: Options): number | undefined {
  const given = own.get(OPTION.ROUTER);
  if (given === undefined) return router;
  return given.length >= 4 ? given.readUInt32BE(0) : undefined;
}

/** Whoever reads these does not look at the router option (RFC 3442), so it is said here, too. */
function routeBytesOf(routes: readonly Route[], router: number | undefined): Buffer {
  const all = router === undefined ? routes : [...routes, { first: 0, prefix: 0, router }];
  return Buffer.concat(all.map(routeBytes));
}

/** Renewal after half of the lease and rebinding after seven eighths (section 4.4.5). */
function withTimes(options: Options): Options {
  const time = options.get(OPTION.LEASE_TIME);
  const lease = time?.length === 4 ? time.readUInt32BE(0) : INFINITE;
  if (lease === INFINITE) return options;
  if (!options.has(OPTION.T1)) options.set(OPTION.T1, u32(Math.floor(lease / 2)));
  if (!options.has(OPTION.T2)) options.set(OPTION.T2, u32(Math.floor((lease * 7) / 8)));
  return options;
}

/** `tag:ipxe,NAME` is for clients that are iPXE already, `tag:!ipxe,NAME` for the others. */
const TAG = /^tag:(!?)ipxe,(.*)$/;

function ownOptions({ extra }: Dhcp4Facts, message: DhcpMessage): Options {
  const options: Options = new Map();
  for (const { opt_name, opt_value } of extra) {
    const [, not, tagged] = TAG.exec(opt_name) ?? [];
    if (not !== undefined && isIpxe(message) !== (not === '')) continue;
    const option = optionOf(tagged ?? opt_name);
    const value = opt_value === '' ? NOTHING : option?.read(opt_value);
    if (option !== undefined && value !== undefined) options.set(option.code, value);
  }
  return options;
}

function isIpxe({ options }: DhcpMessage): boolean {
  return options.has(OPTION.IPXE) || options.get(OPTION.USER_CLASS)?.includes('iPXE') === true;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
