/** The language of flows: tables, registers, priorities, cookies, the builder, desired state. */

export { type Hash64, hashText } from '../lib/hash.ts';
export { type CompiledGroup, type CompiledUnit, compiledGroup } from './compiled.ts';
export { type CompiledFlow, compiledFlow, flowKey } from './compiled-flow.ts';
export type { ConjunctionDraft } from './conjunctions.ts';
export { COOKIE_KINDS, type CookieKind, cookieOf, describeCookie } from './cookies.ts';
export {
  DesiredState,
  type GroupChange,
  type StateChanges,
} from './desired-state.ts';
export { Fingerprint, fingerprintOf } from './fingerprint.ts';
export type { FlowDraft } from './flow-builder.ts';
export {
  BUCKETS_MAX,
  type Copy,
  copyToAll,
  floodJudgedGroup,
  floodLocalGroup,
  floodRemoteGroup,
  GROUP_KINDS,
  type GroupDraft,
  localChunk,
} from './groups.ts';
export { GROUPS_SLOT, markerFlow, markerSlot } from './markers.ts';
export { TUNNEL_PORT } from './ports.ts';
export { PRIORITY, PRIORITY_MEANINGS } from './priorities.ts';
export {
  Allowed,
  Clause,
  ConntrackZone,
  FromTunnel,
  GroupSet,
  NetworkKey,
  NotAllowed,
  networkKey,
  OutputPort,
  REG_FIELDS,
  REG_MARKS,
  RESERVED_REGISTERS,
  RegField,
  RegMark,
  Scratch,
  TunnelKey,
} from './registers.ts';
export { Table } from './table.ts';
export * from './tables.ts';
export { encodeUnit, type UnitContent } from './unit.ts';
