/** Readers of what security group rules and address groups say, with Neutron's refusals. */
import {
  type AddressValue,
  cidrOf,
  formatAddress,
  formatCidr,
  parseAddress,
  parseIpv4,
  versionOf,
} from '../address.ts';
import { intentError } from '../intent-error.ts';
import { IP_PROTOCOLS, isProtocolName } from '../ip-protocols.ts';
import { STRING } from './attributes.ts';
import { items, orNull, type Read, Rejected, reader, show, text } from './values.ts';

const ETHERTYPES = ['IPv4', 'IPv6'] as const;

export type Ethertype = (typeof ETHERTYPES)[number];

const NAME_LENGTH_MAX = 255;
const PROTOCOL_MAX = 255;
const PORT_MAX = 65_535;
const QUOTED_NAMES = Object.keys(IP_PROTOCOLS).map((name) => `'${name}'`);
const PROTOCOL_NAMES = `[${['None', ...QUOTED_NAMES].join(', ')}]`;

/** Any name but the one of the groups that come by themselves. */
export const readGroupName: Read<string> = reader(text(NAME_LENGTH_MAX).schema, (value) => {
  const name = text(NAME_LENGTH_MAX)(value);
  if (name.toLowerCase() === 'default') throw intentError('SecurityGroupDefaultAlreadyExists', {});
  return name;
});

export const readEthertype: Read<Ethertype> = reader({ ...STRING, enum: ETHERTYPES }, (value) => {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  const found = ETHERTYPES.find((ethertype) => ethertype.toLowerCase() === word);
  if (found !== undefined) return found;
  throw intentError('SecurityGroupRuleInvalidEtherType', { ethertype: show(value) });
});

export const readProtocol: Read<string | null> = reader(orNull(STRING), (value) => {
  if (value === null) return null;
  const number = wholeNumber(value);
  if (number !== undefined && number >= 0 && number <= PROTOCOL_MAX) return String(number);
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  if (isProtocolName(name)) return name;
  throw intentError('SecurityGroupRuleInvalidProtocol', {
    protocol: show(value),
    values: PROTOCOL_NAMES,
  });
});

export const readPort: Read<number | null> = reader(orNull({ type: 'integer' }), (value) => {
  if (value === null) return null;
  const number = wholeNumber(value);
  if (number !== undefined && number >= 0 && number <= PORT_MAX) return number;
  throw intentError('SecurityGroupInvalidPortValue', { port: show(value) });
});

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** An address, alone or with a prefix length or a mask; its host bits are kept. */
export const readPrefix: Read<string | null> = reader(orNull(STRING), (value) => {
  if (!value) return null;
  const prefix = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (prefix === undefined) throw intentError('InvalidCIDR', { input: show(value) });
  return formatPrefix(prefix);
});

/** Reads '' as null: nobody's id. */
export function emptyAsNull(read: Read<string>): Read<string | null> {
  return reader(orNull(read.schema), (value) =>
    value === null || value === '' ? null : read(value),
  );
}

const readSubnet: Read<string> = reader(STRING, (value) => {
  const prefix = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (typeof value !== 'string' || prefix === undefined || /\s/.test(value)) {
    throw new Rejected(`'${show(value)}' is not a valid IP subnet`);
  }
  const isOther = versionOf(prefix.address) === 4 && formatPrefix(prefix) !== value;
  const network = networkOf(prefix);
  if (!value.includes('/') || isOther) {
    throw new Rejected(
      `'${show(value)}' isn't a recognized IP subnet cidr, '${network}' is recommended`,
    );
  }
  return network;
});

const readSubnets = items(readSubnet);

/** The addresses that a new address group has. */
export const readAddresses: Read<readonly string[]> = reader(readSubnets.schema, (value) => [
  ...new Set(readSubnets(value)),
]);

/** An address to be added to a group or taken from it: read as generously as a rule's prefix. */
export function readLooseAddress(value: unknown): string {
  const prefix = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (prefix === undefined) throw intentError('AddrFormatError', { input: show(value) });
  return networkOf(prefix);
}

interface Prefix {
  readonly address: AddressValue;
  readonly length: number;
}

function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

function networkOf({ address, length }: Prefix): string {
  const cidr = cidrOf(address, length);
  return cidr === undefined ? '' : formatCidr(cidr);
}

/** As generous as Python's netaddr: `10.0.0.1`, `10.0.0.0/255.255.255.0`, `10/8`. */
function parsePrefix(given: string): Prefix | undefined {
  const [host = '', mask, ...rest] = given.split('/');
  const address = parseAddress(isAbbreviated(host) ? completed(host) : host);
  if (address === undefined || rest.length > 0) return undefined;
  const lengthMax = versionOf(address) === 4 ? 32 : 128;
  const length = mask === undefined ? lengthMax : parseMask(mask);
  if (length === undefined || length > lengthMax) return undefined;
  return { address, length };
}

function isAbbreviated(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){0,2}$/.test(host);
}

function completed(host: string): string {
  return [...host.split('.'), '0', '0', '0'].slice(0, 4).join('.');
}

/** A number of bits, or a mask of an IPv4 network or of its hosts. */
function parseMask(mask: string): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  const bits = parseIpv4(mask)?.toString(2).padStart(32, '0');
  const [, ones, zeros] = /^(1*)(0*)$/.exec(bits ?? '-') ?? [];
  if (ones !== undefined && zeros !== undefined) return ones.length;
  const [, hostZeros] = /^(0*)1*$/.exec(bits ?? '-') ?? [];
  return hostZeros?.length;
}
