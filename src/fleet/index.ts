/** The fleet's public face: the one folder that sends to switches. */
export { Fleet, type FleetOptions } from './fleet.ts';
export type { Adoption } from './host-session.ts';
export type {
  Attachment,
  DriftReport,
  FleetEvents,
  HostFacts,
  HostState,
  HostStatus,
} from './types.ts';
