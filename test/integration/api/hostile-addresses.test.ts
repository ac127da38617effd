/**
 * Goal: no request about subnet pools, address scopes, quotas, or the newer attributes of ports and
 * subnets, however malformed, gets a 500 or a stack trace.
 * Method: mutated good bodies on every route that takes one; seeded.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { hostileBody } from './hostile-bodies.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;

const SEED = 20_260_103;
const RUNS = 120;

/** A route that takes a body: its word, a good one, and what is put for `POOL` and so on. */
type Row = readonly [
  method: 'POST' | 'PUT',
  path: string,
  word: string,
  good: Readonly<Record<string, unknown>>,
];

const POOL = {
  name: 'p',
  prefixes: ['10.0.0.0/8'],
  min_prefixlen: 8,
  default_prefixlen: '26',
  max_prefixlen: 30,
  default_quota: 1,
  is_default: false,
  address_scope_id: null,
};
const PORT = {
  extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: '1', ip_version: 4 }],
  dns_name: 'vm',
  dns_domain: 'example.',
  numa_affinity_policy: 'legacy',
  'binding:vnic_type': 'direct',
  mac_address: null,
};

const ROWS: readonly Row[] = [
  ['POST', 'subnetpools', 'subnetpool', POOL],
  ['PUT', 'subnetpools/POOL', 'subnetpool', POOL],
  ['PUT', 'subnetpools/POOL/onboard_network_subnets', 'subnetpool', { network_id: 'NETWORK' }],
  ['PUT', 'subnetpools/POOL/add_prefixes', 'subnetpool', { prefixes: ['10.1.0.0/16'] }],
  ['PUT', 'subnetpools/POOL/remove_prefixes', 'subnetpool', { prefixes: ['10.1.0.0/16'] }],
  ['POST', 'address-scopes', 'address_scope', { name: 's', ip_version: 4, shared: true }],
  ['PUT', 'address-scopes/SCOPE', 'address_scope', { name: 's', shared: true }],
  [
    'POST',
    'subnets',
    'subnet',
    {
      network_id: 'NETWORK',
      ip_version: 4,
      subnetpool_id: 'POOL',
      prefixlen: 24,
      use_default_subnetpool: false,
      service_types: ['compute:nova'],
      dns_publish_fixed_ip: true,
      segment_id: null,
    },
  ],
  ['PUT', 'ports/PORT', 'port', PORT],
  ['POST', 'ports', 'port', { network_id: 'NETWORK', tags: ['a'], device_profile: 'x', ...PORT }],
  ['POST', 'networks', 'network', { dns_domain: 'a.', availability_zone_hints: ['nova'] }],
  ['PUT', 'quotas/p', 'quota', { port: 1, check_limit: true, force: false }],
];

const ids = new Map<string, string>();
const real = (text: string): string =>
  text.replaceAll(/NETWORK|PORT|POOL|SCOPE/g, (name) => ids.get(name) ?? name);

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const { network } = await makeSegment(heddle, '192.0.2.0/24');
  const pool = await heddle.make('subnetpool', { name: 'p', prefixes: ['10.0.0.0/16'] });
  const scope = { address_scope: { name: 's', ip_version: 4 } };
  const { body } = await heddle.call('POST', '/v2.0/address-scopes', scope);
  ids.set('NETWORK', network.id);
  ids.set('PORT', (await heddle.make('port', { network_id: network.id })).id);
  ids.set('POOL', pool.id);
  ids.set('SCOPE', body.address_scope.id);
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

test.each(ROWS)('%s %s is refused or served, never a fault', async (method, path, word, good) => {
  const url = `/v2.0/${real(path)}`;
  await fc.assert(
    fc.asyncProperty(hostileBody(word, good), async (body) => {
      const payload = JSON.stringify(body);
      const headers = { 'content-type': 'application/json' };
      const answer = await heddle.app.inject({ method, url, headers, payload: real(payload) });
      expect(answer.statusCode, payload.slice(0, 500)).toBeLessThan(500);
      expect(answer.body).not.toMatch(/\bat .+\.[jt]s:\d+/);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test.each([
  'subnetpools?prefixes=x&default_quota=1',
  'subnetpools/%00',
  'address-scopes?ip_version=4&shared=no',
  'agents?limit=1&marker=x',
  'agents/__proto__',
  'network-ip-availabilities?limit=1&marker=x',
  'network-ip-availabilities?sort_key=total_ips',
  'network-ip-availabilities/%00',
  'availability_zones?limit=1&marker=nova',
  'availability_zones?state=__proto__',
])('GET %s is answered', async (path) => {
  const answer = await heddle.call('GET', `/v2.0/${path}`);
  expect(answer.status).toBeLessThan(500);
});
