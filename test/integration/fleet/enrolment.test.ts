/**
 * Goal: a host that only did `set-manager` gets every safe setting, drops by default before anything
 * else, keeps what is not ours, and is written to only when something differs.
 * Method: a real ovsdb-server and ovs-vswitchd; each column as `ovs-vsctl` shows it.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { datapathIdFor } from '../../../src/fleet/enrolment-plan.ts';
import {
  configOf,
  hostReady,
  join,
  networkUnit,
  resetHost,
  type StartedFleet,
  startFleet,
  unitMap,
} from '../../support/fleet-host.ts';
import { startSandbox } from '../../support/sandbox.ts';

let ovs: Ovs;
let started: StartedFleet;

beforeAll(async () => {
  ovs = await startSandbox('host-a');
});

beforeEach(async () => {
  started = await startFleet();
});

afterEach(async () => {
  await started.fleet.stop();
  await resetHost(ovs);
});

afterAll(() => ovs.stop());

function adopt(epoch = 1, fleet = started.fleet): void {
  const units = unitMap([networkUnit(7, [1, 2])]);
  fleet.adopt('host-a', { epoch, revision: 1, units, config: configOf('host-a') });
}

/** `_version` of every row that we write and that Open vSwitch itself leaves alone. */
async function rowVersions(): Promise<string> {
  const tables = ['Open_vSwitch', 'Bridge', 'Port', 'Flow_Table'];
  const selects = tables.map((table) => ({
    op: 'select',
    table,
    where: [],
    columns: ['_version'],
  }));
  const request = JSON.stringify(['Open_vSwitch', ...selects]);
  return exec(['ovsdb-client', 'transact', `unix:${ovs.ovsdbSocket}`, request]);
}

async function column(table: string, row: string, name: string): Promise<string> {
  const text = await ovs.vsctl('get', table, row, name);
  return text.trim().replaceAll('"', '');
}

test('set-manager alone makes a host known, with its facts, and writes nothing to it', async () => {
  await ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:hostname=rack1');
  await ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:ovn-encap-ip=198.18.0.7');
  await join(ovs, started.fleet);
  const facts = await until(() => started.record.facts[0], 'the host to be identified');
  expect(facts).toEqual({
    id: 'host-a',
    hostname: 'rack1',
    encapIp: '198.18.0.7',
    encapType: 'geneve',
    ovsVersion: '',
    datapathType: 'system',
    ndExtensions: true,
    egressQueues: false,
    remoteAddress: '127.0.0.1',
  });
  expect(started.fleet.status('host-a')).toMatchObject({ state: 'connected', rowsWritten: 0 });
  expect(await ovs.vsctl('list-br')).toBe('');
});

test('enrolment overrides every unsafe default of Open vSwitch', async () => {
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  expect(await column('Bridge', 'br-int', 'fail_mode')).toBe('secure');
  expect(await column('Bridge', 'br-int', 'protocols')).toBe('[OpenFlow15]');
  expect(await column('Bridge', 'br-int', 'stp_enable')).toBe('false');
  expect(await column('Bridge', 'br-int', 'other_config')).toMatch(/disable-in-band=true/);
  // Left to Open vSwitch it would be the lowest MAC address: another one whenever ports come.
  expect(await column('Bridge', 'br-int', 'datapath_id')).toBe(datapathIdFor('host-a'));
  const controller = await column('Bridge', 'br-int', 'controller');
  const uuid = controller.replace(/[[\]]/g, '');
  const target = `tcp:127.0.0.1:${started.fleet.ports.openflow}`;
  expect(await column('Controller', uuid, 'target')).toBe(target);
  expect(await column('Controller', uuid, 'connection_mode')).toBe('out-of-band');
  expect(await column('Controller', uuid, 'max_backoff')).toBe('1000');
  expect(await column('Controller', uuid, 'inactivity_probe')).toBe('5000');
  expect(await column('Controller', uuid, 'controller_rate_limit')).toBe('1000');
  expect(await column('Controller', uuid, 'controller_burst_limit')).toBe('1000');
  const manager = `tcp:127.0.0.1:${started.fleet.ports.ovsdb}`;
  expect(await column('Manager', manager, 'max_backoff')).toBe('1000');
  expect(await column('Interface', 'heddle-tun', 'type')).toBe('geneve');
  expect(await column('Interface', 'heddle-tun', 'options')).toMatch(/key=flow/);
  expect(await column('Interface', 'heddle-tun', 'options')).toMatch(/remote_ip=flow/);
  const { tunnelPort } = configOf('host-a');
  await until(
    async () => (await column('Interface', 'heddle-tun', 'ofport')) === `${tunnelPort}`,
    'the tunnel to have its port number',
  );
  const tables = await column('Bridge', 'br-int', 'flow_tables');
  const prefixes = /11=([-0-9a-f]+)/.exec(tables)?.[1] ?? '';
  expect(await column('Flow_Table', prefixes, 'prefixes')).toBe('[ip_src, ipv6_src]');
  expect(await column('Open_vSwitch', '.', 'external_ids:heddle-epoch')).toBe('1');
});

test('a bridge that somebody configured the unsafe way is put right', async () => {
  await ovs.vsctl(
    ...'add-br br-int -- set Bridge br-int fail_mode=standalone stp_enable=true'.split(' '),
    ...'rstp_enable=true mcast_snooping_enable=true protocols=OpenFlow10,OpenFlow15'.split(' '),
    ...'other_config:forward-bpdu=true other_config:disable-in-band=false'.split(' '),
    ...'-- set-controller br-int tcp:192.0.2.1:6653'.split(' '),
  );
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  const columns = ['fail_mode', 'stp_enable', 'rstp_enable', 'mcast_snooping_enable', 'protocols'];
  const values = await Promise.all(columns.map((name) => column('Bridge', 'br-int', name)));
  expect(values).toEqual(['secure', 'false', 'false', 'false', '[OpenFlow15]']);
  const others = await column('Bridge', 'br-int', 'other_config');
  expect(others).toContain('disable-in-band=true');
  expect(others).toContain('forward-bpdu=false');
  // Whoever else is a controller of the bridge could open what we close.
  const target = `tcp:127.0.0.1:${started.fleet.ports.openflow}`;
  expect((await ovs.vsctl('get-controller', 'br-int')).trim()).toBe(target);
  const tunnel = await column('Interface', 'heddle-tun', 'options');
  expect(tunnel).toContain('csum=true');
  expect(tunnel).toContain('df_default=true');
  expect(tunnel).toContain('local_ip=127.0.0.1');
});

test('no flow goes in while another port has the number of the tunnel', async () => {
  const { tunnelPort } = configOf('host-a');
  await ovs.vsctl('add-br', 'br-int', '--', 'add-port', 'br-int', 'tap1');
  await ovs.vsctl('set', 'Interface', 'tap1', `ofport_request=${tunnelPort}`);
  await ovs.vsctl('set', 'Interface', 'tap1', 'external_ids:iface-id=p1');
  await until(
    async () => (await column('Interface', 'tap1', 'ofport')) === `${tunnelPort}`,
    'the VIF to have the number',
  );
  await join(ovs, started.fleet);
  adopt();
  const status = () => started.fleet.status('host-a');
  await until(() => status()?.lastError?.includes(`instead of ${tunnelPort}`), 'the problem');
  await until(() => ovs.vsctl('get-controller', 'br-int'), 'the controller of the bridge');
  expect(status()?.state).toBe('enrolling');
  expect(await ovs.ofctl('dump-flows', 'br-int')).not.toContain('actions=');
  // Flows would send what is meant for other hosts to the VIF.
  expect(started.record.attached.flatMap(({ list }) => list)).toEqual([]);
  await ovs.vsctl('del-port', 'br-int', 'tap1', '--', 'del-port', 'br-int', 'heddle-tun');
  await hostReady(started.fleet, 'host-a');
  expect(await ovs.ofctl('dump-flows', 'br-int')).toContain('actions=');
});

test('an open learning switch becomes default-drop, and its VIF ports stay plugged', async () => {
  await ovs.vsctl('add-br', 'br-int', '--', 'add-port', 'br-int', 'tap1');
  await ovs.vsctl('set', 'Interface', 'tap1', 'external_ids:iface-id=p1', 'ofport_request=5');
  await ovs.vsctl('set', 'Bridge', 'br-int', 'other_config:mac-table-size=77');
  expect(await ovs.ofctl('dump-flows', 'br-int')).toContain('actions=NORMAL');
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  const trace = await ovs.appctl('ofproto/trace', 'br-int', 'in_port=5');
  expect(trace).toContain('Datapath actions: drop');
  expect(await ovs.ofctl('dump-flows', 'br-int')).not.toContain('NORMAL');
  expect(await column('Interface', 'tap1', 'ofport')).toBe('5');
  expect(await column('Bridge', 'br-int', 'other_config')).toContain('mac-table-size=77');
});

test('settings that somebody changes are repaired', async () => {
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  await ovs.vsctl('set', 'Bridge', 'br-int', 'fail_mode=standalone');
  await until(
    async () => (await column('Bridge', 'br-int', 'fail_mode')) === 'secure',
    'fail_mode to be repaired',
  );
  await ovs.vsctl('--no-wait', 'del-controller', 'br-int');
  await until(
    async () => (await column('Bridge', 'br-int', 'controller')) !== '[]',
    'the controller row to be back',
  );
  await ovs.vsctl('--no-wait', 'clear', 'Interface', 'heddle-tun', 'options');
  await until(
    async () => (await column('Interface', 'heddle-tun', 'options')).includes('remote_ip=flow'),
    'the options of the tunnel to be back',
  );
  await hostReady(started.fleet, 'host-a');
});

test('a bridge that somebody deletes is made again, flows and all', async () => {
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  const { reconnects } = await hostReady(started.fleet, 'host-a');
  const before = await ovs.ofctl('dump-flows', 'br-int', '--no-stats');
  await ovs.vsctl('--no-wait', 'del-br', 'br-int');
  await until(
    () => (started.fleet.status('host-a')?.reconnects ?? 0) > reconnects,
    'a new channel',
  );
  await hostReady(started.fleet, 'host-a');
  expect(await ovs.ofctl('dump-flows', 'br-int', '--no-stats')).toBe(before);
});

test('a tunnel that did not get its port number is reported: flows name that number', async () => {
  await ovs.vsctl('add-br', 'br-int', '--', 'add-port', 'br-int', 'tap9');
  await ovs.vsctl('set', 'Interface', 'tap9', `ofport_request=${configOf('host-a').tunnelPort}`);
  await join(ovs, started.fleet);
  adopt();
  const problem = await until(() => started.fleet.status('host-a')?.lastError, 'a problem');
  expect(problem).toMatch(/heddle-tun got port \d+ instead of 65000/);
});

test('a host that listens instead of dialling is dialled', async () => {
  await ovs.vsctl('set-manager', 'ptcp:0:127.0.0.1');
  const port = await until(async () => {
    const text = await ovs.vsctl('--bare', '--columns=status', 'list', 'Manager');
    return /bound_port=(\d+)/.exec(text)?.[1];
  }, 'the host to listen');
  await started.fleet.stop();
  started = await startFleet({ dial: [`tcp:127.0.0.1:${port}`] });
  adopt();
  await hostReady(started.fleet, 'host-a');
  const targets = await ovs.vsctl('get-controller', 'br-int');
  expect(targets.trim()).toBe(`tcp:127.0.0.1:${started.fleet.ports.openflow}`);
});

test('controllers that are none of ours are taken off the bridge', async () => {
  await ovs.vsctl('add-br', 'br-int', '--', 'set-controller', 'br-int', 'tcp:127.0.0.1:1');
  await join(ovs, started.fleet);
  adopt();
  await hostReady(started.fleet, 'host-a');
  const targets = await ovs.vsctl('get-controller', 'br-int');
  expect(targets.trim()).toBe(`tcp:127.0.0.1:${started.fleet.ports.openflow}`);
});

test('a controller that comes back finds all as desired: no row written, no flow mod', async () => {
  await join(ovs, started.fleet);
  adopt();
  const first = await hostReady(started.fleet, 'host-a');
  expect(first.flowModsSent).toBeGreaterThan(0);
  const { ports } = started.fleet;
  await started.fleet.stop();
  const before = await rowVersions();
  started = await startFleet({ ports });
  adopt();
  const second = await hostReady(started.fleet, 'host-a');
  expect(second).toMatchObject({ flowModsSent: 0, groupModsSent: 0, bundles: 0, rowsWritten: 0 });
  expect(second.realizedRevision).toBe(1);
  expect(await rowVersions()).toBe(before);
});
