/**
 * Debian's Keystone in a namespace of the lab: a database in a file, loopback only, and the users
 * and projects of the story.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, until } from '../exec.ts';
import type { Namespace } from '../namespace.ts';
import { PYTHON } from '../python.ts';
import { type Credentials, OpenStack } from './openstack.ts';

const PORT = 5000;
export const KEYSTONE_URL = `http://127.0.0.1:${PORT}/v3`;
const REGION = 'RegionOne';
const START_TIMEOUT_MS = 60_000;
/** Nothing of it leaves the namespace, or outlives it. */
const PASSWORD = 'acceptance';
const DATABASE = 'keystone.db';
/** Keystone reads on one connection while it writes on another: the log lets both go on. */
const USE_WRITE_AHEAD_LOG = `
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute('pragma journal_mode=wal')
`;
/** Keystone's setup makes a database schema step by step. */
const SETUP_TIMEOUT_MS = 180_000;

/** The user as which the controller asks Keystone about tokens. */
export const SERVICE_USER = { HEDDLE_KEYSTONE_USER: 'neutron', HEDDLE_KEYSTONE_PASSWORD: PASSWORD };

export function credentials(user: string, project: string): Credentials {
  return { authUrl: KEYSTONE_URL, user, password: PASSWORD, project, region: REGION };
}

export interface KeystoneOptions {
  readonly namespace: Namespace;
  readonly dir: string;
  /** What the catalogue gives as the `network` service. */
  readonly networkUrl: string;
  /** Each gets a project of its name, a member of its name and a reader NAME-reader. */
  readonly tenants: readonly string[];
}

/** Resolves when it serves and knows everybody. */
export async function startKeystone(options: KeystoneOptions): Promise<void> {
  const { namespace, dir } = options;
  const config = join(dir, 'keystone.conf');
  await mkdir(join(dir, 'policy.d'), { recursive: true });
  await writeFile(config, configuration(dir));
  await setUp(namespace, config);
  await exec([PYTHON, '-c', USE_WRITE_AHEAD_LOG, join(dir, DATABASE)]);
  namespace.background(['keystone-wsgi-public', '--host', '127.0.0.1', '--port', `${PORT}`], {
    env: { OS_KEYSTONE_CONFIG_DIR: dir, OS_KEYSTONE_CONFIG_FILES: 'keystone.conf' },
    logFile: join(dir, 'keystone.log'),
  });
  const admin = new OpenStack(namespace, credentials('admin', 'admin'));
  try {
    await until(() => admin.succeeds('token', 'issue'), 'Keystone to serve', START_TIMEOUT_MS);
    await admin.script(people(options));
  } catch (error) {
    const log = await readFile(join(dir, 'keystone.log'), 'utf8');
    throw new Error(`Keystone was not set up; its log ends with:\n${log.slice(-2_000)}`, {
      cause: error,
    });
  }
}

function configuration(dir: string): string {
  return `[DEFAULT]
use_stderr = true
default_log_levels = keystone=WARNING,sqlalchemy.pool=CRITICAL,oslo_policy=ERROR
[database]
connection = sqlite:///${dir}/${DATABASE}?timeout=60
[token]
provider = fernet
[fernet_tokens]
key_repository = ${dir}/fernet
[fernet_receipts]
key_repository = ${dir}/fernet
[credential]
key_repository = ${dir}/credential
[oslo_policy]
policy_dirs = ${dir}/policy.d
[identity]
password_hash_rounds = 4
`;
}

async function setUp(namespace: Namespace, config: string): Promise<void> {
  const manage = (...words: string[]): Promise<string> =>
    exec(['keystone-manage', '--config-file', config, ...words], {
      netns: namespace.name,
      timeoutMs: SETUP_TIMEOUT_MS,
    });
  const owner = ['--keystone-user', 'root', '--keystone-group', 'root'];
  await manage('db_sync');
  await manage('fernet_setup', ...owner);
  await manage('credential_setup', ...owner);
  const urls = ['admin', 'internal', 'public'].flatMap((kind) => [
    `--bootstrap-${kind}-url`,
    KEYSTONE_URL,
  ]);
  const names = ['--bootstrap-password', PASSWORD, '--bootstrap-region-id', REGION];
  await manage('bootstrap', ...names, ...urls);
}

function people({ networkUrl, tenants }: KeystoneOptions): string[] {
  const user = (name: string, project: string, role: string): string[] => [
    `user create --password ${PASSWORD} ${name}`,
    `role add --user ${name} --project ${project} ${role}`,
  ];
  return [
    'project create service',
    'role create service',
    ...user('neutron', 'service', 'admin'),
    'role add --user neutron --project service service',
    'service create --name neutron network',
    ...['public', 'internal', 'admin'].map(
      (kind) => `endpoint create --region ${REGION} network ${kind} ${networkUrl}`,
    ),
    ...tenants.flatMap((name) => [
      `project create ${name}`,
      ...user(name, name, 'member'),
      ...user(`${name}-reader`, name, 'reader'),
    ]),
  ];
}
