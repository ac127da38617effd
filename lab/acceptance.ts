/**
 * `npm run acceptance [-- --auth none|keystone]`: a tenant's day with the clients that tenants
 * have, the `openstack` command and openstacksdk as Debian brings them, on real hosts; first
 * without authentication, then with Debian's Keystone. All of it lives in namespaces of the lab.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Tenant, tenantsDay } from './acceptance/day.ts';
import { credentials, KEYSTONE_URL, SERVICE_USER, startKeystone } from './acceptance/keystone.ts';
import { checkLogs } from './acceptance/logs.ts';
import { OpenStack } from './acceptance/openstack.ts';
import { duration, Screen } from './demo/screen.ts';
import { Lab } from './lab.ts';
import { repositoryFile } from './names.ts';

const MODES = ['none', 'keystone'] as const;
type Mode = (typeof MODES)[number];

const HOSTS = 2;
const API_PORT = 9696;
const API_URL = `http://127.0.0.1:${API_PORT}`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { auth: { type: 'string' } } });
  const modes = MODES.filter((mode) => values.auth === undefined || values.auth === mode);
  if (modes.length === 0) {
    console.error(`acceptance: --auth takes ${MODES.join(' or ')}, not '${values.auth}'`);
    return 1;
  }
  const screen = new Screen();
  const started = performance.now();
  screen.title('Heddle acceptance: the clients of OpenStack, unmodified, and packets');
  for (const mode of modes) {
    const lab = await Lab.up();
    const end = (): void => void lab.down().then(() => process.exit(130));
    process.once('SIGINT', end).once('SIGTERM', end);
    try {
      await runMode(lab, mode, screen);
    } catch (error) {
      screen.check(`a day with --auth ${mode} comes to its end`, false);
      screen.failed(error);
    }
    await lab.down();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
  const total = duration(performance.now() - started);
  screen.title(`${screen.passed ? 'All checks passed' : 'NOT all checks passed'}, ${total}`);
  return screen.passed ? 0 : 1;
}

async function runMode(lab: Lab, mode: Mode, screen: Screen): Promise<void> {
  const check = (what: string, passed: boolean): void => screen.check(what, passed);
  screen.step(`Start a controller with --auth ${mode}, and ${HOSTS} hosts`);
  const controller = await lab.addController({ env: mode === 'none' ? {} : KEYSTONE_SETTINGS });
  const { namespace } = controller;
  const names = mode === 'none' ? ['tenant'] : ['red', 'blue'];
  if (mode === 'keystone') {
    const dir = join(lab.dir, 'keystone');
    await startKeystone({ namespace, dir, networkUrl: API_URL, tenants: names });
    screen.done('Keystone serves, and knows two tenants');
  }
  await controller.start();
  const relay = repositoryFile('dist/lab/relay.js');
  namespace.background(['node', relay, String(API_PORT), controller.socket]);
  const clientOf = (user: string, project: string): OpenStack =>
    new OpenStack(namespace, mode === 'none' ? { endpoint: API_URL } : credentials(user, project));
  for (let index = 1; index <= HOSTS; index += 1) {
    const host = await lab.addHost(`h${index}`);
    await host.enrol(controller.manager);
    await host.integrationBridgeReady();
  }
  screen.done('every host is enrolled');

  screen.step(`A day of ${names.join(' and ')}, with the openstack command and openstacksdk`);
  const tenants = names.map((name) => new Tenant(name, lab, clientOf(name, name)));
  if (mode === 'keystone') await checkBounds(clientOf, check);
  const operator = mode === 'none' ? clientOf('tenant', 'tenant') : clientOf('admin', 'admin');
  await checkLogs(operator, check);
  await tenantsDay(tenants, check);
}

const KEYSTONE_SETTINGS = {
  ...SERVICE_USER,
  HEDDLE_AUTH: 'keystone',
  HEDDLE_KEYSTONE_URL: KEYSTONE_URL,
};

/** Who may not, may not: a reader writes nothing, and a tenant does not see another's network. */
async function checkBounds(
  clientOf: (user: string, project: string) => OpenStack,
  check: (what: string, passed: boolean) => void,
): Promise<void> {
  const refused = await clientOf('red-reader', 'red').try('network', 'create', 'mine');
  check('a reader may not create a network (403)', /403/.test(refused.stderr));
  await clientOf('red', 'red').run('network', 'create', 'secret');
  const seen = await clientOf('blue', 'blue').try('network', 'show', 'secret');
  check('a tenant does not find the network of another', seen.exitCode !== 0);
  const read = await clientOf('red-reader', 'red').succeeds('network', 'show', 'secret');
  check('a reader of its own project does', read);
  const log = 'network log create --resource-type security_group mine'.split(' ');
  const logged = await clientOf('red', 'red').try(...log);
  check('a tenant may not create a log (403)', /disallowed by policy/.test(logged.stderr));
  await clientOf('red', 'red').run('network', 'delete', 'secret');
}

process.exit(await main());
