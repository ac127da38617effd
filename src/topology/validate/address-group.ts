/** Address groups: from a checked request to a record, and what forbids a change. */
import type { AddressGroup, AddressGroupCreate, AddressGroupUpdate } from '../address-group.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { badRequest } from './attributes.ts';
import { type Birth, born, touched } from './birth.ts';
import { readLooseAddress } from './rule-values.ts';
import { isObject } from './values.ts';

/** Every rule that refers to a group is as long as the group. */
const ADDRESSES_MAX = 1024;

export function freshAddressGroup(given: AddressGroupCreate, birth: Birth): AddressGroup {
  return {
    name: given.name,
    description: given.description,
    addresses: given.addresses,
    ...born(birth, given),
  };
}

export function updatedAddressGroup(
  group: AddressGroup,
  given: AddressGroupUpdate,
  at: string,
): AddressGroup {
  return { ...group, ...given, ...touched(group, at) };
}

/** The group with the addresses of a request besides its own; none may be among these. */
export function withAddresses(group: AddressGroup, body: unknown, at: string): AddressGroup {
  const added = readAddressesOf(body);
  const known = added.filter((address) => group.addresses.includes(address));
  if (known.length > 0) throw intentError('AddressesAlreadyExist', subject(group, known));
  const addresses = [...group.addresses, ...added];
  if (addresses.length > ADDRESSES_MAX) {
    throw badRequest(`An address group has at most ${ADDRESSES_MAX} addresses`);
  }
  return { ...group, addresses, ...touched(group, at) };
}

/** The group without the addresses of a request; all must be among its own. */
export function withoutAddresses(group: AddressGroup, body: unknown, at: string): AddressGroup {
  const removed = readAddressesOf(body);
  const unknown = removed.filter((address) => !group.addresses.includes(address));
  if (unknown.length > 0) throw intentError('AddressesNotFound', subject(group, unknown));
  const addresses = group.addresses.filter((address) => !removed.includes(address));
  return { ...group, addresses, ...touched(group, at) };
}

/** Rules that refer to a group forbid it to go. */
export function checkAddressGroupDelete(intent: Intent, id: string): void {
  if (intent.members('rulesToAddressGroup', id).size === 0) return;
  throw intentError('AddressGroupInUse', { address_group_id: id });
}

function readAddressesOf(body: unknown): readonly string[] {
  const addresses = isObject(body) ? body['addresses'] : undefined;
  if (!Array.isArray(addresses)) throw badRequest("Unable to find 'addresses' in request body");
  if (addresses.length > ADDRESSES_MAX) {
    throw badRequest(`An address group has at most ${ADDRESSES_MAX} addresses`);
  }
  return [...new Set(addresses.map(readLooseAddress))];
}

function subject({ id }: AddressGroup, addresses: readonly string[]) {
  const shown = addresses.map((address) => `'${address}'`).join(', ');
  return { addresses: `[${shown}]`, address_group_id: id };
}
