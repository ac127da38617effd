/**
 * Features to units: what one host should hold, as a pure function of the topology.
 *
 *     touchedUnits(topology, change) ─▶ compileUnit(topology, hostId, key) for each (host, key)
 *                                    ─▶ fleet: state.apply(delta) ─▶ ordered changes, markers
 *
 * The fleet keeps one `DesiredState` a host (re-exported from src/pipeline):
 * - `state.apply(units)` once with all units, then once a change with the delta it is given. The
 *   result is already in the order of the bundle: `groups`, then `flows` (marker flows are among
 *   them, last), then `groupDeletes`. Empty lists: nothing to send.
 * - On reconnect read the table Marker, compare with `state.markers()` by `markerSlot(match)` and
 *   cookie. Equal: send nothing. Otherwise dump `slot`'s table, turn what it holds into
 *   `compiledFlow({...})` with re-encoded bytes, and diff by `key` against `state.flowsOf(table)`
 *   with `sameFlow`; groups by `groupId` with `sameGroup` and `compiledGroup`.
 * - All flows, markers included, have no timeouts, no flags and importance 0.
 */
export {
  type CompiledFlow,
  type CompiledGroup,
  type CompiledUnit,
  compiledFlow,
  compiledGroup,
  DesiredState,
  type FlowChange,
  GROUPS_SLOT,
  type GroupChange,
  markerSlot,
  type StateChanges,
  sameFlow,
  sameGroup,
} from '../pipeline/index.ts';
