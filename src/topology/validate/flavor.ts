/** Flavors and service profiles: from a checked request to a record, and what forbids a change. */
import type { Flavor, FlavorCreate, ServiceProfile, ServiceProfileCreate } from '../flavor.ts';
import { SERVICE_PROVIDERS } from '../flavor.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';

export function freshFlavor(given: FlavorCreate, id: string): Flavor {
  const { name, description, service_type, enabled, service_profiles } = given;
  return { id, name, description, service_type, enabled, service_profiles };
}

export function freshServiceProfile(given: ServiceProfileCreate, id: string): ServiceProfile {
  const { description, driver, metainfo, enabled } = given;
  if (driver === '' && metainfo === '') throw intentError('ServiceProfileEmpty', {});
  checkDriver(driver);
  return { id, description, driver, metainfo, enabled };
}

export function checkDriver(driver: string): void {
  const names: readonly string[] = SERVICE_PROVIDERS.map(({ name }) => name);
  if (driver === '' || names.includes(driver)) return;
  throw intentError('ServiceProfileDriverNotFound', { driver });
}

/** A profile of a flavor stays as it was offered. */
export function checkProfileUse(topology: Intent, id: string): void {
  if (topology.members('flavorsOfProfile', id).size === 0) return;
  throw intentError('ServiceProfileInUse', { sp_id: id });
}

export function withProfile(flavor: Flavor, profileId: string): Flavor {
  if (flavor.service_profiles.includes(profileId)) {
    throw intentError('FlavorServiceProfileBindingExists', { sp_id: profileId, fl_id: flavor.id });
  }
  return { ...flavor, service_profiles: [...flavor.service_profiles, profileId] };
}

export function withoutProfile(flavor: Flavor, profileId: string): Flavor {
  const left = flavor.service_profiles.filter((id) => id !== profileId);
  if (left.length === flavor.service_profiles.length) {
    throw intentError('FlavorServiceProfileBindingNotFound', {
      sp_id: profileId,
      fl_id: flavor.id,
    });
  }
  return { ...flavor, service_profiles: left };
}
