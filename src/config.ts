/**
 * The controller's settings: environment variables and `--auth`, read once, frozen.
 * SETTINGS is the one list of them; `heddle --help` prints it.
 */
import { hostname } from 'node:os';
import type { LogLevel } from './lib/log.ts';

/** Where to listen or connect: a TCP address or a unix socket. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Config {
  readonly apiListen: Endpoint;
  readonly ovsdbListen: Endpoint & { kind: 'tcp' };
  readonly openflowListen: Endpoint & { kind: 'tcp' };
  /** The OpenFlow target that hosts are given; absent: the address that the host itself dialled. */
  readonly openflowAdvertise: string | undefined;
  /** Hosts that listen (`ptcp:`) instead of dialling us, as OVSDB targets `tcp:HOST:PORT`. */
  readonly dialHosts: readonly string[];
  /** An existing Redis; absent: a private one in `dataDir`. */
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  readonly region: string;
  readonly controllerId: string;
  readonly auditIntervalMs: number;
  readonly leaseMs: number;
  readonly auth: 'none';
  /** Where ports have their names, with its final dot. */
  readonly dnsDomain: string;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
}

interface Setting {
  readonly variable: string;
  readonly fallback: string;
  readonly meaning: string;
}

const SETTINGS = {
  apiListen: setting('HEDDLE_API_LISTEN', '127.0.0.1:9696', 'REST API: HOST:PORT or unix:PATH'),
  ovsdbListen: setting('HEDDLE_OVSDB_LISTEN', '0.0.0.0:6640', 'hosts dial here as OVS managers'),
  openflowListen: setting('HEDDLE_OPENFLOW_LISTEN', '0.0.0.0:6653', 'hosts’ br-int dials here'),
  openflowAdvertise: setting(
    'HEDDLE_OPENFLOW_ADVERTISE',
    '',
    'OpenFlow target given to hosts, as tcp:HOST:PORT (default: where they dialled OVSDB)',
  ),
  dialHosts: setting('HEDDLE_DIAL_HOSTS', '', 'hosts that listen (ptcp), as tcp:HOST:PORT,…'),
  redisUrl: setting('HEDDLE_REDIS_URL', '', 'an existing Redis (default: a private one)'),
  dataDir: setting('HEDDLE_DATA_DIR', '.heddle', 'folder of the private Redis'),
  region: setting('HEDDLE_REGION', 'default', 'prefix of every key in Redis'),
  controllerId: setting('HEDDLE_CONTROLLER_ID', '', 'name of this controller (default: host name)'),
  auditIntervalMs: setting(
    'HEDDLE_AUDIT_INTERVAL_MS',
    '60000',
    'time between full audits of a host',
  ),
  leaseMs: setting('HEDDLE_LEASE_MS', '10000', 'how long the ownership of a host outlives us'),
  auth: setting('HEDDLE_AUTH', 'none', 'who may call the REST API: none = everyone who reaches it'),
  dnsDomain: setting(
    'HEDDLE_DNS_DOMAIN',
    'openstacklocal.',
    'domain of the names of ports; while it is this one, ports have none of their own',
  ),
  logLevel: setting('HEDDLE_LOG_LEVEL', 'info', 'debug, info, warn, error or silent'),
  logFile: setting('HEDDLE_LOG_FILE', '', 'file for log lines (default: standard error)'),
} as const;

type Name = keyof typeof SETTINGS;

/** A setting that does not parse; the message names the variable, the value and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings; `argv` are the words after the program's name. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): Config {
  checkArguments(argv);
  const text = (name: Name): string => env[SETTINGS[name].variable] || SETTINGS[name].fallback;
  const optional = (name: Name): string | undefined => text(name) || undefined;
  return Object.freeze({
    apiListen: endpoint(SETTINGS.apiListen, text('apiListen')),
    ovsdbListen: tcp(SETTINGS.ovsdbListen, text('ovsdbListen')),
    openflowListen: tcp(SETTINGS.openflowListen, text('openflowListen')),
    openflowAdvertise: targets(SETTINGS.openflowAdvertise, text('openflowAdvertise'))[0],
    dialHosts: targets(SETTINGS.dialHosts, text('dialHosts')),
    redisUrl: optional('redisUrl'),
    dataDir: text('dataDir'),
    region: plainName(SETTINGS.region, text('region')),
    controllerId: optional('controllerId') ?? hostname(),
    auditIntervalMs: milliseconds(SETTINGS.auditIntervalMs, text('auditIntervalMs')),
    leaseMs: milliseconds(SETTINGS.leaseMs, text('leaseMs')),
    auth: oneOf(SETTINGS.auth, argument(argv, '--auth') ?? text('auth'), ['none']),
    dnsDomain: domain(SETTINGS.dnsDomain, text('dnsDomain')),
    logLevel: oneOf(SETTINGS.logLevel, text('logLevel'), LOG_LEVELS),
    logFile: optional('logFile'),
  });
}

/** Where Redis is, for the log: without the password that its URL may carry. */
export function describeRedis({ redisUrl, dataDir }: Config): string {
  return redisUrl?.replace(/\/\/.*@/, '//') ?? `private, in ${dataDir}`;
}

/** The text of `--help`. */
export function usage(): string {
  const rows = Object.values(SETTINGS).map(
    ({ variable, fallback, meaning }) =>
      `  ${variable.padEnd(27)}${meaning}${fallback === '' ? '' : ` [${fallback}]`}`,
  );
  return ['heddle [--auth none] [--help]', '', 'Environment:', ...rows, ''].join('\n');
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

function setting(variable: string, fallback: string, meaning: string): Setting {
  return { variable, fallback, meaning };
}

function refuse({ variable }: Setting, value: string, takes: string): never {
  throw new ConfigError(`${variable}='${value}' is not understood; it takes ${takes}`);
}

function endpoint(from: Setting, value: string): Endpoint {
  if (value.startsWith('unix:')) return { kind: 'unix', path: value.slice('unix:'.length) };
  return tcp(from, value);
}

function tcp(from: Setting, value: string): Endpoint & { kind: 'tcp' } {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) refuse(from, value, 'HOST:PORT');
  return { kind: 'tcp', host, port: Number(port) };
}

/** Targets as Open vSwitch writes them, separated by commas. */
function targets(from: Setting, value: string): string[] {
  const list = value.split(',').filter((target) => target !== '');
  for (const target of list) {
    if (!/^(tcp:(\[[0-9a-f:]+\]|[^:\s]+):\d{1,5}|unix:.+)$/i.test(target)) {
      refuse(from, target, 'tcp:HOST:PORT');
    }
  }
  return list;
}

function plainName(from: Setting, value: string): string {
  if (!/^[\w.-]+$/.test(value))
    refuse(from, value, 'letters, digits, dots, hyphens and underscores');
  return value;
}

function domain(from: Setting, value: string): string {
  const labels = value.replace(/\.$/, '').split('.');
  const isName = labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(label));
  if (!isName || value.length > 250) refuse(from, value, 'a domain, as cloud.example.');
  return `${labels.join('.').toLowerCase()}.`;
}

function milliseconds(from: Setting, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) refuse(from, value, 'milliseconds, at least 1');
  return number;
}

function oneOf<T extends string>(from: Setting, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  return choice ?? refuse(from, value, choices.join(', '));
}

/** A word that is passed over could be the one that was to close a door. */
function checkArguments(argv: readonly string[]): void {
  const known = (word: string, at: number): boolean =>
    word.startsWith('--auth=') || argv[at - 1] === '--auth' || word === '--auth';
  const unknown = argv.find((word, at) => !known(word, at));
  if (unknown !== undefined) throw new ConfigError(`'${unknown}' is not understood, see --help`);
  if (argv.at(-1) === '--auth') throw new ConfigError('--auth needs a value, see --help');
}

function argument(argv: readonly string[], flag: string): string | undefined {
  const at = argv.indexOf(flag);
  return at < 0
    ? argv.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
    : argv[at + 1];
}
