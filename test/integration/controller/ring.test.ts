/**
 * Goal: the ring closes: what hosts show becomes bindings and status, what is committed becomes
 * flows, and who may have a port or a host is decided once.
 * Method: a controller as serve.ts makes it, real Redis, two real sandbox switches; only what the
 * API, OVSDB and `ovs-ofctl` show is looked at.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { livePid, until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { recordKey } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug, Region, unplug } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';

/** Names of ports: more commits than come after them. */
const LOST = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const CALL = { requester: { userId: 'test', projectId: 'test', isAdmin: true } };

let redis: RedisServer;
let one: Ovs;
let two: Ovs;
let region: Region;

beforeAll(async () => {
  [one, two] = await Promise.all([startSandbox('host-1'), startSandbox('host-2')]);
});

afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
});

beforeEach(async () => {
  redis = await startRedis();
  region = await Region.start({ redis: redis.address });
  await region.enrol(one, '198.18.0.1');
  await region.enrol(two, '198.18.0.2');
});

afterEach(async () => {
  await region.stop();
  await redis.stop();
  for (const ovs of [one, two]) {
    await ovs.vsctl('del-manager', '--', '--if-exists', 'del-br', 'br-int');
    await ovs.vsctl('set', 'Open_vSwitch', '.', `external_ids={system-id=${ovs.systemId}}`);
  }
});

/** Flows of a table that name the MAC address of a port. */
async function forwards(ovs: Ovs, portId: string): Promise<number> {
  const mac = region.topology.get('port', portId)?.mac_address ?? 'none';
  const dump = await ovs.ofctl('dump-flows', 'br-int', 'table=L2Forwarding', '--no-stats');
  return dump.split('\n').filter((line) => line.includes(`dl_dst=${mac}`)).length;
}

/** The term of ownership that the host's database carries. */
async function epochOf(ovs: Ovs): Promise<number> {
  const text = await ovs.vsctl('get', 'Open_vSwitch', '.', 'external_ids:heddle-epoch');
  return Number(text.trim().replaceAll('"', ''));
}

test('a plugged port turns ACTIVE with its flows in, and DOWN without them when it is unplugged', async () => {
  const port = await region.createPort(await region.createNetwork());
  expect(region.show(port)).toMatchObject({
    status: 'DOWN',
    'binding:vif_type': 'unbound',
  });
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE', 'binding:vif_type': 'ovs' });
  expect(await forwards(one, port)).toBe(1);
  await unplug(one, 'tap1');
  await region.port(port, { status: 'DOWN', 'binding:vif_type': 'unbound' });
  await region.settled();
  expect(await forwards(one, port)).toBe(0);
});

/** Plugs a VIF of that name, and waits until the controller has seen it. */
async function plugVif(ovs: Ovs, name: string): Promise<void> {
  await plug(ovs, name, name);
  const witness = await region.createPort(await region.createNetwork());
  await plug(ovs, `${name}-w`, witness);
  await region.port(witness, { status: 'ACTIVE' });
}

test('a VIF that was plugged before its port existed is served when the port that names it comes', async () => {
  const network = await region.createNetwork();
  await plugVif(one, 'tap1');
  const port = await region.createPort(network, { 'binding:profile': { 'iface-id': 'tap1' } });
  await region.port(port, { status: 'ACTIVE' });
  expect(await forwards(one, port)).toBe(1);
});

test('a new port that names its host, too, is bound in its own commit', async () => {
  const network = await region.createNetwork();
  await plugVif(one, 'tap1');
  const port = await region.createPort(network, {
    'binding:host_id': 'host-1',
    'binding:profile': { 'iface-id': 'tap1' },
  });
  const { topology } = region;
  const made = topology.modRevision(recordKey('port', port));
  expect(topology.modRevision(recordKey('binding', port))).toBe(made);
  await region.port(port, { status: 'ACTIVE' });
  expect(await forwards(one, port)).toBe(1);
});

test('a change is realised when the switch has it, also after Redis has lost what hosts had', async () => {
  const network = await region.createNetwork();
  const port = await region.createPort(network);
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE' });
  await redis.keepCopy();
  for (const name of LOST) await region.createPort(network, { name });
  await region.settled();
  await redis.restartWithCopy();
  await until(() => [...region.topology.list('port')].length === 1, 'what is lost to be gone');
  await region.ready('host-1');
  await region.settled();

  const pid = Number(await livePid(one.pidFile('ovs-vswitchd')));
  const { signal } = new AbortController();
  const pairs = { allowed_address_pairs: [{ ip_address: '10.0.0.77' }] };
  process.kill(pid, 'SIGSTOP');
  try {
    const { revision } = await region.collection('ports').update(port, pairs, CALL);
    expect(await region.controller.waitTouched(revision, 300, signal)).toEqual({
      realized: false,
      lagging: ['host-1'],
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await region.settled();
  expect(await one.ofctl('dump-flows', 'br-int', '--no-stats')).toContain('10.0.0.77');
});

test('a second host that plugs a port is made ready, and has it when the first lets go', async () => {
  const network = await region.createNetwork();
  const port = await region.createPort(network);
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE' });
  await plug(two, 'tap2', port);
  const witness = await region.createPort(network);
  await plug(two, 'tap3', witness);
  // The witness was plugged after the claim, on the same host: the claim has been judged.
  await region.port(witness, { status: 'ACTIVE' });
  expect(region.topology.get('binding', port)).toMatchObject({
    host_id: 'host-1',
    move: { host_id: 'host-2', state: 'arriving' },
  });
  expect(await forwards(two, port)).toBe(1);
  await unplug(one, 'tap1');
  await until(() => region.topology.get('binding', port)?.host_id === 'host-2', 'the port to move');
  await region.port(port, { status: 'ACTIVE' });
  await region.settled();
  expect(await forwards(two, port)).toBe(1);
});

test('a port that names its host is given to no other, and follows when it names another', async () => {
  const network = await region.createNetwork();
  const port = await region.createPort(network, { 'binding:host_id': 'host-2' });
  await plug(one, 'tap1', port);
  const witness = await region.createPort(network);
  await plug(one, 'tap2', witness);
  await region.port(witness, { status: 'ACTIVE' });
  expect(region.topology.get('binding', port)).toBeUndefined();
  await plug(two, 'tap3', port);
  await region.port(port, { status: 'ACTIVE' });
  expect(region.topology.get('binding', port)?.host_id).toBe('host-2');
  await region.collection('ports').update(port, { 'binding:host_id': 'host-1' }, CALL);
  await until(() => region.topology.get('binding', port)?.host_id === 'host-1', 'the port to move');
  await region.port(port, { status: 'ACTIVE' });
});

test('a port that is set down loses its flows and comes back', async () => {
  const port = await region.createPort(await region.createNetwork());
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE' });
  await region.collection('ports').update(port, { admin_state_up: false }, CALL);
  await region.port(port, { status: 'DOWN' });
  await region.settled();
  expect(await forwards(one, port)).toBe(0);
  await region.collection('ports').update(port, { admin_state_up: true }, CALL);
  await region.port(port, { status: 'ACTIVE' });
  expect(await forwards(one, port)).toBe(1);
});

test('a port that is deleted while plugged leaves no binding, no status and no flow', async () => {
  const port = await region.createPort(await region.createNetwork());
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE' });
  await region.collection('ports').delete(port, CALL);
  await until(() => region.topology.get('binding', port) === undefined, 'the binding to go');
  expect(region.topology.get('status', port)).toBeUndefined();
  await region.settled();
  const dump = await one.ofctl('dump-flows', 'br-int', 'table=Classifier', '--no-stats');
  expect(dump).not.toContain('metadata');
});

test('a host with the tunnel address of another is not served, and says so', async () => {
  const three = await startSandbox('host-3');
  try {
    const encap = 'external_ids:heddle-encap-ip=198.18.0.1';
    await three.vsctl('set', 'Open_vSwitch', '.', encap);
    await three.vsctl('set-manager', `tcp:127.0.0.1:${region.fleet.ports.ovsdb}`);
    const shown = () => region.controller.hosts().find(({ id }) => id === 'host-3');
    await until(
      () => shown()?.errors.join().includes('host-1 has its tunnel address'),
      'a refusal',
    );
    expect(await three.vsctl('list-br')).toBe('');
    // It delays nobody who waits for what is realised, and is served once it has its own address.
    await region.settled();
    await region.enrol(three, '198.18.0.3');
    expect(shown()?.errors).toEqual([]);
  } finally {
    await three.stop();
  }
});

test('a host that changes its tunnel address takes its flows elsewhere and its own tunnel along', async () => {
  const network = await region.createNetwork();
  const [here, there] = [await region.createPort(network), await region.createPort(network)];
  await plug(one, 'tap1', here);
  await plug(two, 'tap2', there);
  await region.port(here, { status: 'ACTIVE' });
  await region.port(there, { status: 'ACTIVE' });
  await region.settled();
  expect(await one.ofctl('dump-flows', 'br-int', '--no-stats')).toContain('198.18.0.2');
  await two.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.9');
  await until(
    () => region.topology.get('host', 'host-2')?.encap_ip === '198.18.0.9',
    'the new address to be recorded',
  );
  await region.settled();
  const dump = await one.ofctl('dump-flows', 'br-int', '--no-stats');
  expect(dump).toContain('198.18.0.9');
  expect(dump).not.toContain('198.18.0.2');
  await until(
    async () =>
      (await two.vsctl('get', 'Interface', 'heddle-tun', 'options:local_ip')).includes(
        '198.18.0.9',
      ),
    'the tunnel to have the new address',
  );
});

test('another process of the same controller takes over at once, with a newer epoch and no flow mod', async () => {
  const port = await region.createPort(await region.createNetwork());
  await plug(one, 'tap1', port);
  await region.port(port, { status: 'ACTIVE' });
  const before = await one.ofctl('dump-flows', 'br-int', '--no-stats');
  const epoch = await epochOf(one);
  const { ports } = region.fleet;
  // No orderly end: the fleet's sockets close, the lease is left behind.
  await region.fleet.stop();
  await region.store.close();
  const successor = await Region.start({ redis: redis.address, ports });
  await Promise.all([successor.ready('host-1'), successor.ready('host-2')]);
  expect(successor.fleet.hosts().map(({ flowModsSent }) => flowModsSent)).toEqual([0, 0]);
  expect(await one.ofctl('dump-flows', 'br-int', '--no-stats')).toBe(before);
  expect(successor.show(port)).toMatchObject({ status: 'ACTIVE' });
  expect(await epochOf(one)).toBeGreaterThan(epoch);
  await region.controller.stop();
  region = successor;
});

test('a controller of another name waits for the lease of the first to end', async () => {
  const { ports } = region.fleet;
  const other = await Region.start({ redis: redis.address, controllerId: 'other' });
  await one.vsctl(
    'set-manager',
    `tcp:127.0.0.1:${ports.ovsdb}`,
    `tcp:127.0.0.1:${other.fleet.ports.ovsdb}`,
  );
  const shown = () => other.controller.hosts().find(({ id }) => id === 'host-1');
  await until(() => shown()?.errors.includes('another controller owns it'), 'the lease to be seen');
  expect(region.fleet.status('host-1')?.state).toBe('ready');
  await region.stop();
  await until(() => other.fleet.status('host-1')?.state === 'ready', 'the other to take over');
  expect(other.fleet.status('host-1')?.flowModsSent).toBe(0);
  region = other;
});
