/**
 * Goal: Nova hears once of each thing that becomes of a server's port, whatever the number of
 * controllers.
 * Method: two controllers on one Redis, a real sandbox switch that dials both, and stand-ins for
 * Keystone and Nova over HTTP that check how they are asked.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { createHttpClient, type HttpClient } from '../../../src/lib/http-client.ts';
import type { LogFields } from '../../../src/lib/log.ts';
import { systemClock as clock } from '../../../src/lib/system.ts';
import { NovaEvents, ServiceSession } from '../../../src/openstack/index.ts';
import { KeystoneServer, SERVICE_USER } from '../../support/keystone-server.ts';
import { NovaServer } from '../../support/nova-server.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug, Region, unplug } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';

const SERVER = '6f70656e-0000-4000-8000-000000000001';
const CALL = { requester: { userId: 'test', projectId: 'test', isAdmin: true } };

let redis: RedisServer;
let ovs: Ovs;
let keystone: KeystoneServer;
let nova: NovaServer;
let http: HttpClient;
let logged: LogFields[];
let regions: Region[];
let events: NovaEvents[];

beforeAll(async () => {
  ovs = await startSandbox('host-1');
});

afterAll(async () => {
  await ovs.stop();
});

beforeEach(async () => {
  redis = await startRedis();
  keystone = await new KeystoneServer().start();
  nova = await new NovaServer((token) => keystone.isOwn(token)).start();
  http = createHttpClient({ clock, timeoutMs: 2000, answerBytesMax: 65_536, socketsMax: 4 });
  logged = [];
  [regions, events] = [[], []];
  for (const controllerId of ['one', 'two']) {
    const sender = openSender();
    events.push(sender);
    const tellServers = sender.add.bind(sender);
    regions.push(await Region.start({ redis: redis.address, controllerId, tellServers }));
  }
  await ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.1');
  const managers = regions.map(({ fleet }) => `tcp:127.0.0.1:${fleet.ports.ovsdb}`);
  await ovs.vsctl('set-manager', ...managers);
  await until(async () => (await ovs.vsctl('list-br')).includes('br-int'), 'br-int to be there');
});

afterEach(async () => {
  for (const sender of events) sender.stop();
  for (const region of regions) await region.stop();
  http.close();
  await Promise.all([nova.stop(), keystone.stop(), redis.stop()]);
  await ovs.vsctl('del-manager', '--', '--if-exists', 'del-br', 'br-int');
  await ovs.vsctl('set', 'Open_vSwitch', '.', `external_ids={system-id=${ovs.systemId}}`);
  expect([...nova.mistakes, ...keystone.mistakes]).toEqual([]);
  expect(JSON.stringify(logged)).not.toContain(SERVICE_USER.password);
});

function openSender(): NovaEvents {
  const credentials = {
    ...SERVICE_USER,
    url: keystone.url,
    userDomain: 'default',
    projectDomain: 'name:Services',
  };
  const session = new ServiceSession({ http, clock, credentials });
  return new NovaEvents({ session, url: nova.url, clock, log: recordingLogger(logged) });
}

function first(): Region {
  const [region] = regions;
  if (region === undefined) throw new Error('there are two');
  return region;
}

async function createPort(): Promise<string> {
  const owner = { device_id: SERVER, device_owner: 'compute:nova', 'binding:host_id': 'host-1' };
  return first().createPort(await first().createNetwork(), owner);
}

const told = (port: string) =>
  nova.taken.filter(({ tag }) => tag === port).map(({ name }) => name.slice('network-vif-'.length));

const taken = (port: string, count: number) =>
  until(() => told(port).length >= count, `Nova to hear ${count} times of port ${port}`);

test('a port that is plugged, unplugged, plugged and deleted is told of by one controller', async () => {
  const port = await createPort();
  await plug(ovs, 'tap1', port);
  await taken(port, 1);
  expect(first().show(port)).toMatchObject({ status: 'ACTIVE' });
  await unplug(ovs, 'tap1');
  await taken(port, 2);
  await plug(ovs, 'tap1', port);
  await taken(port, 3);
  await first().collection('ports').delete(port, CALL);
  // A witness: whatever else would be told of the first port was told before this.
  const witness = await createPort();
  await plug(ovs, 'tap2', witness);
  await taken(witness, 1);
  expect(told(port)).toEqual(['plugged', 'unplugged', 'plugged', 'deleted']);
  expect(nova.taken[0]).toEqual({
    name: 'network-vif-plugged',
    server_uuid: SERVER,
    tag: port,
    status: 'completed',
  });
});

test('while Nova refuses, and when it takes our token no more, it is told later', async () => {
  nova.refusals = 2;
  const port = await createPort();
  await plug(ovs, 'tap1', port);
  await taken(port, 1);
  keystone.forgetServices();
  await unplug(ovs, 'tap1');
  await taken(port, 2);
  expect(told(port)).toEqual(['plugged', 'unplugged']);
  expect(nova.refusals).toBe(0);
});
