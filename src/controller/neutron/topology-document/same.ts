/**
 * Whether an attribute is as a document wants it: what the region chose for itself is as wanted.
 */
import { isDeepStrictEqual } from 'node:util';
import { keptNames } from '../../../topology/index.ts';
import type { View } from '../resource-type.ts';

/** What comparing needs to know besides the two values. */
export interface Facts {
  /** The resource as it is shown to whoever asks. */
  readonly view: View;
  /** Whether addresses of a subnet follow from MAC addresses, so that nobody asks for them. */
  readonly isAuto: (subnetId: string) => boolean;
  /** The domain that ports have their names in; of ports alone. */
  readonly dnsDomain: string | undefined;
}

type Same = (wish: unknown, now: unknown, facts: Facts) => boolean;

interface Address {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

interface Gateway {
  readonly network_id: string;
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly Address[];
}

interface Pair {
  readonly ip_address: string;
  readonly mac_address?: string;
}

interface Option {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version: 4 | 6;
}

/** A wish of null leaves the choice to the region. */
const orAny: Same = (wish, now) => wish === null || wish === now;
const orFalse: Same = (wish, now) => (wish ?? false) === now;
const sameSet: Same = (wish, now) => hasSameItems(wish as unknown[], now as unknown[]);

const sameName =
  (attribute: 'dns_name' | 'dns_domain'): Same =>
  (wish, now, { dnsDomain }) =>
    dnsDomain !== undefined &&
    keptNames({ [attribute]: wish as string }, dnsDomain)[attribute] === now;

/** By attribute; all others are compared as they are. */
const SAME: Readonly<Record<string, Same>> = {
  mtu: (wish, now) => wish === 0 || wish === now,
  'provider:physical_network': orAny,
  'provider:segmentation_id': orAny,
  cidr: orAny,
  allocation_pools: sameSet,
  host_routes: sameSet,
  service_types: sameSet,
  mac_address: orAny,
  fixed_ips: (wish, now, facts) => hasAddresses(wish as Address[], now as Address[], facts),
  security_groups: sameSet,
  allowed_address_pairs: (wish, now, { view }) => {
    const full = (wish as Pair[]).map((pair) => ({ mac_address: view['mac_address'], ...pair }));
    return hasSameItems(full, now as Pair[]);
  },
  extra_dhcp_opts: (wish, now) => hasOptions(wish as Option[], now as Option[]),
  dns_name: sameName('dns_name'),
  dns_domain: sameName('dns_domain'),
  routes: sameSet,
  distributed: orFalse,
  ha: orFalse,
  enable_ndp_proxy: orFalse,
  external_gateway_info: (wish, now, facts) =>
    isSameGateway(wish as Gateway | null, now as Gateway | null, facts),
};

export function isSame(attribute: string, wish: unknown, facts: Facts): boolean {
  const now = facts.view[attribute];
  // What whoever asks may not see is never known to be the same.
  if (now === undefined) return false;
  const same = Object.hasOwn(SAME, attribute) ? SAME[attribute] : undefined;
  return isDeepStrictEqual(wish, now) || (same?.(wish, now, facts) ?? false);
}

export function hasSameItems(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false;
  const left = [...others];
  return some.every((item) => {
    const at = left.findIndex((other) => isDeepStrictEqual(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Each wish has an address of its own, and what is left over follows from the MAC address. */
function hasAddresses(
  wishes: readonly Address[],
  now: readonly Address[],
  { isAuto }: Pick<Facts, 'isAuto'>,
): boolean {
  const left = [...now];
  // The exact ones first: they have no choice.
  const exact = wishes.filter((wish) => wish.ip_address !== undefined);
  const open = wishes.filter((wish) => wish.ip_address === undefined);
  const isThere = [...exact, ...open].every((wish) => {
    const at = left.findIndex(
      (fixed) =>
        (wish.subnet_id ?? fixed.subnet_id) === fixed.subnet_id &&
        (wish.ip_address ?? fixed.ip_address) === fixed.ip_address,
    );
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return isThere && left.every(({ subnet_id: id = '' }) => isAuto(id));
}

/** A request names options to set and to take away, and leaves others. */
function hasOptions(wishes: readonly Option[], now: readonly Option[]): boolean {
  return wishes.every(({ opt_name: name, opt_value: value, ip_version: version }) => {
    const found = now.find((option) => option.opt_name === name && option.ip_version === version);
    return (found?.opt_value ?? null) === value;
  });
}

function isSameGateway(wish: Gateway | null, now: Gateway | null, facts: Facts): boolean {
  if (wish === null || now === null) return wish === now;
  const { enable_snat: snat, external_fixed_ips: addresses = [] } = wish;
  if (wish.network_id !== now.network_id) return false;
  if (snat !== undefined && snat !== now.enable_snat) return false;
  return addresses.length === 0 || hasAddresses(addresses, now.external_fixed_ips ?? [], facts);
}
