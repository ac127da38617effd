/**
 * The addresses of a port as numbers, parsed once a record: records are never altered in place, so
 * the record itself is the key.
 */
import { defined } from '../lib/assert.ts';
import { hashText } from '../pipeline/index.ts';
import {
  eui64Address,
  isSetApart,
  type Port,
  parseAddress,
  parseCidr,
  parseMac,
} from '../topology/index.ts';
import { type Ipv4Range, type Ipv6Range, readRange } from './addresses.ts';

/** One MAC address that the port may use, with the source addresses it may use with it. */
export interface Sender {
  readonly mac: number;
  /** `undefined` in a list means every address of that version. */
  readonly ipv4: readonly (Ipv4Range | undefined)[];
  /** The first one is the link-local address that the MAC address gives. */
  readonly ipv6: readonly (Ipv6Range | undefined)[];
}

export interface PortFacts {
  readonly mac: number;
  /** Fixed addresses. */
  readonly ipv4: readonly number[];
  readonly ipv6: readonly bigint[];
  readonly secured: boolean;
  /** Whether it is isolated, or of a community. */
  readonly apart: boolean;
  /** What the register Community holds of its name; 0 of a port of none. */
  readonly community: number;
  /** The port's own MAC address first, then those of its allowed address pairs. */
  readonly senders: readonly Sender[];
}

const LINK_LOCAL = defined(parseCidr('fe80::/64'), 'fe80::/64');
const known = new WeakMap<Port, PortFacts>();

export function portFacts(port: Port): PortFacts {
  let facts = known.get(port);
  if (facts === undefined) {
    facts = read(port);
    known.set(port, facts);
  }
  return facts;
}

/** What it may have besides its own MAC address; of ports without port security nobody knows. */
export function othersOf({ secured, senders }: PortFacts): readonly Sender[] {
  return secured ? senders.slice(1) : [];
}

function read(port: Port): PortFacts {
  const mac = defined(parseMac(port.mac_address), `the MAC address of port ${port.id}`);
  const addresses = port.fixed_ips.map((fixed) =>
    defined(parseAddress(fixed.ip_address), `an address of port ${port.id}`),
  );
  const ipv4 = addresses.filter((address) => typeof address === 'number');
  const ipv6 = addresses.filter((address) => typeof address === 'bigint');
  const senders = readSenders(port, { mac, ipv4, ipv6 });
  const secured = port.port_security_enabled;
  const [apart, community] = [isSetApart(port), communityOf(port)];
  return { mac, ipv4, ipv6, secured, apart, community, senders };
}

const COMMUNITIES = 2 ** 31 - 1;

function communityOf({ isolation, isolation_community: name }: Port): number {
  if (isolation !== 'community') return 0;
  return 1 + ((hashText(name ?? '').lo >>> 0) % COMMUNITIES);
}

function readSenders(
  port: Port,
  own: { mac: number; ipv4: readonly number[]; ipv6: readonly bigint[] },
): Sender[] {
  const senders = new Map<
    number,
    { ipv4: Sender['ipv4'][number][]; ipv6: Sender['ipv6'][number][] }
  >();
  senders.set(own.mac, { ipv4: [...own.ipv4], ipv6: [linkLocal(own.mac), ...own.ipv6] });
  for (const pair of port.allowed_address_pairs) {
    const mac = defined(parseMac(pair.mac_address), `an allowed MAC address of port ${port.id}`);
    const sender = senders.get(mac) ?? { ipv4: [], ipv6: [linkLocal(mac)] };
    senders.set(mac, sender);
    const range = readRange(pair.ip_address);
    if (range.version === 4) sender.ipv4.push(range.range);
    else sender.ipv6.push(range.range);
  }
  return [...senders].map(([mac, sender]) => ({ mac, ...sender }));
}

/** The link-local address that a host gives itself from its MAC address (RFC 4291 appendix A). */
function linkLocal(mac: number): bigint {
  return eui64Address(LINK_LOCAL, mac);
}
