/** Flavors, the service profiles that they offer, and who provides the services. */
import {
  checkDriver,
  checkProfileUse,
  FLAVOR_ATTRIBUTES,
  freshFlavor,
  freshServiceProfile,
  intentError,
  readCreate,
  SERVICE_PROFILE_ATTRIBUTES,
  SERVICE_PROFILE_LINK,
  SERVICE_PROVIDER_ATTRIBUTES,
  SERVICE_PROVIDERS,
  withoutProfile,
  withProfile,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ReadingType } from './readings.ts';
import type { ResourceType } from './resource-type.ts';

const profileNotFound = (id: string) => intentError('ServiceProfileNotFound', { sp_id: id });

export const FLAVORS: ResourceType<'flavor', typeof FLAVOR_ATTRIBUTES> = {
  kind: 'flavor',
  singular: 'flavor',
  plural: 'flavors',
  attributes: FLAVOR_ATTRIBUTES,
  notFound: (id) => intentError('FlavorNotFound', { flavor_id: id }),
  derive: () => ({}),

  create: (draft, given) => {
    expectProfiles(draft, given.service_profiles);
    return freshFlavor(given, draft.birth().id);
  },

  update: (draft, before, given) => {
    expectProfiles(draft, given.service_profiles ?? []);
    return { ...before, ...given };
  },

  remove: () => {},

  links: {
    service_profiles: {
      singular: 'service_profile',
      add: (draft, flavor, body) => {
        const { id } = readCreate(SERVICE_PROFILE_LINK, body);
        expectProfiles(draft, [id]);
        draft.put('flavor', flavor.id, withProfile(flavor, id));
        return () => ({ id });
      },
      drop: (draft, flavor, id) => {
        draft.put('flavor', flavor.id, withoutProfile(flavor, id));
      },
    },
  },
};

export const SERVICE_PROFILES: ResourceType<'service_profile', typeof SERVICE_PROFILE_ATTRIBUTES> =
  {
    kind: 'service_profile',
    singular: 'service_profile',
    plural: 'service_profiles',
    path: '/v2.0/service_profiles',
    attributes: SERVICE_PROFILE_ATTRIBUTES,
    notFound: profileNotFound,
    derive: () => ({}),
    create: (draft, given) => freshServiceProfile(given, draft.birth().id),

    update: (draft, before, given) => {
      checkDriver(given.driver ?? '');
      checkProfileUse(draft.topology, before.id);
      return { ...before, ...given };
    },

    remove: (draft, { id }) => checkProfileUse(draft.topology, id),
  };

export const SERVICE_PROVIDER_TYPE: ReadingType = {
  singular: 'service_provider',
  plural: 'service_providers',
  attributes: SERVICE_PROVIDER_ATTRIBUTES,
  without: ['show'],
  notFound: (name) => intentError('ServiceProviderNotFound', { name }),
  items: () => SERVICE_PROVIDERS,
  item: () => undefined,
};

/** The profiles are there, and stay as they are while a flavor gets them. */
function expectProfiles(draft: Draft, ids: readonly string[]): void {
  for (const id of ids) {
    if (draft.topology.get('service_profile', id) === undefined) throw profileNotFound(id);
    draft.expect('service_profile', id);
  }
}
