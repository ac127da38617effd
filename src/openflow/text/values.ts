/** Values of fields in text, by the format that their rows name. */
import { and, type Field, type FieldFormat, port16, port32, type Value } from '../oxm/index.ts';
import {
  formatIpv4,
  formatIpv4Mask,
  formatIpv6,
  formatIpv6Mask,
  formatMac,
  parseIpv4,
  parseIpv4Mask,
  parseIpv6,
  parseIpv6Mask,
  parseMac,
} from './addresses.ts';
import {
  CT_STATE_FLAGS,
  type FlagSet,
  formatFlags,
  formatFrag,
  parseFlags,
  parseFrag,
  TCP_FLAGS,
  TUN_FLAGS,
} from './flags.ts';
import { hex, hexDigits, parseBig, parseNumber, U16 } from './numbers.ts';
import { formatPort, parsePort } from './ports.ts';
import { TextError } from './text-error.ts';

export interface ValueAndMask {
  readonly value: Value;
  readonly mask: Value;
}

interface FormatRow {
  format(value: Value, mask: Value, field: Field): string;
  parse(text: string, field: Field): ValueAndMask;
}

const FORMATS: Readonly<Record<FieldFormat, FormatRow>> = {
  decimal: {
    format: (value, mask, field) => `${value}${integerMask(mask, field)}`,
    parse: parseInteger,
  },
  hexadecimal: {
    format: (value, mask, field) => `${hex(value)}${integerMask(mask, field)}`,
    parse: parseInteger,
  },
  mac: {
    format: (value, mask, field) =>
      `${formatMac(value as number)}${mask === field.max ? '' : `/${formatMac(mask as number)}`}`,
    parse: (text, field) => parseMasked(text, field, parseMac, parseMac),
  },
  ipv4: {
    format: (value, mask) => `${formatIpv4(value as number)}${formatIpv4Mask(mask as number)}`,
    parse: (text, field) => parseMasked(text, field, parseIpv4, parseIpv4Mask),
  },
  ipv6: {
    format: (value, mask) => `${formatIpv6(value as bigint)}${formatIpv6Mask(mask as bigint)}`,
    parse: (text, field) => parseMasked(text, field, parseIpv6, parseIpv6Mask),
  },
  port: {
    format: (value) => formatPort(value as number),
    parse: (text, field) => ({ value: parsePort(text), mask: field.max }),
  },
  port16: {
    format: (value) => formatPort(port32(value as number)),
    parse: (text, field) => ({ value: parsePort16(text), mask: field.max }),
  },
  'ct-state': flagsRow(CT_STATE_FLAGS),
  'tcp-flags': flagsRow(TCP_FLAGS),
  'tun-flags': flagsRow(TUN_FLAGS),
  frag: {
    format: (value, mask) => formatFrag(value as number, mask as number),
    parse: parseFrag,
  },
  'packet-type': {
    format: (value) => formatPacketType(value as number),
    parse: (text, field) => ({ value: parsePacketType(text), mask: field.max }),
  },
};

/** What `set_field` prints before its arrow. */
export function formatValue(field: Field, value: Value, mask: Value = field.max): string {
  return FORMATS[field.format].format(value, mask, field);
}

/** Value and mask of `5`, `0x5/0xf`, `10.0.0.0/8` …; `*` and nothing at all match everything. */
export function parseValue(field: Field, text: string): ValueAndMask {
  const zero = field.wide ? 0n : 0;
  if (text === '*' || text === '') return { value: zero, mask: zero };
  const { value, mask } = FORMATS[field.format].parse(text, field);
  return { value: and(value, mask), mask };
}

/** A packet type is a namespace and a type in it: `(1,0x800)`. */
export function formatPacketType(value: number): string {
  const part = (n: number) => (n > 9 ? hexDigits(n) : String(n));
  return `(${part(value >>> 16)},${part(value & U16)})`;
}

function parsePacketType(text: string): number {
  const [, namespace, type] = /^\(([^,]+),([^,]+)\)$/.exec(text) ?? [];
  if (namespace === undefined || type === undefined) throw new TextError(`bad type "${text}"`);
  return parseNumber(namespace, U16, 'namespace') * 0x1_0000 + parseNumber(type, U16, 'type');
}

function parsePort16(text: string): number {
  const port = port16(parsePort(text));
  if (port === undefined) throw new TextError(`port ${text} has more than 16 bits`);
  return port;
}

function flagsRow(flags: FlagSet): FormatRow {
  return {
    format: (value, mask) => formatFlags(flags, value as number, mask as number),
    parse: (text, field) => {
      const { value, mask } = parseFlags(flags, text);
      return { value, mask: mask === flags.all ? field.max : mask };
    },
  };
}

function integerMask(mask: Value, field: Field): string {
  return mask === field.max ? '' : `/${hex(mask)}`;
}

function parseInteger(text: string, field: Field): ValueAndMask {
  const parse = (part: string) => {
    const value = parseBig(part, BigInt(field.max), field.text);
    return field.wide ? value : Number(value);
  };
  return parseMasked(text, field, parse, (part) => parseMaskNumber(part, field));
}

/** A mask may have bits beyond the field, as `0xffff` of 12 bits; `-1` is all ones. */
function parseMaskNumber(text: string, field: Field): Value {
  if (text === '-1') return field.max;
  const mask = parseBig(text, (1n << 128n) - 1n, 'mask') & BigInt(field.max);
  return field.wide ? mask : Number(mask);
}

function parseMasked(
  text: string,
  field: Field,
  parse: (part: string) => Value,
  parseMask: (part: string) => Value,
): ValueAndMask {
  const slash = text.indexOf('/');
  if (slash < 0) return { value: parse(text), mask: field.max };
  return { value: parse(text.slice(0, slash)), mask: parseMask(text.slice(slash + 1)) };
}
