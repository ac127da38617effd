/**
 * A subnet pool: prefixes out of which subnets get their CIDRs, in the wire shape of Neutron v2.0.
 */
import { formatCidr, parseCidr } from './address.ts';
import type { Standard } from './standard.ts';
import {
  type Created,
  changeable,
  derived,
  INTEGER,
  once,
  STANDARD,
  type Updated,
} from './validate/attributes.ts';
import {
  boolean,
  items,
  nonNegative,
  nullable,
  orNull,
  type Read,
  Rejected,
  reader,
  show,
  text,
  uuid,
} from './validate/values.ts';

export interface Subnetpool extends Standard {
  readonly name: string;
  readonly description: string;
  readonly ip_version: 4 | 6;
  /** Canonical, in order, as few as can be. */
  readonly prefixes: readonly string[];
  /** Lengths are text on the wire, for that is what Neutron writes. */
  readonly min_prefixlen: string;
  readonly default_prefixlen: string;
  readonly max_prefixlen: string;
  readonly address_scope_id: string | null;
  readonly is_default: boolean;
  /** Of the subnets of one project together: IPv4 addresses, or IPv6 /64s. */
  readonly default_quota: number | null;
}

const poolName: Read<string> = reader({ type: 'string', minLength: 1, maxLength: 255 }, (value) => {
  const name = text(255)(value);
  if (name.trim() === '') throw new Rejected(`'${name}' Blank strings are not permitted`);
  return name;
});

const prefix: Read<string> = reader({ type: 'string' }, (value) => {
  const cidr = typeof value === 'string' ? parseCidr(value) : undefined;
  if (cidr === undefined) throw new Rejected(`'${show(value)}' is not a valid IP subnet`);
  return formatCidr(cidr);
});

/** Also of the actions that add and take away prefixes. */
export const readPrefixes = items(prefix);

const length: Read<string> = reader({ type: 'string', pattern: '^\\d+$' }, (value) =>
  String(nonNegative(value)),
);

/** Shown as null where there is none, and never set to null. */
const quota: Read<number> = reader(orNull(nonNegative.schema), (value) => nonNegative(value));

export const SUBNETPOOL_ATTRIBUTES = {
  ...STANDARD,
  name: { ...changeable(poolName, { about: 'a label' }), post: 'required' },
  prefixes: {
    ...changeable(readPrefixes, { enforced: true, about: 'subnets lie in them; only ever more' }),
    post: 'required',
  },
  ip_version: derived(INTEGER, { about: 'of its prefixes' }),
  min_prefixlen: changeable(length, { enforced: true, about: 'no subnet is larger' }),
  default_prefixlen: changeable(length, {
    enforced: true,
    about: 'of a subnet that names none; left out: `min_prefixlen`',
  }),
  max_prefixlen: changeable(length, { enforced: true, about: 'no subnet is smaller' }),
  default_quota: changeable(quota, {
    enforced: true,
    about: 'IPv4 addresses, or IPv6 /64s, that the subnets of one project may have of it',
  }),
  address_scope_id: changeable(nullable(uuid), {
    initial: null,
    enforced: true,
    about: 'no two pools of a scope overlap',
  }),
  is_default: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'serves `use_default_subnetpool`; one of each IP version',
  }),
  shared: once(boolean, {
    initial: false,
    enforced: true,
    about: 'every project may use it: an RBAC policy for `*`',
  }),
} as const;

export type SubnetpoolCreate = Created<typeof SUBNETPOOL_ATTRIBUTES>;
export type SubnetpoolUpdate = Updated<typeof SUBNETPOOL_ATTRIBUTES>;
