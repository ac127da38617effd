/**
 * Values of DHCP options as bytes, from the text in which `extra_dhcp_opts` gives them; undefined
 * where the text is no such value. Several values of one option are separated by commas.
 */
import { parseAddress, parseCidr } from '../topology/index.ts';

export type ReadValue = (value: string) => Buffer | undefined;

export const text: ReadValue = (value) => Buffer.from(value, 'utf8');

export const flag: ReadValue = (value) => {
  if (value === '0' || value === 'false') return Buffer.from([0]);
  return value === '1' || value === 'true' ? Buffer.from([1]) : undefined;
};

/** Big-endian numbers of so many bytes each. */
export function numbers(bytes: 1 | 2 | 4, isList = false): ReadValue {
  return (value) => {
    const parts = isList ? listOf(value) : [value.trim()];
    const encoded = parts.map((part) => numberBytes(part, bytes));
    return joined(encoded);
  };
}

/** IPv4 addresses; `countMax`: as many as the option takes. */
export function ipv4s(countMax = 32): ReadValue {
  return (value) => {
    const parts = listOf(value);
    return parts.length > countMax ? undefined : joined(parts.map(ipv4Bytes));
  };
}

export const ipv6s: ReadValue = (value) => joined(listOf(value).map(ipv6Bytes));

/** Domain names as DNS writes them (RFC 1035 section 3.1), one after the other (RFC 3397). */
export const domains: ReadValue = (value) => joined(listOf(value).map(domainBytes));

/** `destination,router,destination,router …` in the form of RFC 3442. */
export const routes: ReadValue = (value) => {
  const parts = listOf(value);
  const encoded: (Buffer | undefined)[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const destination = parseCidr(wholeCidr(parts[at] ?? ''));
    const router = ipv4Of(parts[at + 1] ?? '');
    if (destination?.version !== 4 || router === undefined) return undefined;
    encoded.push(routeBytes({ ...destination, router }));
  }
  return joined(encoded);
};

/** Prefix, as many bytes of the destination as it covers, router. */
export function routeBytes(route: {
  readonly first: number | bigint;
  readonly prefix: number;
  readonly router: number;
}): Buffer {
  const { prefix, router } = route;
  const destination = u32(Number(route.first)).subarray(0, Math.ceil(prefix / 8));
  return Buffer.concat([Buffer.from([prefix]), destination, u32(router)]);
}

/** A value of an option that nobody knows: what it looks like is what it is. */
export const guessed: ReadValue = (value) => {
  const parts = listOf(value);
  if (parts.every((part) => ipv4Of(part) !== undefined)) return joined(parts.map(ipv4Bytes));
  if (/^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(value)) {
    return Buffer.from(value.split(':').map((octet) => Number.parseInt(octet, 16)));
  }
  if (/^\d+$/.test(value)) {
    const number = Number(value);
    return numberBytes(value, number > 0xffff ? 4 : number > 0xff ? 2 : 1);
  }
  return text(value);
};

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u128(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
}

function ipv4Bytes(value: string): Buffer | undefined {
  const address = ipv4Of(value);
  return address === undefined ? undefined : u32(address);
}

function ipv6Bytes(value: string): Buffer | undefined {
  const address = parseAddress(value.replace(/^\[(.*)\]$/, '$1'));
  return typeof address === 'bigint' ? u128(address) : undefined;
}

/** Undefined for what is no IPv4 address. */
export function ipv4Of(text: string): number | undefined {
  const address = parseAddress(text);
  return typeof address === 'number' ? address : undefined;
}

function numberBytes(value: string, length: 1 | 2 | 4): Buffer | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(value)) return undefined;
  const number = Number(value);
  if (number >= 2 ** (8 * length)) return undefined;
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(number, 0, length);
  return bytes;
}

const LABEL_LENGTH_MAX = 63;

export function domainBytes(name: string): Buffer | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  const encoded = labels.map((label) => {
    const bytes = Buffer.from(label, 'utf8');
    const isLabel = bytes.length > 0 && bytes.length <= LABEL_LENGTH_MAX;
    return isLabel ? Buffer.concat([Buffer.from([bytes.length]), bytes]) : undefined;
  });
  return joined([...encoded, Buffer.from([0])]);
}

function wholeCidr(value: string): string {
  return value.includes('/') ? value : `${value}/32`;
}

function listOf(value: string): string[] {
  return value.split(',').map((part) => part.trim());
}

function joined(parts: readonly (Buffer | undefined)[]): Buffer | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? Buffer.concat(known) : undefined;
}
