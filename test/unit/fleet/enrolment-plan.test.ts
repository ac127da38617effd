/**
 * Goal: the plan of an enrolment writes what differs and nothing else.
 * Method: rows in memory; the operations as they would go over the wire.
 */
import { expect, test } from 'vitest';
import { datapathIdFor, type Enrolment, planEnrolment } from '../../../src/fleet/enrolment-plan.ts';
import { WATCHED } from '../../../src/fleet/observe.ts';
import { FakeTables, uuid } from '../../support/fake-switch.ts';
import { configOf } from '../../support/fleet-host.ts';

const ENROLMENT: Enrolment = {
  hostId: 'host-a',
  config: configOf('host-a', '198.18.0.1'),
  controllerTarget: 'tcp:192.0.2.9:6653',
  managerTarget: 'tcp:192.0.2.9:6640',
  promises: new Map(),
};

function freshHost(ids: Record<string, string> = {}): FakeTables {
  return new FakeTables({ 'system-id': 'host-a', ...ids });
}

/** A host whose rows are all as desired. */
function enrolledHost(): FakeTables {
  const tables = freshHost();
  const { all } = tables;
  const { settings, tunnel, bridge } = ENROLMENT.config;
  const value = (table: string, column: string): unknown =>
    settings.find((item) => item.table === table && item.column === column && !item.key)?.value;
  const entries = (table: string, column: string): Map<string, string> =>
    new Map(
      settings
        .filter((item) => item.table === table && item.column === column)
        .flatMap((item) => (item.key === undefined ? [] : [[item.key, String(item.value)]])),
    );
  const flowTables = new Map<number, string>();
  for (const [index, id] of [...new Set(settings.map((item) => item.flowTable))].entries()) {
    if (id === undefined) continue;
    const own = settings.filter((item) => item.flowTable === id);
    const row = { _uuid: uuid(100 + index), name: undefined, prefixes: [] };
    const columns = Object.fromEntries(own.map((item) => [item.column, item.value]));
    all.Flow_Table.set(row._uuid, { ...row, ...columns });
    flowTables.set(id, row._uuid);
  }
  all.Controller.set(uuid(20), {
    _uuid: uuid(20),
    target: ENROLMENT.controllerTarget,
    type: undefined,
    controller_queue_size: undefined,
    other_config: new Map(),
    external_ids: new Map([['heddle-manager', ENROLMENT.managerTarget]]),
    ...Object.fromEntries(
      settings
        .filter((item) => item.table === 'Controller')
        .map((item) => [item.column, item.value]),
    ),
  } as never);
  all.Interface.set(uuid(30), {
    _uuid: uuid(30),
    name: tunnel,
    type: String(value('Interface', 'type')),
    options: entries('Interface', 'options'),
    ofport: ENROLMENT.config.tunnelPort,
    ofport_request: ENROLMENT.config.tunnelPort,
    external_ids: new Map(),
    error: undefined,
    link_speed: undefined,
  });
  all.Port.set(uuid(31), { _uuid: uuid(31), name: tunnel, interfaces: [uuid(30)], qos: undefined });
  const otherConfig = entries('Bridge', 'other_config');
  all.Bridge.set(uuid(10), {
    _uuid: uuid(10),
    name: bridge,
    datapath_id: datapathIdFor('host-a'),
    datapath_type: 'netdev',
    fail_mode: 'secure',
    protocols: ['OpenFlow15'],
    stp_enable: false,
    rstp_enable: false,
    mcast_snooping_enable: false,
    controller: [uuid(20)],
    ports: [uuid(31)],
    flow_tables: flowTables,
    other_config: new Map([...otherConfig, ['datapath-id', datapathIdFor('host-a')]]),
    external_ids: new Map([['somebody', 'else']]),
  });
  return tables;
}

function wires(tables: FakeTables): Record<string, unknown>[] {
  return planEnrolment(tables, ENROLMENT).operations.map(({ wire }) => wire);
}

test('a host without a bridge gets it whole, safe from its first moment', () => {
  const bridge = wires(freshHost()).find(({ op, table }) => op === 'insert' && table === 'Bridge');
  expect(bridge?.['row']).toMatchObject({
    name: 'br-int',
    fail_mode: 'secure',
    datapath_type: '',
    controller: ['named-uuid', 'controller'],
  });
});

test('the host may ask for a datapath type, in our words or in OVN’s', () => {
  const rowOf = (ids: Record<string, string>): unknown =>
    wires(freshHost(ids)).find(({ table }) => table === 'Bridge')?.['row'];
  expect(rowOf({ 'heddle-datapath-type': 'netdev' })).toMatchObject({ datapath_type: 'netdev' });
  expect(rowOf({ 'ovn-bridge-datapath-type': 'netdev' })).toMatchObject({
    datapath_type: 'netdev',
  });
});

test('a host whose rows are as desired is not written to', () => {
  expect(planEnrolment(enrolledHost(), ENROLMENT)).toMatchObject({
    operations: [],
    differences: [],
  });
});

test('one column that differs is one update of one column', () => {
  const tables = enrolledHost();
  const bridge = tables.all.Bridge.get(uuid(10));
  if (bridge !== undefined) {
    tables.all.Bridge.set(uuid(10), { ...bridge, fail_mode: 'standalone' });
  }
  const where = [['_uuid', '==', ['uuid', uuid(10)]]];
  expect(wires(tables)).toEqual([
    { op: 'update', table: 'Bridge', where, row: { fail_mode: 'secure' } },
  ]);
});

test('an entry of a map column is changed alone: other entries are not ours', () => {
  const tables = enrolledHost();
  const bridge = tables.all.Bridge.get(uuid(10));
  const entries = new Map([...(bridge?.other_config ?? []), ['forward-bpdu', 'true']]);
  if (bridge !== undefined) tables.all.Bridge.set(uuid(10), { ...bridge, other_config: entries });
  const [operation, ...others] = wires(tables);
  expect(others).toEqual([]);
  expect(operation).toMatchObject({ op: 'mutate', table: 'Bridge' });
  expect(JSON.stringify(operation)).toContain('forward-bpdu');
  expect(JSON.stringify(operation)).not.toContain('mac-table-size');
});

test('rows of other controllers of ours stay while the host has their manager target', () => {
  const tables = enrolledHost();
  const row = tables.all.Controller.get(uuid(20));
  const bridge = tables.all.Bridge.get(uuid(10));
  if (row === undefined || bridge === undefined) throw new Error('an enrolled host');
  const sibling = (number: number, manager?: string): void => {
    const ids = new Map(manager === undefined ? [] : [['heddle-manager', manager]]);
    const target = `tcp:192.0.2.${number}:6653`;
    const other = { ...row, _uuid: uuid(number), target, external_ids: ids };
    tables.all.Controller.set(uuid(number), other);
  };
  sibling(21, 'tcp:192.0.2.21:6640');
  sibling(22, 'tcp:192.0.2.22:6640');
  sibling(23);
  tables.all.Manager.set(uuid(40), {
    _uuid: uuid(40),
    target: 'tcp:192.0.2.21:6640',
    max_backoff: undefined,
  });
  const controller = [uuid(20), uuid(21), uuid(22), uuid(23)];
  tables.all.Bridge.set(uuid(10), { ...bridge, controller });
  expect(wires(tables)).toMatchObject([
    {
      op: 'update',
      row: {
        controller: [
          'set',
          [
            ['uuid', uuid(21)],
            ['uuid', uuid(20)],
          ],
        ],
      },
    },
  ]);
});

test('a host is told to look for us every second; its other managers are left alone', () => {
  const tables = enrolledHost();
  const manager = (number: number, target: string): void => {
    const row = { _uuid: uuid(number), target, max_backoff: undefined };
    tables.all.Manager.set(row._uuid, row);
  };
  manager(40, ENROLMENT.managerTarget);
  manager(41, 'tcp:192.0.2.77:6640');
  expect(wires(tables)).toMatchObject([
    { op: 'update', table: 'Manager', row: { max_backoff: 1000 } },
  ]);
  expect(JSON.stringify(wires(tables))).toContain(uuid(40));
});

test('the datapath id comes from the name, for ever', () => {
  expect(datapathIdFor('host-a')).toBe(datapathIdFor('host-a'));
  expect(datapathIdFor('host-a')).not.toBe(datapathIdFor('host-b'));
  expect(datapathIdFor('host-a')).toMatch(/^[0-9a-f]{16}$/);
});

test('every column that is set is watched: one that is not would be repaired for ever', () => {
  for (const { table, column } of ENROLMENT.config.settings) {
    expect(WATCHED[table].columns).toContain(column);
  }
});
