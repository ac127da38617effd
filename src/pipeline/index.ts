/**
 * The language of flows: tables, registers, priorities, cookies, meters, services, the builder,
 * desired state.
 */

export { type Hash64, hashText } from '../lib/hash.ts';
export {
  type CompiledGroup,
  type CompiledMeter,
  type CompiledUnit,
  compiledGroup,
  sameMeter,
} from './compiled.ts';
export { type CompiledFlow, compiledFlow, flowKey } from './compiled-flow.ts';
export type { ConjunctionDraft } from './conjunctions.ts';
export { COOKIE_KINDS, type CookieKind, cookieOf, describeCookie } from './cookies.ts';
export { countingTables, flowFlagsOf } from './counting.ts';
export {
  DesiredState,
  type GroupChange,
  type MeterChange,
  type StateChanges,
} from './desired-state.ts';
export { Fingerprint, fingerprintOf } from './fingerprint.ts';
export type { FlowBuilder, FlowDraft, Telling } from './flow-builder.ts';
export {
  type Copy,
  copyBucket,
  copyToAll,
  floodJudgedGroup,
  floodLocalGroup,
  floodRemoteGroup,
  GROUP_KINDS,
  type GroupDraft,
  HOST_CHUNKS_MAX,
  localChunk,
  sharedBuckets,
} from './groups.ts';
export { type Logged, loggedBytes, readLogged, TOLD } from './logged.ts';
export { GROUPS_SLOT, markerFlow, markerSlot } from './markers.ts';
export {
  bandwidthMeter,
  type Limit,
  METER_KINDS,
  METERED_PORT_MAX,
  METERS_PER_PORT,
  type MeterDraft,
  type MeterKind,
  packetMeter,
  portMeter,
} from './meters.ts';
export { TUNNEL_PORT } from './ports.ts';
export { PRIORITY, PRIORITY_MEANINGS, type Priority } from './priorities.ts';
export { portQueue, type QueueDraft } from './queues.ts';
export {
  Allowed,
  Apart,
  Clause,
  Community,
  ConntrackZone,
  Fits,
  FromPort,
  FromTunnel,
  fieldIn,
  Genuine,
  GroupSet,
  InPort,
  NetworkKey,
  NotAllowed,
  networkKey,
  OutputPort,
  Promiscuous,
  REG_FIELDS,
  REG_MARKS,
  RESERVED_REGISTERS,
  RegField,
  RegMark,
  Reports,
  Rule,
  Scratch,
  SERVICE_MARKS,
  Size,
  Told,
  TooBig,
  TrackOnly,
  TunnelKey,
} from './registers.ts';
export {
  ANSWERED_SERVICES,
  type AnsweredService,
  ASKED_SERVICES,
  type AskedService,
  isTelling,
  OFFERED_SERVICES,
  type OfferedService,
  readUserdata,
  SERVICES,
  type Service,
} from './services.ts';
export { type Counted, Table } from './table.ts';
export * from './table-list.ts';
export * from './tables.ts';
export { encodeUnit, type UnitContent } from './unit.ts';
