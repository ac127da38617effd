/**
 * Flavors and service profiles: choices of how a service is provided, which operators offer by name
 * (Neutron's `flavors`). And the providers that there are to choose from.
 */
import { intentError } from './intent-error.ts';
import {
  BOOLEAN,
  type Created,
  changeable,
  derived,
  NAME,
  OWNED,
  required,
  STRING,
} from './validate/attributes.ts';
import {
  boolean,
  distinct,
  list,
  nullAs,
  nullable,
  type Read,
  reader,
  show,
  text,
  uuid,
} from './validate/values.ts';

const LONG_MAX = 1024;
const readLong = text(LONG_MAX);

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly service_type: string;
  readonly enabled: boolean;
  /** The ids of its service profiles. */
  readonly service_profiles: readonly string[];
}

export interface ServiceProfile {
  readonly id: string;
  readonly description: string | null;
  /** The name of a provider, or ''. */
  readonly driver: string;
  readonly metainfo: string;
  readonly enabled: boolean;
}

/** Who provides what: one a service, and it is this controller. */
export const SERVICE_PROVIDERS = [
  { service_type: 'L3_ROUTER_NAT', name: 'heddle', default: true },
] as const;

export const SERVICE_PROVIDER_ATTRIBUTES = {
  service_type: derived(STRING),
  name: derived(STRING),
  default: derived(BOOLEAN),
} as const;

/** The services that are here, by Neutron's names for them. */
const SERVICE_TYPES = ['CORE', 'FLAVORS', 'L3_ROUTER_NAT', 'LOGGING', 'METERING', 'QOS', 'trunk'];

const readServiceType: Read<string> = reader({ type: 'string', enum: SERVICE_TYPES }, (value) => {
  if (typeof value === 'string' && SERVICE_TYPES.includes(value)) return value;
  throw intentError('InvalidServiceType', { service_type: show(value) });
});

/** Whatever a driver wants to be told; what is no text is kept as JSON. */
const readMetainfo: Read<string> = reader({ type: 'string', maxLength: LONG_MAX }, (value) =>
  readLong(typeof value === 'string' ? value : JSON.stringify(value)),
);

const LABEL = changeable(nullable(readLong), { initial: '', about: 'a label' });
const ENABLED = changeable(nullAs(true, boolean), { initial: true });

export const FLAVOR_ATTRIBUTES = {
  id: derived(STRING),
  project_id: { ...OWNED.project_id, input: true },
  name: NAME,
  description: LABEL,
  service_type: required(readServiceType),
  enabled: ENABLED,
  service_profiles: changeable(distinct('service profile', list('service profile', uuid)), {
    initial: [],
    about: 'also tied and freed under `/service_profiles`',
  }),
} as const;

export type FlavorCreate = Created<typeof FLAVOR_ATTRIBUTES>;

export const SERVICE_PROFILE_ATTRIBUTES = {
  id: derived(STRING),
  project_id: { ...OWNED.project_id, input: true },
  description: LABEL,
  driver: changeable(readLong, { initial: '', about: 'the name of a service provider, or empty' }),
  metainfo: changeable(readMetainfo, { initial: '' }),
  enabled: ENABLED,
} as const;

/** What a flavor is tied to a profile by. */
export const SERVICE_PROFILE_LINK = {
  id: required(uuid),
  project_id: { ...OWNED.project_id, input: true },
} as const;

export type ServiceProfileCreate = Created<typeof SERVICE_PROFILE_ATTRIBUTES>;
