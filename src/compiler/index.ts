/**
 * Features to units: what one host should hold, as a pure function of the topology.
 *
 *     scope = touchedUnits(topology, change)      src/topology; it applies the change
 *     for each (host, keys) of scope.entries():   unit = cache.compile(topology, host, key)
 *     fleet: state.apply(delta)                   ordered changes, markers among them
 *
 * Whoever sends keeps one `DesiredState` a host (src/pipeline):
 * - `state.apply(units)` once with all units, then once a change with the delta. The result is in
 *   the order of the bundle: `groups`, then `flows` (marker flows among them, last), then
 *   `groupDeletes`. `meters` go around it: those that leave behind it, the others before. All four
 *   empty: nothing to send.
 * - On reconnect read the table Marker and compare with `state.markers()`, by slot and cookie.
 *   Equal: send nothing. Otherwise dump the tables that differ and compare with
 *   `state.flowsOf(table)` by key.
 * - No flow has a timeout, an importance, or flags that its table does not give it.
 */
export {
  type Counted,
  cookieOf,
  DesiredState,
  type Logged,
  METERED_PORT_MAX,
  readLogged,
} from '../pipeline/index.ts';
export type { UnitKey } from '../topology/index.ts';
export { compileBetween } from './between.ts';
export {
  type CompiledUnit,
  compileHost,
  compileUnit,
} from './compile.ts';
export { LOG_RATE } from './features/connection-log.ts';
export { ruleMark, ruleMarkIn } from './features/security-rules.ts';
export { type CompilerSettings, DEFAULT_SETTINGS } from './settings.ts';
export {
  type ConfigTable,
  INTEGRATION_BRIDGE,
  type Setting,
  type SwitchConfig,
  switchConfig,
} from './switch-config.ts';
export { UnitCache } from './unit-cache.ts';
