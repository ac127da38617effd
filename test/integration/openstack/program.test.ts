/**
 * Goal: the program does what its settings about OpenStack say: who is let in, what is audited,
 * what oVirt may ask and what Nova is told.
 * Method: a controller process with all of them, stand-ins for Keystone and Nova, a sandbox switch.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { type Json, type Rest, RestError } from '../../../lab/rest.ts';
import { ControllerProcess } from '../../support/controller-process.ts';
import { KeystoneServer, SERVICE_USER } from '../../support/keystone-server.ts';
import { NovaServer } from '../../support/nova-server.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';

const OVIRT = { username: 'admin@internal', password: 'ovirt-secret' };
const SERVER = '6f70656e-0000-4000-8000-000000000001';

let dir: string;
let redis: RedisServer;
let keystone: KeystoneServer;
let nova: NovaServer;
let ovs: Ovs;
let heddle: ControllerProcess;
let ports: { readonly ovsdb: number; readonly shim: number };
const clients: Rest[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  [redis, ovs] = await Promise.all([startRedis(), startSandbox('host-1')]);
  keystone = await new KeystoneServer().start();
  nova = await new NovaServer((token) => keystone.isOwn(token)).start();
  ports = { ovsdb: await freePort(), shim: await freePort() };
  const passwordFile = join(dir, 'password');
  await writeFile(passwordFile, `${SERVICE_USER.password}\n`, { mode: 0o600 });
  heddle = new ControllerProcess(dir, 'ctl', redis.address.path, {
    HEDDLE_OVSDB_LISTEN: `127.0.0.1:${ports.ovsdb}`,
    HEDDLE_AUTH: 'keystone',
    HEDDLE_KEYSTONE_URL: keystone.url,
    HEDDLE_KEYSTONE_USER: SERVICE_USER.user,
    HEDDLE_KEYSTONE_PASSWORD_FILE: passwordFile,
    HEDDLE_KEYSTONE_PROJECT: SERVICE_USER.project,
    HEDDLE_KEYSTONE_PROJECT_DOMAIN: 'name:Services',
    HEDDLE_KEYSTONE_V2_LISTEN: `127.0.0.1:${ports.shim}`,
    HEDDLE_KEYSTONE_V2_USER: OVIRT.username,
    HEDDLE_KEYSTONE_V2_PASSWORD: OVIRT.password,
    HEDDLE_KEYSTONE_V2_NETWORK_URL: 'http://network.example:9696',
    HEDDLE_NOVA_URL: nova.url,
    HEDDLE_AUDIT_LOG: join(dir, 'audit.log'),
    HEDDLE_RATE_PER_PROJECT: '0.01/20',
  });
  await heddle.start();
});

afterAll(async () => {
  for (const client of clients) client.close();
  await heddle.stop();
  await Promise.all([keystone.stop(), nova.stop(), ovs.stop(), redis.stop()]);
  await rm(dir, { recursive: true, force: true });
  expect([...keystone.mistakes, ...nova.mistakes]).toEqual([]);
});

/** One that nobody has now; the program is told its numbers, and cannot tell which it took. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

function as(token: string): Rest {
  const client = heddle.restAs({ 'x-auth-token': token });
  clients.push(client);
  return client;
}

const admin = () => as(keystone.issue({ user: 'nova', project: 'service', roles: ['admin'] }));

async function refusalOf(call: Promise<unknown>): Promise<number | undefined> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof RestError ? error.status : undefined;
}

async function audited(): Promise<readonly Json[]> {
  const lines = (await readFile(join(dir, 'audit.log'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Json);
}

test('whoever Keystone vouches for is let in, and nobody else', async () => {
  expect(await refusalOf(heddle.rest.get('/v2.0/networks'))).toBe(401);
  const token = keystone.issue({ project: 'p1', roles: ['reader'] });
  expect(await as(token).get('/v2.0/networks')).toEqual({ networks: [] });
  const network = { name: 'n' };
  expect(await refusalOf(as(token).post('/v2.0/networks', { network }))).toBe(403);
});

test('a project that asks too often is told to wait, another is not', async () => {
  const greedy = as(keystone.issue({ project: 'greedy' }));
  const calls = Array.from({ length: 21 }, () => refusalOf(greedy.get('/v2.0/networks')));
  const refused = (await Promise.all(calls)).filter((status) => status !== undefined);
  expect(refused).toEqual([429]);
  expect(await refusalOf(as(keystone.issue()).get('/v2.0/networks'))).toBeUndefined();
});

interface Access {
  readonly access: {
    readonly token: { readonly id: string };
    readonly serviceCatalog: readonly { readonly endpoints: readonly { publicURL: string }[] }[];
  };
}

test('a token of oVirt’s is good for the API', async () => {
  const login = (password: string) =>
    fetch(`http://127.0.0.1:${ports.shim}/v2.0/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { passwordCredentials: { ...OVIRT, password } } }),
    });
  expect((await login('wrong-secret')).status).toBe(401);
  const { access } = (await (await login(OVIRT.password)).json()) as Access;
  const [network] = access.serviceCatalog;
  expect(network?.endpoints[0]?.publicURL).toBe('http://network.example:9696');
  const created = { network: { name: 'ovirt' } };
  const made = await as(access.token.id).post('/v2.0/networks', created);
  expect(made).toMatchObject({ network: { name: 'ovirt', status: 'ACTIVE' } });
});

test('Nova is told of a server’s port', async () => {
  await ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.1');
  await ovs.vsctl('set-manager', `tcp:127.0.0.1:${ports.ovsdb}`);
  await until(async () => (await ovs.vsctl('list-br')).includes('br-int'), 'br-int to be there');
  type Made = Readonly<Record<string, { readonly id: string }>>;
  const rest = admin();
  const { network } = await rest.post<Made>('/v2.0/networks', { network: { name: 'n' } });
  const owner = { device_id: SERVER, device_owner: 'compute:nova', 'binding:host_id': 'host-1' };
  const made = { port: { network_id: network?.id, ...owner } };
  const { port } = await rest.post<Made>('/v2.0/ports', made);
  await plug(ovs, 'tap1', String(port?.id));
  await until(() => nova.taken.length > 0, 'Nova to be told');
  expect(nova.taken).toMatchObject([{ name: 'network-vif-plugged', server_uuid: SERVER }]);
});

test('all of that is audited, and no password or token is', async () => {
  const records = await audited();
  const seen = records.map(({ status, resource }) => `${String(status)} ${String(resource)}`);
  for (const call of ['401 networks', '403 networks', '429 networks', '201 networks']) {
    expect(seen).toContain(call);
  }
  expect(seen).toContain('401 tokens');
  const files = [join(dir, 'audit.log'), join(dir, 'ctl', 'controller.log')];
  for (const file of files) {
    expect(await readFile(file, 'utf8')).not.toMatch(/-secret|gAAAA|own-\d/);
  }
});
