/** The fleet's public face: the one folder that sends to switches. */
export type {
  Attachment,
  DriftReport,
  FleetEvents,
  HostFacts,
  HostState,
  HostStatus,
} from './types.ts';
