/**
 * Goal: no request, however malformed, gets a 500, a stack trace or a hanging answer, and a good one
 * still works afterwards. Method: random JSON and mutated good bodies on every route; seeded.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { hostileBody } from './hostile-bodies.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let bodies: Record<string, Record<string, unknown>>;
let ids: string[];

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const { network, subnet } = await makeSegment(heddle);
  const port = await heddle.make('port', { network_id: network.id });
  ids = [network.id, subnet.id, port.id, 'x', '%00', '..', crypto.randomUUID()];
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
    },
  };
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const COLLECTIONS = ['network', 'subnet', 'port'] as const;
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
          const path = `/v2.0/${singular}s`;
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
