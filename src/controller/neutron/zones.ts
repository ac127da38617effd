/** Availability zones: a region is one. What clients ask about zones has that one answer. */
import { AVAILABILITY_ZONE_ATTRIBUTES, intentError, ZONE } from '../../topology/index.ts';
import type { ReadingType } from './readings.ts';
import type { View } from './resource-type.ts';

const ZONES: readonly View[] = ['network', 'router'].map((resource) => ({
  name: ZONE,
  resource,
  state: 'available',
}));

export const AVAILABILITY_ZONES: ReadingType = {
  singular: 'availability_zone',
  plural: 'availability_zones',
  path: '/v2.0/availability_zones',
  attributes: AVAILABILITY_ZONE_ATTRIBUTES,
  without: ['show'],
  notFound: (name) => intentError('AvailabilityZoneNotFound', { availability_zone: name }),
  items: () => ZONES,
  item: () => undefined,
};
