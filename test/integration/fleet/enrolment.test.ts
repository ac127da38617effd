/**
 * Goal: a host that only did `set-manager` gets every safe setting, drops by default before anything
 * else, keeps what is not ours, and is written to only when something differs.
 * Method: a real ovsdb-server and ovs-vswitchd; each column as `ovs-vsctl` shows it.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import {
  configOf,
  hostReady,
  join,
  type StartedFleet,
  startFleet,
  unitMap,
} from '../../support/fleet-host.ts';
import { startSandbox } from '../../support/sandbox.ts';

let ovs: Ovs;
let started: StartedFleet;

beforeEach(async () => {
  ovs = await startSandbox('host-a');
  started = await startFleet();
});

afterEach(async () => {
  await started.fleet.stop();
  await ovs.stop();
});

function adopt(epoch = 1, revision = 1): void {
  const adoption = { epoch, revision, units: unitMap([]), config: configOf('host-a') };
  started.fleet.adopt('host-a', adoption);
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
  const controller = await column('Bridge', 'br-int', 'controller');
  const uuid = controller.replace(/[[\]]/g, '');
  const target = `tcp:127.0.0.1:${started.fleet.ports.openflow}`;
  expect(await column('Controller', uuid, 'target')).toBe(target);
  expect(await column('Controller', uuid, 'connection_mode')).toBe('out-of-band');
  expect(await column('Controller', uuid, 'max_backoff')).toBe('1000');
  expect(await column('Controller', uuid, 'inactivity_probe')).toBe('5000');
  expect(await column('Controller', uuid, 'controller_rate_limit')).toBe('1000');
  expect(await column('Controller', uuid, 'controller_burst_limit')).toBe('250');
  expect(await column('Controller', uuid, 'role')).toBe('master');
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
