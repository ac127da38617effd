/**
 * Segments: how a network is carried, once more as resources of their own (Neutron's `segment`). A
 * network has exactly one, which comes, changes and goes with it and has its id: there is no
 * record.
 */
import type { Network } from './network.ts';
import { derived, INTEGER, STRING } from './validate/attributes.ts';
import { orNull } from './validate/values.ts';

export const SEGMENT_ATTRIBUTES = {
  id: derived(STRING, { about: "the network's" }),
  network_id: derived(STRING),
  name: derived(orNull(STRING), { about: 'null' }),
  description: derived(orNull(STRING), { about: 'null' }),
  network_type: derived(STRING),
  physical_network: derived(orNull(STRING)),
  segmentation_id: derived(orNull(INTEGER)),
  revision_number: derived(INTEGER, { about: "the network's" }),
  created_at: derived(STRING),
  updated_at: derived(STRING),
} as const;

export function segmentOf(network: Network) {
  return {
    id: network.id,
    network_id: network.id,
    name: null,
    description: null,
    network_type: network['provider:network_type'],
    physical_network: network['provider:physical_network'],
    segmentation_id: network['provider:segmentation_id'],
    revision_number: network.revision_number,
    created_at: network.created_at,
    updated_at: network.updated_at,
  };
}
