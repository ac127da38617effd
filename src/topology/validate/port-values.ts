/** Readers of the two structured attributes of a port, with Neutron's refusals. */
import { isMulticast, parseAddress, parseCidr } from '../address.ts';
import { intentError } from '../intent-error.ts';
import { badRequest } from './attributes.ts';
import {
  checkCount,
  cidr,
  ipAddress,
  isObject,
  type Json,
  macAddress,
  type Read,
  Rejected,
  show,
  uuid,
} from './values.ts';

/** An address that a port asks for: which subnet, which address, or both. */
export interface FixedIpRequest {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

/** Address pairs as they were asked for; without a MAC address the port's own is meant. */
export interface AddressPairRequest {
  readonly ip_address: string;
  readonly mac_address?: string;
}

/** Neutron's default of `max_allowed_address_pair`. */
const ADDRESS_PAIRS_MAX = 10;

export const readFixedIps: Read<readonly FixedIpRequest[]> = (value) => {
  if (!Array.isArray(value)) {
    throw new Rejected(`Invalid data format for fixed IP: '${show(value)}'`);
  }
  checkCount('fixed IP', value);
  const seen = new Set<string>();
  return value.map((item: unknown) => {
    const fixed = readFixedIp(item);
    if (fixed.ip_address !== undefined) {
      if (seen.has(fixed.ip_address))
        throw new Rejected(`Duplicate IP address '${fixed.ip_address}'`);
      seen.add(fixed.ip_address);
    }
    return fixed;
  });
};

function readFixedIp(item: unknown): FixedIpRequest {
  if (!isObject(item)) throw new Rejected(`Invalid data format for fixed IP: '${show(item)}'`);
  const { ip_address: address, subnet_id: subnet } = item;
  return {
    ...(address === undefined ? {} : { ip_address: ipAddress(address) }),
    ...(subnet === undefined ? {} : { subnet_id: uuid(subnet) }),
  };
}

export const readAddressPairs: Read<readonly AddressPairRequest[]> = (value) => {
  if (!Array.isArray(value)) throw badRequest('Allowed address pairs must be a list.');
  if (value.length > ADDRESS_PAIRS_MAX) {
    throw intentError('AllowedAddressPairExhausted', { quota: ADDRESS_PAIRS_MAX });
  }
  const seen = new Set<string>();
  return value.map((item: unknown) => {
    const pair = readAddressPair(item);
    const mac = pair.mac_address ?? 'None';
    const key = `${mac} ${pair.ip_address}`;
    if (seen.has(key)) {
      throw intentError('DuplicateAddressPairInRequest', {
        mac_address: mac,
        ip_address: pair.ip_address,
      });
    }
    seen.add(key);
    return pair;
  });
};

function readAddressPair(item: unknown): AddressPairRequest {
  if (!isObject(item)) throw new Rejected(`'${show(item)}' is not a dictionary`);
  const { ip_address: address, mac_address: mac, ...others } = item;
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    throw badRequest(`Unrecognized attribute(s) '${show(unknown.join(', '))}'`);
  if (address === undefined) throw intentError('AllowedAddressPairsMissingIP', {});
  return {
    ip_address: readPairAddress(item),
    ...(mac === undefined || mac === null ? {} : { mac_address: bare(macAddress)(mac) }),
  };
}

function readPairAddress({ ip_address: address }: Json): string {
  const isRange = typeof address === 'string' && address.includes('/');
  const canonical = bare(isRange ? cidr : ipAddress)(address);
  const value = isRange ? parseCidr(canonical)?.first : parseAddress(canonical);
  if (value !== undefined && isMulticast(value)) {
    throw badRequest(`'${canonical}' cannot be multicast`);
  }
  return canonical;
}

/** Neutron gives the reason of an address pair as the whole message. */
function bare<T>(read: Read<T>): Read<T> {
  return (value) => {
    try {
      return read(value);
    } catch (error) {
      throw error instanceof Rejected ? badRequest(error.message) : error;
    }
  };
}
