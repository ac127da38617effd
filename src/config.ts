/**
 * The controller's settings: environment variables and `--auth`, read once, frozen.
 * `heddle --help` prints them.
 */
import { hostname } from 'node:os';
import { type Name, SETTINGS } from './config/settings.ts';
import {
  ConfigError,
  domain,
  type Endpoint,
  endpoint,
  httpUrl,
  milliseconds,
  oneOf,
  packetLimit,
  plainName,
  positive,
  rate,
  type Secret,
  type TcpEndpoint,
  targets,
  tcp,
  words,
} from './config/values.ts';
import type { LogLevel } from './lib/log.ts';
import type { HostLimits } from './topology/index.ts';

export { ConfigError, type Endpoint, type Secret } from './config/values.ts';

export interface Config {
  readonly apiListen: Endpoint;
  readonly ovsdbListen: TcpEndpoint;
  readonly openflowListen: TcpEndpoint;
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
  readonly auth: AuthConfig;
  /** Our own user in Keystone; absent where Keystone is not used. */
  readonly keystone: KeystoneConfig | undefined;
  readonly keystoneV2: KeystoneV2Config | undefined;
  readonly novaUrl: string | undefined;
  readonly metadata: MetadataConfig | undefined;
  /** A file, or one of the words. */
  readonly auditLog: 'off' | 'stderr' | { readonly file: string };
  /** Where lines of logged connections go besides `/v1/events`. */
  readonly networkLog: 'off' | 'stdout' | { readonly file: string };
  readonly limits: {
    readonly listMax: number | undefined;
    readonly projectRate: { readonly perSecond: number; readonly burst: number } | undefined;
  };
  readonly hostLimits: HostLimits;
  /** Of what a port sends to many at once; absent: none. */
  readonly stormControl: { readonly rate: number; readonly burst: number } | undefined;
  /** How often guests are asked which multicast groups they listen to; absent: nobody follows. */
  readonly multicast: { readonly queryIntervalMs: number } | undefined;
  /** How long an address behind a MAC-learning port outlives its last use. */
  readonly macAgeMs: number;
  /** Where ports have their names, with its final dot. */
  readonly dnsDomain: string;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
}

export type AuthConfig =
  | { readonly mode: 'none' }
  | { readonly mode: 'tokens'; readonly file: string }
  | { readonly mode: 'keystone'; readonly keystone: KeystoneConfig };

export interface KeystoneConfig {
  readonly url: string;
  readonly publicUrl: string;
  readonly user: string;
  readonly password: Secret;
  readonly userDomain: string;
  readonly project: string;
  readonly projectDomain: string;
  readonly revalidateMs: number;
  readonly serviceRoles: readonly string[];
}

export interface KeystoneV2Config {
  readonly listen: TcpEndpoint;
  readonly user: string;
  readonly password: Secret;
  readonly project: string;
  readonly networkUrl: string;
}

/** Where the metadata of servers comes from. */
export interface MetadataConfig {
  readonly url: string;
  readonly secret: Secret;
}

type Text = (name: Name) => string;

/** Reads the settings; `argv` are the words after the program's name. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): Config {
  checkArguments(argv);
  const text: Text = (name) => env[SETTINGS[name].variable] || SETTINGS[name].fallback;
  const optional = (name: Name): string | undefined => text(name) || undefined;
  const keystone = readKeystone(text);
  const auth = readAuth(argument(argv, '--auth') ?? text('auth'), text, keystone);
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
    auth,
    keystone,
    keystoneV2: readKeystoneV2(text),
    novaUrl: readNovaUrl(text, keystone),
    metadata: readMetadata(text),
    auditLog: readAuditLog(text('auditLog'), auth),
    networkLog: readNetworkLog(text('networkLog')),
    limits: readLimits(text),
    hostLimits: readHostLimits(text),
    stormControl: readStormControl(text('stormControl')),
    multicast: readMulticast(text),
    macAgeMs: milliseconds(SETTINGS.macAgeMs, text('macAgeMs')),
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
      `  ${variable.padEnd(34)}${meaning}${fallback === '' ? '' : ` [${fallback}]`}`,
  );
  const line = `heddle [--auth ${AUTH_MODES.join('|')}] [--help]`;
  return [line, '', 'Environment:', ...rows, ''].join('\n');
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const AUTH_MODES = ['none', 'tokens', 'keystone'] as const;

function readAuth(value: string, text: Text, keystone: KeystoneConfig | undefined): AuthConfig {
  const mode = oneOf(SETTINGS.auth, value, AUTH_MODES);
  if (mode === 'none') return { mode };
  if (mode === 'tokens') return { mode, file: needed('tokenFile', text, '--auth tokens') };
  if (keystone === undefined) throw missing('keystoneUrl', '--auth keystone');
  return { mode, keystone };
}

function readKeystone(text: Text): KeystoneConfig | undefined {
  if (text('keystoneUrl') === '') return undefined;
  const url = httpUrl(SETTINGS.keystoneUrl, text('keystoneUrl'));
  return {
    url,
    publicUrl: httpUrl(SETTINGS.keystonePublicUrl, text('keystonePublicUrl') || url),
    user: text('keystoneUser'),
    password: readSecret('keystonePassword', 'keystonePasswordFile', text),
    userDomain: text('keystoneUserDomain'),
    project: text('keystoneProject'),
    projectDomain: text('keystoneProjectDomain'),
    revalidateMs: milliseconds(SETTINGS.keystoneRevalidateMs, text('keystoneRevalidateMs')),
    serviceRoles: words(text('keystoneServiceRoles').toLowerCase()),
  };
}

function readKeystoneV2(text: Text): KeystoneV2Config | undefined {
  if (text('keystoneV2Listen') === '') return undefined;
  const { variable } = SETTINGS.keystoneV2Listen;
  // Nobody can be sent to a socket in a file, or to every address at once.
  const isReachable = !/^(unix:|0\.0\.0\.0:|\[::\]:)/.test(text('apiListen'));
  const named = isReachable ? text('keystoneV2NetworkUrl') || `http://${text('apiListen')}` : '';
  const networkUrl = named || needed('keystoneV2NetworkUrl', text, variable);
  return {
    listen: tcp(SETTINGS.keystoneV2Listen, text('keystoneV2Listen')),
    user: needed('keystoneV2User', text, variable),
    password: readSecret('keystoneV2Password', 'keystoneV2PasswordFile', text),
    project: text('keystoneV2Project'),
    networkUrl: httpUrl(SETTINGS.keystoneV2NetworkUrl, networkUrl),
  };
}

function readSecret(plain: Name, file: Name, text: Text, by = 'a user'): Secret {
  if (text(plain) !== '' && text(file) !== '') {
    const [one, other] = [SETTINGS[plain].variable, SETTINGS[file].variable];
    throw new ConfigError(`${one} and ${other} are both set; one of them is enough`);
  }
  return text(file) === '' ? { text: needed(plain, text, by) } : { file: text(file) };
}

function readNovaUrl(text: Text, keystone: KeystoneConfig | undefined): string | undefined {
  if (text('novaUrl') === '') return undefined;
  if (keystone === undefined) throw missing('keystoneUrl', SETTINGS.novaUrl.variable);
  return httpUrl(SETTINGS.novaUrl, text('novaUrl'));
}

function readMetadata(text: Text): MetadataConfig | undefined {
  if (text('metadataUrl') === '') return undefined;
  const url = httpUrl(SETTINGS.metadataUrl, text('metadataUrl'));
  const { variable } = SETTINGS.metadataUrl;
  return { url, secret: readSecret('metadataSecret', 'metadataSecretFile', text, variable) };
}

function readAuditLog(value: string, { mode }: AuthConfig): Config['auditLog'] {
  if (value === '') return mode === 'none' ? 'off' : 'stderr';
  return value === 'off' || value === 'stderr' ? value : { file: value };
}

function readNetworkLog(value: string): Config['networkLog'] {
  return value === 'off' || value === 'stdout' ? value : { file: value };
}

function readLimits(text: Text): Config['limits'] {
  const [listMax, perProject] = [text('listMax'), text('ratePerProject')];
  return {
    listMax: listMax === '' ? undefined : positive(SETTINGS.listMax, listMax),
    projectRate: perProject === '' ? undefined : rate(SETTINGS.ratePerProject, perProject),
  };
}

function readHostLimits(text: Text): HostLimits {
  return {
    flows: positive(SETTINGS.hostFlowsMax, text('hostFlowsMax')),
    clauses: positive(SETTINGS.hostClausesMax, text('hostClausesMax')),
    lookups: positive(SETTINGS.hostLookupsMax, text('hostLookupsMax')),
  };
}

function readStormControl(value: string): Config['stormControl'] {
  return value === 'off' ? undefined : packetLimit(SETTINGS.stormControl, value);
}

function readMulticast(text: Text): Config['multicast'] {
  const queryIntervalMs = milliseconds(SETTINGS.multicastQueryMs, text('multicastQueryMs'));
  const isOn = oneOf(SETTINGS.multicastSnooping, text('multicastSnooping'), ['on', 'off']) === 'on';
  return isOn ? { queryIntervalMs } : undefined;
}

function needed(name: Name, text: Text, by: string): string {
  const value = text(name);
  if (value === '') throw missing(name, by);
  return value;
}

function missing(name: Name, by: string): ConfigError {
  return new ConfigError(`${SETTINGS[name].variable} is not set, and ${by} needs it`);
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
