/**
 * Goal: the pools that floating IPs come from are listed as Neutron lists them.
 * Method: requests through inject() on a controller with a real Redis.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { makeOutside } from './l3-world.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const get = async (path: string) => (await heddle.call('GET', `/v2.0/${path}`)).body;

test('the pools are the IPv4 subnets of external networks', async () => {
  const { network, subnet } = await makeOutside(heddle, '198.18.7.0/24');
  const pools = (await get('floatingip_pools')).floatingip_pools;
  expect(pools).toContainEqual({
    subnet_id: subnet.id,
    subnet_name: '',
    network_id: network.id,
    cidr: '198.18.7.0/24',
    project_id: 'default',
    tenant_id: 'default',
  });
  const cut = await get('floatingip_pools?fields=cidr&sort_key=cidr&sort_dir=desc');
  expect(cut.floatingip_pools[0]).toEqual({ cidr: expect.any(String) });
  expect((await heddle.call('GET', '/v2.0/floatingip_pools?cidr=x')).status).toBe(400);
  expect((await heddle.call('POST', '/v2.0/floatingip_pools', {})).status).toBe(405);
});
