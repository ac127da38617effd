/**
 * Goal: no request, however malformed, gets a 500, a stack trace or a hanging answer, and a good one
 * still works afterwards. Method: random JSON and mutated good bodies on every route; seeded.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { hostileBody, nasty } from './hostile-bodies.ts';
import { makeCloud } from './l3-world.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let bodies: Record<string, Record<string, unknown>>;
let ids: string[];
let routerId: string;
let groupId: string;
let paths: Partial<Record<string, string>>;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const { network, subnet } = await makeSegment(heddle);
  const port = await heddle.make('port', { network_id: network.id });
  const group = await heddle.make('security_group');
  const addresses = await heddle.make('address_group');
  const cloud = await makeCloud(heddle);
  const at = { floating_network_id: cloud.outside.network.id };
  const fip = await heddle.make('floatingip', at);
  routerId = cloud.router.id;
  groupId = addresses.id;
  const own = [group.id, addresses.id, cloud.router.id, fip.id, cloud.vm.id];
  ids = [network.id, subnet.id, port.id, ...own, 'x', '%00', '..', crypto.randomUUID()];
  paths = {
    port_forwarding: `/v2.0/floatingips/${fip.id}/port_forwardings`,
    conntrack_helper: `/v2.0/routers/${cloud.router.id}/conntrack_helpers`,
  };
  bodies = {
    network: { name: 'n', admin_state_up: true, mtu: 1400, 'provider:segmentation_id': 5 },
    subnet: {
      network_id: network.id,
      ip_version: 4,
      cidr: '10.8.0.0/24',
      gateway_ip: '10.8.0.1',
      allocation_pools: [{ start: '10.8.0.2', end: '10.8.0.9' }],
      dns_nameservers: ['192.0.2.1'],
      host_routes: [{ destination: '192.0.2.0/24', nexthop: '10.8.0.9' }],
    },
    port: {
      network_id: network.id,
      mac_address: 'fa:16:3e:00:00:09',
      fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.0.0.9' }],
      allowed_address_pairs: [{ ip_address: '10.0.0.10', mac_address: 'fa:16:3e:00:00:0a' }],
      'binding:profile': { a: { b: [1] } },
      device_id: 'd',
      security_groups: [group.id],
    },
    security_group: { name: 'g', stateful: true, description: '' },
    security_group_rule: {
      security_group_id: group.id,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 23,
      remote_ip_prefix: '10.0.0.0/8',
      remote_group_id: null,
      remote_address_group_id: null,
    },
    default_security_group_rule: {
      direction: 'ingress',
      protocol: 'icmp',
      remote_group_id: 'PARENT',
      used_in_default_sg: true,
      used_in_non_default_sg: false,
    },
    address_group: { name: 'a', addresses: ['10.0.0.0/8', '2001:db8::/32'] },
    router: {
      name: 'r',
      external_gateway_info: {
        network_id: cloud.outside.network.id,
        enable_snat: true,
        external_fixed_ips: [{ ip_address: '203.0.113.9' }],
      },
      distributed: false,
      availability_zone_hints: [],
      enable_ndp_proxy: false,
      flavor_id: null,
    },
    floatingip: {
      ...at,
      floating_ip_address: '203.0.113.10',
      subnet_id: cloud.outside.subnet.id,
      port_id: cloud.vm.id,
      fixed_ip_address: cloud.vm.fixed_ips[0].ip_address,
      dns_name: 'n',
      dns_domain: 'example.org.',
    },
    port_forwarding: {
      protocol: 'tcp',
      internal_port_id: cloud.vm.id,
      internal_ip_address: cloud.vm.fixed_ips[0].ip_address,
      internal_port: 80,
      external_port_range: '80:80',
      description: 'd',
    },
    conntrack_helper: { protocol: 'udp', port: 69, helper: 'tftp' },
  };
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const COLLECTIONS = [
  'network',
  'subnet',
  'port',
  'security_group',
  'security_group_rule',
  'default_security_group_rule',
  'address_group',
  'router',
  'floatingip',
  'port_forwarding',
  'conntrack_helper',
] as const;
const SEED = 20_260_101;

async function send(method: 'POST' | 'PUT', url: string, payload: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await heddle.app.inject({ method, url, headers, payload });
  expect(answer.statusCode, `${method} ${url} ${payload.slice(0, 500)}`).toBeLessThan(500);
  expect(answer.body).not.toMatch(/\bat .+\.[jt]s:\d+/);
  if (answer.statusCode > 399) expect(answer.json().NeutronError.message).toBeTypeOf('string');
}

test.each(COLLECTIONS)(
  'hostile %s bodies are refused or served, never a fault',
  async (singular) => {
    await fc.assert(
      fc.asyncProperty(
        hostileBody(singular, bodies[singular] ?? {}),
        fc.constantFrom(...ids),
        fc.boolean(),
        async (body, id, create) => {
          const path = paths[singular] ?? `/v2.0/${singular.replaceAll('_', '-')}s`;
          await send(
            create ? 'POST' : 'PUT',
            create ? path : `${path}/${id}`,
            JSON.stringify(body),
          );
        },
      ),
      { numRuns: 700, seed: SEED },
    );
  },
);

test('hostile addresses of an address group are refused or taken', async () => {
  const bodies = fc.oneof(
    nasty,
    nasty.map((addresses) => ({ addresses })),
    fc.array(nasty, { maxLength: 4 }).map((addresses) => ({ addresses })),
  );
  const action = fc.constantFrom('add_addresses', 'remove_addresses');
  await fc.assert(
    fc.asyncProperty(bodies, action, async (body, name) => {
      await send('PUT', `/v2.0/address-groups/${groupId}/${name}`, JSON.stringify(body));
    }),
    { numRuns: 300, seed: SEED },
  );
});

test('hostile actions of a router are refused or served, never a fault', async () => {
  const actions = fc.constantFrom(
    'add_router_interface',
    'remove_router_interface',
    'add_extraroutes',
    'remove_extraroutes',
  );
  const members = fc.record(
    {
      subnet_id: fc.oneof(fc.constantFrom(...ids), nasty),
      port_id: fc.oneof(fc.constantFrom(...ids), nasty),
      router: fc.oneof(fc.record({ routes: nasty }), nasty),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(actions, fc.oneof(members, nasty), async (action, body) => {
      await send('PUT', `/v2.0/routers/${routerId}/${action}`, JSON.stringify(body));
    }),
    { numRuns: 300, seed: SEED },
  );
});

test('text that is no JSON is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), async (text) => {
      await send('POST', '/v2.0/ports', text);
      await send('PUT', `/v2.0/ports/${ids[2]}`, `{"port":${text}`);
    }),
    { numRuns: 200, seed: SEED },
  );
});

test('hostile paths and queries are answered', async () => {
  const paths = fc.constantFrom(
    '/v2.0/networks',
    '/v2.0/subnets',
    '/v2.0/ports',
    '/v2.0/security-groups',
    '/v2.0/security-group-rules',
    '/v2.0/default-security-group-rules',
    '/v2.0/address-groups',
    '/v2.0/routers',
    '/v2.0/floatingips',
    '/v2.0/floatingip_pools',
    '/v2.0/extensions',
    '/v1/hosts',
    '/v1/realized',
    '/v1/health',
    '/',
    '/v2.0',
  );
  const word = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'fixed_ips', '%', '%00'),
  );
  const tail = fc.oneof(
    fc
      .array(fc.tuple(word, word), { maxLength: 4 })
      .map(
        (pairs) =>
          `?${pairs.map(([a, b]) => `${encodeURIComponent(a)}=${encodeURIComponent(b)}`).join('&')}`,
      ),
    word.map((text) => `/${encodeURIComponent(text)}`),
    fc.constantFrom('/%', '/%zz', '?%', '?a=%ff', `/${'y'.repeat(300)}`, '?limit=1&marker=x'),
  );
  await fc.assert(
    fc.asyncProperty(paths, tail, async (path, rest) => {
      const answer = await heddle.app.inject({ url: path + rest });
      expect(answer.statusCode, path + rest).toBeLessThan(500);
      expect(answer.body).not.toMatch(/\bat .+\.[jt]s:\d+/);
    }),
    { numRuns: 600, seed: SEED },
  );
});

test('afterwards a good request works', async () => {
  const { network } = await makeSegment(heddle);
  const port = await heddle.make('port', { network_id: network.id });
  expect(port.fixed_ips).toHaveLength(1);
});
