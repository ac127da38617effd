/**
 * Enrolment as a pure function: the rows that a host has, and those that it should have, give the
 * operations of one transaction, or none at all. It repairs as it makes: only what differs is
 * written, and what is not ours (VIF ports, other entries of a map column) is left alone.
 */
import { createHash } from 'node:crypto';
import type { SwitchConfig } from '../compiler/index.ts';
import { namedUuid, type Operation, type UuidRef, vswitch } from '../ovsdb/index.ts';
import {
  bridgeDatapathType,
  bridgeOf,
  type HostRows,
  type HostTables,
  interfacesOf,
} from './observe.ts';
import { columnsOf, type Repair, type RowSpec, repairRow, rowSpec } from './row-spec.ts';
import { planUplink, type UplinkPlan } from './uplink.ts';

/** What a controller's row says about the manager target that it belongs to. */
const MANAGER_KEY = 'heddle-manager';

export interface Enrolment {
  readonly hostId: string;
  readonly config: SwitchConfig;
  /** The OpenFlow target that the host is given. */
  readonly controllerTarget: string;
  /** The manager target that brought the host to us: see `keptControllers`. */
  readonly managerTarget: string;
  /** Kilobits a second that ports are promised, by queue. */
  readonly promises: ReadonlyMap<number, number>;
}

type Bridge = HostRows['Bridge'];

/** One plan under construction: operations and the reasons for them, as `table.column`. */
class Draft {
  readonly operations: Operation[] = [];
  readonly differences: string[] = [];

  add(difference: string, ...operations: Operation[]): void {
    this.take({ operations, differences: [difference] });
  }

  take({ operations, differences }: Repair): void {
    this.operations.push(...operations);
    this.differences.push(...differences);
  }
}

/** Operations, and why promises cannot be kept as they are. */
export function planEnrolment(tables: HostTables, enrolment: Enrolment): UplinkPlan {
  const draft = new Draft();
  const bridge = bridgeOf(tables, enrolment.config.bridge);
  const children: Children = {
    controllers: planControllers(draft, tables, bridge, enrolment),
    flowTables: planFlowTables(draft, tables, bridge, enrolment.config),
    ports: planTunnel(draft, tables, bridge, enrolment.config),
  };
  planManager(draft, tables, enrolment);
  const spec = bridgeSpec(tables, enrolment);
  if (bridge === undefined) insertBridge(draft, tables, spec, children);
  else repairBridge(draft, bridge, spec, children);
  const uplink = planUplink(tables, enrolment.config, enrolment.promises);
  draft.take(uplink);
  const { operations, differences } = draft;
  return { operations, differences, problem: uplink.problem };
}

/**
 * The datapath id that we give a host: from its name, so that it never changes, as OVS's own does
 * when a port with a lower MAC address comes, and so that no two hosts have the same.
 */
export function datapathIdFor(hostId: string): string {
  const digest = createHash('sha256').update(hostId).digest('hex').slice(0, 16);
  // All zeros would be refused by OVS.
  return digest === '0'.repeat(16) ? `${'0'.repeat(15)}1` : digest;
}

interface Children {
  readonly controllers: readonly UuidRef[];
  /** Entries to add to the bridge's `flow_tables`. */
  readonly flowTables: ReadonlyMap<number, UuidRef>;
  /** Ports to add to the bridge. */
  readonly ports: readonly UuidRef[];
}

function bridgeSpec(tables: HostTables, { hostId, config }: Enrolment): RowSpec {
  return rowSpec(config, { table: 'Bridge' }, [
    { column: 'name', value: config.bridge },
    { column: 'datapath_type', value: bridgeDatapathType(tables, config.bridge) },
    { column: 'other_config', key: 'datapath-id', value: datapathIdFor(hostId) },
  ]);
}

function insertBridge(draft: Draft, tables: HostTables, spec: RowSpec, children: Children): void {
  const local = namedUuid('local_port');
  const name = String(spec.columns.get('name'));
  const columns = {
    ...columnsOf(spec),
    controller: children.controllers,
    flow_tables: children.flowTables,
    ports: [local, ...children.ports],
  };
  draft.add(
    'Bridge',
    vswitch.insert('Interface', { name, type: 'internal' }, { uuidName: 'local_interface' }),
    vswitch.insert(
      'Port',
      { name, interfaces: [namedUuid('local_interface')] },
      { uuidName: 'local_port' },
    ),
    vswitch.insert('Bridge', columns, { uuidName: 'bridge' }),
  );
  for (const root of tables.rows('Open_vSwitch').keys()) {
    const bridges = [namedUuid('bridge')];
    const where = [['_uuid', '==', root] as const];
    draft.operations.push(vswitch.mutate('Open_vSwitch', where, [['bridges', 'insert', bridges]]));
  }
}

function repairBridge(draft: Draft, bridge: Bridge, spec: RowSpec, children: Children): void {
  const { controllers, ports, flowTables } = children;
  const where = [['_uuid', '==', bridge._uuid] as const];
  draft.take(repairRow('Bridge', bridge, spec));
  if (!sameSet(bridge.controller, controllers)) {
    draft.add('Bridge.controller', vswitch.update('Bridge', where, { controller: controllers }));
  }
  if (ports.length > 0) {
    draft.add('Bridge.ports', vswitch.mutate('Bridge', where, [['ports', 'insert', ports]]));
  }
  if (flowTables.size > 0) {
    draft.add(
      'Bridge.flow_tables',
      vswitch.mutate('Bridge', where, [['flow_tables', 'insert', flowTables]]),
    );
  }
}

/**
 * How the host comes back to us. Its other managers, and one that names us otherwise, stay as is.
 */
function planManager(draft: Draft, tables: HostTables, { config, managerTarget }: Enrolment): void {
  const spec = rowSpec(config, { table: 'Manager' });
  for (const row of tables.rows('Manager').values()) {
    if (row.target === managerTarget) draft.take(repairRow('Manager', row, spec));
  }
}

/** The controller rows that the bridge should have, ours made or repaired. */
function planControllers(
  draft: Draft,
  tables: HostTables,
  bridge: Bridge | undefined,
  enrolment: Enrolment,
): UuidRef[] {
  const { config, controllerTarget, managerTarget } = enrolment;
  const rows = (bridge?.controller ?? []).flatMap(
    (uuid) => tables.rows('Controller').get(uuid) ?? [],
  );
  const spec = rowSpec(config, { table: 'Controller' }, [
    { column: 'target', value: controllerTarget },
    { column: 'external_ids', key: MANAGER_KEY, value: managerTarget },
  ]);
  const kept = keptControllers(tables, rows, enrolment);
  const ours = rows.find(({ target }) => target === controllerTarget);
  if (ours !== undefined) {
    draft.take(repairRow('Controller', ours, spec));
    return [...kept, ours._uuid];
  }
  const options = { uuidName: 'controller' };
  draft.add('Controller', vswitch.insert('Controller', columnsOf(spec), options));
  return [...kept, namedUuid('controller')];
}

/**
 * Rows of other controllers of ours stay as long as the host has the manager target that they
 * belong to. Any other row is foreign, or of a controller that has left: whoever is there could
 * open what we close, so it goes.
 */
function keptControllers(
  tables: HostTables,
  rows: readonly HostRows['Controller'][],
  { controllerTarget, managerTarget }: Enrolment,
): UuidRef[] {
  const managers = new Set([...tables.rows('Manager').values()].map(({ target }) => target));
  const kept = rows.filter(({ target, external_ids }) => {
    const manager = external_ids.get(MANAGER_KEY);
    const others = target !== controllerTarget && manager !== managerTarget;
    return others && manager !== undefined && managers.has(manager);
  });
  return kept.map(({ _uuid }) => _uuid);
}

/** The tunnel's port where the bridge must be given it. */
function planTunnel(
  draft: Draft,
  tables: HostTables,
  bridge: Bridge | undefined,
  config: SwitchConfig,
): UuidRef[] {
  const name = config.tunnel;
  const spec = rowSpec(config, { table: 'Interface' });
  const rows = bridge === undefined ? [] : interfacesOf(tables, bridge);
  const row = rows.find((candidate) => candidate.name === name);
  if (row !== undefined) {
    draft.take(repairRow('Interface', row, spec));
    return [];
  }
  const columns = { ...columnsOf(spec), name };
  const interfaces = [namedUuid('tunnel_interface')];
  draft.add(
    'Interface',
    vswitch.insert('Interface', columns, { uuidName: 'tunnel_interface' }),
    vswitch.insert('Port', { name, interfaces }, { uuidName: 'tunnel_port' }),
  );
  return [namedUuid('tunnel_port')];
}

/** The entries that the bridge's `flow_tables` must be given. */
function planFlowTables(
  draft: Draft,
  tables: HostTables,
  bridge: Bridge | undefined,
  config: SwitchConfig,
): Map<number, UuidRef> {
  const missing = new Map<number, UuidRef>();
  const wanted = new Set(config.settings.flatMap(({ flowTable }) => flowTable ?? []));
  for (const flowTable of wanted) {
    const spec = rowSpec(config, { table: 'Flow_Table', flowTable });
    const uuid = bridge?.flow_tables.get(flowTable);
    const row = uuid === undefined ? undefined : tables.rows('Flow_Table').get(uuid);
    if (row !== undefined) {
      draft.take(repairRow('Flow_Table', row, spec));
      continue;
    }
    const uuidName = `flow_table_${flowTable}`;
    draft.add('Flow_Table', vswitch.insert('Flow_Table', columnsOf(spec), { uuidName }));
    missing.set(flowTable, namedUuid(uuidName));
  }
  return missing;
}

function sameSet(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item));
}
