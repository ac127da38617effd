/** The fleet's public face: the one folder that sends to switches. */
export { Fleet } from './fleet.ts';
export type {
  Attachment,
  DriftReport,
  FleetEvents,
  FlowCount,
  HostFacts,
  HostStatus,
  Inspection,
} from './types.ts';
