/**
 * Attributes in the words of documents, and in those of the Networking API: documents name
 * networks, subnets and groups where requests have their ids.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AttributeTable } from '../../../topology/index.ts';
import type { View } from '../resource-type.ts';
import type { Attributes } from './document.ts';
import type { Names } from './names.ts';

export type DocumentKind =
  | 'network'
  | 'subnet'
  | 'security_group'
  | 'security_group_rule'
  | 'port'
  | 'router';

/** The word of documents for an attribute, where it is another. */
export const DOCUMENT_WORDS: Readonly<Record<string, string>> = {
  network_id: 'network',
  remote_group_id: 'remote_group',
};

/** The body of a request that says the same. What has the wrong shape is left to its readers. */
export function requestOf(kind: DocumentKind, attributes: Attributes, names: Names): Attributes {
  switch (kind) {
    case 'port':
      return portRequest(attributes, names);
    case 'router':
      return routerRequest(attributes, names);
    case 'security_group_rule': {
      const { remote_group: remote, ...rest } = attributes;
      if (remote === undefined || remote === null) return rest;
      return { ...rest, remote_group_id: names.id('security_group', remote) };
    }
    default:
      return attributes;
  }
}

function portRequest({ network, ...rest }: Attributes, names: Names): Attributes {
  const given: Record<string, unknown> = { ...rest };
  if (network !== undefined) given['network_id'] = names.id('network', network);
  const { fixed_ips: addresses, security_groups: groups } = rest;
  if (Array.isArray(addresses)) {
    given['fixed_ips'] = addressRequests(addresses, names, given['network_id']);
  }
  if (Array.isArray(groups)) {
    given['security_groups'] = groups.map((group) => names.id('security_group', group));
  }
  return given;
}

function routerRequest(attributes: Attributes, names: Names): Attributes {
  const { external_gateway_info: gateway } = attributes;
  if (!isObject(gateway)) return attributes;
  const { network, ...rest } = gateway;
  const given: Record<string, unknown> = { ...rest };
  if (network !== undefined) given['network_id'] = names.id('network', network);
  const { external_fixed_ips: addresses } = rest;
  if (Array.isArray(addresses)) {
    given['external_fixed_ips'] = addressRequests(addresses, names, given['network_id']);
  }
  return { ...attributes, external_gateway_info: given };
}

function addressRequests(addresses: unknown[], names: Names, networkId: unknown): unknown[] {
  return addresses.map((item) => {
    if (!isObject(item) || item['subnet'] === undefined) return item;
    const { subnet, ...rest } = item;
    return { ...rest, subnet_id: names.subnetWithin(networkId, subnet) };
  });
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is not said of a resource within a document. */
const IMPLIED = ['name', 'project_id', 'tags', 'security_group_id'];

interface Translation {
  readonly names: Names;
  readonly isAuto: (subnetId: string) => boolean;
  /** Names attributes of a router's gateway that only operators may ask for. */
  readonly isAdmin: boolean;
}

/** All attributes of a resource that a document may name. */
export function wordsOf(
  kind: DocumentKind,
  table: AttributeTable,
  view: View,
  translation: Translation,
): Attributes {
  const words: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(table)) {
    const isSettable = (attribute.post !== 'never' || attribute.put) && attribute.input !== true;
    const isSaid = isSettable && !IMPLIED.includes(name);
    const value = view[name];
    if (!isSaid || value === undefined) continue;
    if (kind === 'subnet' && name === 'network_id') continue;
    words[DOCUMENT_WORDS[name] ?? name] = inWords(name, value, translation);
  }
  return words;
}

/** Those of the words that say more than that the attribute is as it is when nobody says. */
export function tellingWords(words: Attributes, table: AttributeTable): Attributes {
  const telling = Object.entries(words).filter(([name, value]) => {
    const attribute = Object.hasOwn(table, name) ? table[name] : undefined;
    const nothing = attribute?.post === 'never' ? null : attribute?.initial;
    return !isDeepStrictEqual(value, nothing);
  });
  return Object.fromEntries(telling);
}

function inWords(attribute: string, value: unknown, translation: Translation): unknown {
  const { names, isAdmin } = translation;
  if (value === null) return null;
  switch (attribute) {
    case 'network_id':
      return names.label('network', value as string);
    case 'remote_group_id':
      return names.label('security_group', value as string);
    case 'security_groups':
      return (value as string[]).map((id) => names.label('security_group', id));
    case 'fixed_ips':
      return addressWords(value as Address[], translation);
    case 'external_gateway_info': {
      const { network_id: network, external_fixed_ips: addresses, ...rest } = value as Gateway;
      const label = { network: names.label('network', network) };
      if (!isAdmin) return label;
      return { ...label, ...rest, external_fixed_ips: addressWords(addresses, translation) };
    }
    default:
      return value;
  }
}

interface Address {
  readonly subnet_id: string;
  readonly ip_address: string;
}

interface Gateway {
  readonly network_id: string;
  readonly enable_snat: boolean;
  readonly external_fixed_ips: readonly Address[];
}

/** Nobody can ask for an address that follows from the MAC address. */
function addressWords(addresses: readonly Address[], { names, isAuto }: Translation): object[] {
  return addresses.map(({ subnet_id: id, ip_address }) => ({
    subnet: names.label('subnet', id),
    ...(isAuto(id) ? {} : { ip_address }),
  }));
}
