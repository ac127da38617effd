/** The fleet's public face: the one folder that sends to switches. */
export type { Service } from '../pipeline/index.ts';
export { Fleet } from './fleet.ts';
export type {
  Attachment,
  DriftReport,
  FleetEvents,
  FlowCount,
  HostFacts,
  HostStatus,
  Inspection,
  ServicePacket,
} from './types.ts';
