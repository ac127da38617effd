/** Readers of protocols, ports and ranges of ports, with Neutron's refusals. */
import { invalidInput } from '../intent-error.ts';
import { type Read, Rejected, reader, show } from './values.ts';

const PORT_MAX = 65_535;

/** What port forwardings and conntrack helpers know: the names that iptables knows. */
const PROTOCOLS: readonly string[] = ['dccp', 'icmp', 'ipv6-icmp', 'sctp', 'tcp', 'udp'];

export const protocol: Read<string> = reader({ type: 'string', enum: PROTOCOLS }, (value) => {
  if (typeof value !== 'string') {
    throw invalidInput(`Input value ${show(value)} must be string type`);
  }
  if (PROTOCOLS.includes(value)) return value;
  if (PROTOCOLS.includes(value.toLowerCase())) {
    throw new Rejected(`${show(value)} is not in valid_values`);
  }
  const rule = 'Only protocol names and their integer representation (0 to 255) are supported';
  throw invalidInput(`IP protocol '${show(value)}' is not supported. ${rule}`);
});

export const portNumber: Read<number> = reader(
  { type: 'integer', minimum: 1, maximum: PORT_MAX },
  (value) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      throw new Rejected(`'${show(value)}' is not an integer`);
    }
    if (number < 1) throw new Rejected(`'${number}' is too small - must be at least '1'`);
    if (number > PORT_MAX) {
      throw new Rejected(`'${number}' is too large - must be no larger than '${PORT_MAX}'`);
    }
    return number;
  },
);

/** Ports from one to another, both included; in wire form `first:last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A range of ports, or one port; gives the canonical text with both ends. */
export const portRange: Read<string> = reader({ type: 'string' }, (value) => {
  const isPlain = typeof value === 'string' || typeof value === 'number';
  const parts = isPlain ? String(value).split(':') : [];
  if (parts.length < 1 || parts.length > 2 || parts.includes('')) {
    throw new Rejected('Port range must be two integers separated by a colon');
  }
  const [first = 0, last = first] = parts.map(readEnd);
  if (first > last) {
    throw new Rejected('First port in a port range must be lower than the second port');
  }
  return formatPortRange({ first, last });
});

function readEnd(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > PORT_MAX) {
    throw new Rejected(`Invalid port: ${show(text)}`);
  }
  if (Number(text) < 1) {
    throw new Rejected(`Invalid port: ${text}, the port must be in the range [1, ${PORT_MAX}]`);
  }
  return Number(text);
}

export function formatPortRange({ first, last }: PortRange): string {
  return `${first}:${last}`;
}

/** A range in canonical text. */
export function parsePortRange(text: string): PortRange {
  const [first = 0, last = 0] = text.split(':').map(Number);
  return { first, last };
}

/** The port of a range that has but one; undefined for one that has several. */
export function singlePort(text: string): number | undefined {
  const { first, last } = parsePortRange(text);
  return first === last ? first : undefined;
}
