/**
 * Brings a switch whose content is unknown to the desired state, with as little reading and writing
 * as possible: first the markers and the meters, two small requests; then only the tables that the
 * markers do not vouch for.
 */
import {
  type CompiledFlow,
  type DesiredState,
  GROUPS_SLOT,
  Marker,
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
  readonly meters: readonly MeterState[];
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
  const [markers, meters] = await Promise.all([link.readTable(Marker.id), link.readMeters()]);
  const ours = trustMarkers && markers.length > 0;
  const suspects = suspectSlots(markers, desired.markers());
  pending.clear();
  if (ours && suspects.size === 0) {
    return { markers, tables: new Map(), groups: undefined, meters };
  }
  const filled = new Set(await link.filledTables());
  const candidates = ours ? suspects : new Set([...filled, ...desired.tables(), GROUPS_SLOT]);
  const tables = new Map<number, readonly InstalledFlow[]>();
  for (const table of candidates) {
    if (table === GROUPS_SLOT || table === Marker.id) continue;
    tables.set(table, filled.has(table) ? await link.readTable(table) : []);
  }
  const groups = candidates.has(GROUPS_SLOT) ? await link.readGroups() : undefined;
  return { markers, tables, groups, meters };
}

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
  return { flows, groups, meters: diffMeters(installed.meters, desired.meters()) };
}

/** Slots whose marker is missing, foreign or different: of tables, and of the groups. */
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
