/**
 * Brings a switch whose content is unknown to the desired state, with as little reading and writing
 * as possible: first the markers, one small request; then only the tables that they do not vouch
 * for.
 */
import {
  type CompiledFlow,
  type DesiredState,
  GROUPS_SLOT,
  Marker,
  METERS_SLOT,
  markerSlot,
} from '../pipeline/index.ts';
import type {
  Changes,
  FlowChange,
  GroupState,
  InstalledFlow,
  MeterState,
  PendingChanges,
} from './changes.ts';
import { diffFlows, diffGroups, diffMeters } from './diff.ts';
import type { SwitchLink } from './ports.ts';

/** What was read of a switch; tables that are not in the map are vouched for by their markers. */
export interface Installed {
  readonly markers: readonly InstalledFlow[];
  readonly tables: ReadonlyMap<number, readonly InstalledFlow[]>;
  /** Absent: vouched for. */
  readonly groups: readonly GroupState[] | undefined;
  readonly meters: readonly MeterState[] | undefined;
}

/**
 * Reads what has to be compared. `pending` holds, when this returns, the updates that came after
 * the desired state was compared with the markers. With `trustMarkers` false, after the switch
 * refused a push, everything is read.
 */
export async function readInstalled(
  link: SwitchLink,
  desired: DesiredState,
  pending: PendingChanges,
  trustMarkers: boolean,
): Promise<Installed> {
  const markers = await link.readTable(Marker.id);
  const ours = trustMarkers && markers.length > 0;
  const suspects = suspectSlots(markers, desired.markers());
  pending.clear();
  if (ours && suspects.size === 0) {
    return { markers, tables: new Map(), groups: undefined, meters: undefined };
  }
  const filled = new Set(await link.filledTables());
  const candidates = ours ? suspects : new Set([...filled, ...desired.tables(), ...OTHER_SLOTS]);
  const tables = new Map<number, readonly InstalledFlow[]>();
  for (const table of candidates) {
    if (OTHER_SLOTS.has(table) || table === Marker.id) continue;
    tables.set(table, filled.has(table) ? await link.readTable(table) : []);
  }
  const groups = candidates.has(GROUPS_SLOT) ? await link.readGroups() : undefined;
  const meters = candidates.has(METERS_SLOT) ? await link.readMeters() : undefined;
  return { markers, tables, groups, meters };
}

/** Slots of markers that speak for no table. */
const OTHER_SLOTS: ReadonlySet<number> = new Set([GROUPS_SLOT, METERS_SLOT]);

/**
 * The changes that make the switch hold `desired`. `pending` are updates that came while it was
 * being read: they count for what was not read, and are part of `desired` already for what was.
 */
export function reconcileChanges(
  installed: Installed,
  desired: DesiredState,
  pending: PendingChanges,
): Changes {
  const later = pending.take();
  const flows: FlowChange[] = later.flows.filter(
    ({ flow }) => flow.table !== Marker.id && !installed.tables.has(flow.table),
  );
  for (const [table, found] of installed.tables) {
    flows.push(...diffFlows(found, desired.flowsOf(table)));
  }
  flows.push(...diffFlows(installed.markers, desired.markers()));
  const groups =
    installed.groups === undefined ? later.groups : diffGroups(installed.groups, desired.groups());
  const meters =
    installed.meters === undefined ? later.meters : diffMeters(installed.meters, desired.meters());
  return { flows, groups, meters };
}

/** Slots whose marker is missing, foreign or different: of tables, of the groups, of the meters. */
export function suspectSlots(
  installed: readonly InstalledFlow[],
  desired: readonly CompiledFlow[],
): Set<number> {
  const suspects = new Set<number>();
  for (const { flow } of diffFlows(installed, desired)) {
    const slot = markerSlot(flow.match);
    if (slot !== undefined) suspects.add(slot);
  }
  return suspects;
}
