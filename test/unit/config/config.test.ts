/**
 * Goal: settings are understood or refused in words that name the variable and what it takes.
 * Method: plain environments, no process.
 */
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/compiler/index.ts';
import { ConfigError, describeRedis, readConfig, usage } from '../../../src/config.ts';
import { MAC_AGE_MS } from '../../../src/controller/mac-ager.ts';

test('an empty environment gives a controller that serves on the standard ports', () => {
  expect(readConfig({}, [])).toMatchObject({
    apiListen: { kind: 'tcp', host: '127.0.0.1', port: 9696 },
    ovsdbListen: { kind: 'tcp', host: '0.0.0.0', port: 6640 },
    openflowListen: { kind: 'tcp', host: '0.0.0.0', port: 6653 },
    controllerId: hostname(),
    redisUrl: undefined,
    dialHosts: [],
    auth: { mode: 'none' },
    auditLog: 'off',
    networkLog: 'off',
  });
});

test('the API may listen on a unix socket or an IPv6 address', () => {
  expect(readConfig({ HEDDLE_API_LISTEN: 'unix:/run/h.sock' }, []).apiListen).toEqual({
    kind: 'unix',
    path: '/run/h.sock',
  });
  expect(readConfig({ HEDDLE_API_LISTEN: '[::1]:80' }, []).apiListen).toMatchObject({
    host: '::1',
    port: 80,
  });
});

test('hosts to dial are a list', () => {
  const { dialHosts } = readConfig({ HEDDLE_DIAL_HOSTS: 'tcp:h1:6640,tcp:h2:6640' }, []);
  expect(dialHosts).toEqual(['tcp:h1:6640', 'tcp:h2:6640']);
});

test('Redis is told without its password', () => {
  const said = (url: string) => describeRedis(readConfig({ HEDDLE_REDIS_URL: url }, []));
  expect(said('redis://user:se@cr/et@192.0.2.1:6379/2')).toBe('redis://192.0.2.1:6379/2');
  expect(said('rediss://192.0.2.1')).toBe('rediss://192.0.2.1');
  expect(said('')).toBe('private, in .heddle');
});

test('a limit of storms is a rate, with a burst or as large as it, or none', () => {
  const limit = (text: string) => readConfig({ HEDDLE_STORM_CONTROL: text }, []).stormControl;
  expect(limit('')).toEqual(DEFAULT_SETTINGS.storm);
  expect(limit('200/50')).toEqual({ rate: 200, burst: 50 });
  expect(limit('200')).toEqual({ rate: 200, burst: 200 });
  expect(limit('off')).toBeUndefined();
  for (const text of ['0', '10/0', '1.5', '-1', 'on', '10000000000']) {
    expect(() => limit(text)).toThrow(/HEDDLE_STORM_CONTROL='.*' is not understood/);
  }
});

test('multicast is followed unless that is off, with questions as often as is said', () => {
  const multicast = (snooping: string, ms = '') =>
    readConfig({ HEDDLE_MULTICAST_SNOOPING: snooping, HEDDLE_MULTICAST_QUERY_MS: ms }, [])
      .multicast;
  expect(multicast('')).toEqual({ queryIntervalMs: 125_000 });
  expect(multicast('on', '2000')).toEqual({ queryIntervalMs: 2_000 });
  expect(multicast('off', '2000')).toBeUndefined();
  expect(() => multicast('yes')).toThrow(/HEDDLE_MULTICAST_SNOOPING='yes' is not understood/);
  expect(() => multicast('on', '0')).toThrow(/HEDDLE_MULTICAST_QUERY_MS='0' is not understood/);
});

test('an address behind a learning port ages within some time', () => {
  const age = (ms: string) => readConfig({ HEDDLE_MAC_AGE_MS: ms }, []).macAgeMs;
  expect(age('')).toBe(MAC_AGE_MS);
  expect(age('2000')).toBe(2_000);
  expect(() => age('0')).toThrow(/HEDDLE_MAC_AGE_MS='0' is not understood/);
});

test('a DNS domain has a final dot and no capitals', () => {
  const domain = (text: string) => readConfig({ HEDDLE_DNS_DOMAIN: text }, []).dnsDomain;
  expect(domain('Cloud.Example')).toBe('cloud.example.');
  expect(domain('')).toBe('openstacklocal.');
});

test('an empty variable counts as absent', () => {
  expect(readConfig({ HEDDLE_REDIS_URL: '' }, []).redisUrl).toBeUndefined();
});

const KEYSTONE = { HEDDLE_KEYSTONE_URL: 'http://k:5000/v3/', HEDDLE_KEYSTONE_PASSWORD: 'secret' };
const KEYSTONE_V2 = {
  HEDDLE_KEYSTONE_V2_LISTEN: '0.0.0.0:35357',
  HEDDLE_KEYSTONE_V2_USER: 'ovirt',
  HEDDLE_KEYSTONE_V2_PASSWORD_FILE: '/secret',
};

test('Keystone is our service user of the usual names, and whoever is let in is audited', () => {
  const config = readConfig({ ...KEYSTONE, HEDDLE_NOVA_URL: 'http://n/v2.1' }, ['--auth=keystone']);
  expect(config.keystone).toEqual({
    url: 'http://k:5000/v3',
    publicUrl: 'http://k:5000/v3',
    user: 'neutron',
    password: { text: 'secret' },
    userDomain: 'default',
    project: 'service',
    projectDomain: 'default',
    revalidateMs: 30_000,
    serviceRoles: ['service'],
  });
  expect(config).toMatchObject({ auditLog: 'stderr', novaUrl: 'http://n/v2.1' });
});

test('oVirt is sent to where the API listens', () => {
  const { keystoneV2 } = readConfig({ ...KEYSTONE_V2, HEDDLE_API_LISTEN: '192.0.2.1:9696' }, []);
  expect(keystoneV2).toMatchObject({
    networkUrl: 'http://192.0.2.1:9696',
    password: { file: '/secret' },
  });
});

test('metadata comes from a service and a secret, or from nowhere', () => {
  expect(readConfig({ HEDDLE_METADATA_SECRET: 's' }, []).metadata).toBeUndefined();
  const url = { HEDDLE_METADATA_URL: 'http://n:8775/' };
  expect(readConfig({ ...url, HEDDLE_METADATA_SECRET_FILE: '/s' }, []).metadata).toEqual({
    url: 'http://n:8775',
    secret: { file: '/s' },
  });
});

test('limits are off unless they are set', () => {
  expect(readConfig({}, []).limits).toEqual({ listMax: undefined, projectRate: undefined });
  const set = { HEDDLE_LIST_MAX: '500', HEDDLE_RATE_PER_PROJECT: '0.5' };
  expect(readConfig(set, []).limits).toEqual({
    listMax: 500,
    projectRate: { perSecond: 0.5, burst: 1 },
  });
});

test('a password in an address is refused, and not repeated', () => {
  const env = { ...KEYSTONE, HEDDLE_KEYSTONE_URL: 'http://me:secret@k:5000' };
  expect(() => readConfig(env, [])).toThrow(ConfigError);
  expect(() => readConfig(env, [])).not.toThrow('secret');
});

test.each([
  [
    { HEDDLE_API_LISTEN: 'nowhere' },
    "HEDDLE_API_LISTEN='nowhere' is not understood; it takes HOST:PORT",
  ],
  [{ HEDDLE_OVSDB_LISTEN: '0.0.0.0:70000' }, 'HEDDLE_OVSDB_LISTEN'],
  [{ HEDDLE_AUDIT_INTERVAL_MS: 'often' }, 'milliseconds'],
  [{ HEDDLE_AUDIT_INTERVAL_MS: '0' }, 'at least 1'],
  [{ HEDDLE_LOG_LEVEL: 'loud' }, 'debug, info, warn, error, silent'],
  [{ HEDDLE_AUTH: 'sso' }, 'it takes none, tokens, keystone'],
  [{ HEDDLE_DNS_DOMAIN: 'a..b' }, 'a domain, as cloud.example.'],
  [{ HEDDLE_DNS_DOMAIN: '-x' }, 'a domain, as cloud.example.'],
  [{ HEDDLE_DIAL_HOSTS: 'tcp:h1:6640,h2' }, "HEDDLE_DIAL_HOSTS='h2'"],
  [{ HEDDLE_OPENFLOW_ADVERTISE: '192.0.2.1:6653' }, 'tcp:HOST:PORT'],
  [{ HEDDLE_REGION: 'a b' }, 'letters, digits'],
  [{ HEDDLE_AUTH: 'tokens' }, 'HEDDLE_TOKEN_FILE is not set'],
  [{ HEDDLE_AUTH: 'keystone' }, 'HEDDLE_KEYSTONE_URL is not set'],
  [{ HEDDLE_KEYSTONE_URL: 'http://k:5000' }, 'HEDDLE_KEYSTONE_PASSWORD is not set'],
  [{ ...KEYSTONE, HEDDLE_KEYSTONE_URL: 'k:5000' }, 'an http or https address'],
  [{ ...KEYSTONE, HEDDLE_KEYSTONE_PASSWORD_FILE: '/f' }, 'both set'],
  [{ ...KEYSTONE, HEDDLE_KEYSTONE_REVALIDATE_MS: '-1' }, 'milliseconds'],
  [{ HEDDLE_NOVA_URL: 'http://n:8774' }, 'HEDDLE_KEYSTONE_URL is not set'],
  [{ HEDDLE_KEYSTONE_V2_LISTEN: '0.0.0.0:35357' }, 'HEDDLE_KEYSTONE_V2_USER is not set'],
  [{ ...KEYSTONE_V2, HEDDLE_KEYSTONE_V2_LISTEN: '35357' }, 'HOST:PORT'],
  [{ ...KEYSTONE_V2, HEDDLE_API_LISTEN: 'unix:/s' }, 'HEDDLE_KEYSTONE_V2_NETWORK_URL'],
  [{ HEDDLE_METADATA_URL: 'n:8775', HEDDLE_METADATA_SECRET: 's' }, 'an http or https address'],
  [
    { HEDDLE_METADATA_URL: 'http://n:8775' },
    'HEDDLE_METADATA_SECRET is not set, and HEDDLE_METADATA_URL needs it',
  ],
  [{ HEDDLE_LIST_MAX: '0' }, 'at least 1'],
  [{ HEDDLE_RATE_PER_PROJECT: '5/0' }, 'RATE or RATE/BURST'],
  [{ HEDDLE_RATE_PER_PROJECT: '0' }, 'RATE or RATE/BURST'],
])('%j is refused in words', (env, words) => {
  expect(() => readConfig(env, [])).toThrow(ConfigError);
  expect(() => readConfig(env, [])).toThrow(words);
});

test('--auth wins over its variable, in both spellings', () => {
  expect(readConfig({ HEDDLE_AUTH: 'sso' }, ['--auth', 'none']).auth.mode).toBe('none');
  expect(readConfig({ HEDDLE_AUTH: 'sso' }, ['--auth=none']).auth.mode).toBe('none');
});

test.each([
  [['--auht', 'none'], "'--auht' is not understood"],
  [['none'], "'none' is not understood"],
  [['--auth'], 'needs a value'],
])('the arguments %j are refused in words', (argv, words) => {
  expect(() => readConfig({}, argv)).toThrow(ConfigError);
  expect(() => readConfig({}, argv)).toThrow(words);
});

test('the help names every variable that is read', () => {
  const read = new Set<string>();
  readConfig(new Proxy({}, { get: (_, name) => void read.add(String(name)) }), []);
  for (const variable of read) expect(usage()).toContain(variable);
  expect(read.size).toBeGreaterThan(10);
});
