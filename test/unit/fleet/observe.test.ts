/**
 * Goal: facts and attachments are read from a host's rows as each ecosystem writes them.
 * Method: rows in memory.
 */
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../src/fleet/facts.ts';
import {
  attachmentsOf,
  datapathIdOf,
  systemIdOf,
  tunnelProblem,
} from '../../../src/fleet/observe.ts';
import { FakeTables, uuid } from '../../support/fake-switch.ts';

function facts(ids: Record<string, string>, tables = new FakeTables({})): unknown {
  tables.setRoot({ 'system-id': 'h', ...ids });
  return factsOf(tables, 'br-int', '192.0.2.1');
}

function vif(tables: FakeTables, number: number, ids: Record<string, string>, ofport?: number) {
  const port = uuid(number + 1000);
  tables.all.Interface.set(uuid(number), {
    _uuid: uuid(number),
    name: `tap${number}`,
    type: '',
    options: new Map(),
    ofport,
    ofport_request: undefined,
    external_ids: new Map(Object.entries(ids)),
    error: undefined,
    link_speed: undefined,
  });
  tables.all.Port.set(port, {
    _uuid: port,
    name: `tap${number}`,
    interfaces: [uuid(number)],
    qos: undefined,
  });
  return port;
}

function withBridge(tables: FakeTables, ports: readonly string[], datapathType = ''): void {
  tables.all.Bridge.set(uuid(1), {
    _uuid: uuid(1),
    name: 'br-int',
    datapath_id: '00000000000000ff',
    datapath_type: datapathType,
    fail_mode: undefined,
    protocols: [],
    stp_enable: false,
    rstp_enable: false,
    mcast_snooping_enable: false,
    controller: [],
    ports,
    flow_tables: new Map(),
    other_config: new Map(),
    external_ids: new Map(),
  });
}

describe('facts', () => {
  test('our own keys come before those of OVN', () => {
    expect(facts({ 'ovn-encap-ip': '198.18.0.1' })).toMatchObject({ encapIp: '198.18.0.1' });
    const both = { 'ovn-encap-ip': '198.18.0.1', 'heddle-encap-ip': '198.18.0.2' };
    expect(facts(both)).toMatchObject({ encapIp: '198.18.0.2' });
    expect(facts({ 'ovn-encap-type': 'stt,vxlan' })).toMatchObject({ encapType: 'vxlan' });
    expect(facts({ 'heddle-encap-type': 'gre' })).toMatchObject({ encapType: 'geneve' });
  });

  test('the tunnels of a Neutron agent tell its address', () => {
    const tables = new FakeTables({});
    vif(tables, 5, {}, 7);
    const row = tables.all.Interface.get(uuid(5));
    const options = new Map([['local_ip', '198.18.0.3']]);
    if (row !== undefined) tables.all.Interface.set(uuid(5), { ...row, options });
    expect(facts({}, tables)).toMatchObject({ encapIp: '198.18.0.3' });
    // Our own tunnel must not confirm itself.
    withBridge(tables, [uuid(1005)]);
    expect(facts({}, tables)).toMatchObject({ encapIp: undefined });
  });

  test('a host that says nothing has no address, and its own name', () => {
    expect(facts({})).toMatchObject({ encapIp: undefined, hostname: 'h', ovsVersion: '3.1.0' });
  });

  test('nonsense in a key is as good as no key', () => {
    const nonsense = { 'heddle-encap-ip': 'me', 'heddle-datapath-type': 'fast' };
    expect(facts(nonsense)).toMatchObject({ encapIp: undefined, datapathType: 'system' });
  });

  test('userspace datapaths match ND extensions; the kernel’s says whether it does', () => {
    expect(facts({})).toMatchObject({ datapathType: 'system', ndExtensions: false });
    const asked = facts({ 'heddle-datapath-type': 'netdev' });
    expect(asked).toMatchObject({ datapathType: 'netdev', ndExtensions: true });
    const tables = new FakeTables({});
    withBridge(tables, [], 'netdev');
    expect(facts({}, tables)).toMatchObject({ datapathType: 'netdev', ndExtensions: true });
  });

  test('a name that cannot be part of a key is no name', () => {
    for (const id of ['', 'a/b', 'a b', 'x'.repeat(256)]) {
      expect(systemIdOf(new FakeTables({ 'system-id': id }))).toBeUndefined();
    }
    expect(systemIdOf(new FakeTables({ 'system-id': 'rack1-host2' }))).toBe('rack1-host2');
  });
});

describe('attachments', () => {
  test('VIFs of br-int with a port number are listed, whichever key names them', () => {
    const tables = new FakeTables({});
    const ports = [
      vif(tables, 2, { 'iface-id': 'p2', 'xs-vif-uuid': 'x2' }, 12),
      vif(tables, 3, { 'xs-vif-uuid': 'p3' }, 11),
      vif(tables, 4, { container_id: 'p4' }, 13),
    ];
    withBridge(tables, ports);
    expect(attachmentsOf(tables, 'br-int')).toEqual([
      { interface: 'tap3', ofport: 11, ifaceId: 'p3' },
      { interface: 'tap2', ofport: 12, ifaceId: 'p2' },
      { interface: 'tap4', ofport: 13, ifaceId: 'p4' },
    ]);
  });

  test('of two VIFs of one port, the one that the hypervisor uses counts', () => {
    const attached = (tapStatus: string, vifStatus: string): string[] => {
      const tables = new FakeTables({});
      const ids = { 'xs-vif-uuid': 'p' };
      const ports = [
        vif(tables, 2, { ...ids, 'iface-status': tapStatus }, 12),
        vif(tables, 3, { ...ids, 'iface-status': vifStatus }, 11),
      ];
      withBridge(tables, ports);
      return attachmentsOf(tables, 'br-int').map((item) => item.interface);
    };
    expect(attached('active', 'inactive')).toEqual(['tap2']);
    expect(attached('inactive', 'active')).toEqual(['tap3']);
    expect(attached('inactive', 'inactive')).toHaveLength(1);
  });

  test('a VIF without a number, with OVS’s number for failure, or elsewhere is none', () => {
    const tables = new FakeTables({});
    const ports = [vif(tables, 2, { 'iface-id': 'a' }), vif(tables, 3, { 'iface-id': 'b' }, -1)];
    vif(tables, 4, { 'iface-id': 'elsewhere' }, 5);
    withBridge(tables, [...ports, vif(tables, 5, { 'iface-id': 'local' }, 65534)]);
    expect(attachmentsOf(tables, 'br-int')).toEqual([]);
  });

  test('a datapath id that is none does not count', () => {
    expect(datapathIdOf({ datapath_id: '00000000000000ff' })).toBe(255n);
    expect(datapathIdOf({ datapath_id: 'nonsense' })).toBeUndefined();
    expect(datapathIdOf(undefined)).toBeUndefined();
  });
});

test('a tunnel with another port number than the flows name is a problem', () => {
  const tables = new FakeTables({});
  expect(tunnelProblem(tables, 'tap7', 65000)).toBeUndefined();
  vif(tables, 7, {});
  expect(tunnelProblem(tables, 'tap7', 65000)).toBeUndefined();
  vif(tables, 7, {}, 65000);
  expect(tunnelProblem(tables, 'tap7', 65000)).toBeUndefined();
  vif(tables, 7, {}, 3);
  expect(tunnelProblem(tables, 'tap7', 65000)).toMatch(/got port 3 instead of 65000/);
});
