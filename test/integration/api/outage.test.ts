/**
 * Goal: while Redis is away reads are served, writes get 503, and nothing acknowledged is lost.
 * Method: redis-server killed -9 under requests, then started again on its append-only file.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

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

test('a killed Redis costs writes a 503 and reads nothing; afterwards all is as acknowledged', async () => {
  const { network } = await makeSegment(heddle);
  const post = (): ReturnType<Controller['call']> =>
    heddle.call('POST', '/v2.0/ports', { port: { network_id: network.id } });
  const storm = Array.from({ length: 40 }, post);
  await Promise.race(storm);
  await redis.kill();

  const refused = await post();
  expect([refused.status, refused.error]).toEqual([503, 'ServiceUnavailable']);
  expect((await heddle.call('GET', `/v2.0/networks/${network.id}`)).status).toBe(200);
  // A list that would have to make what is missing shows what there is.
  const groups = await heddle.call('GET', '/v2.0/security-groups?project_id=fresh');
  expect([groups.status, groups.body.security_groups]).toEqual([200, []]);
  const health = await heddle.call('GET', '/v1/health');
  expect([health.status, health.body.store_reachable]).toEqual([200, false]);

  await redis.start();
  const answers = await Promise.all(storm);
  await until(async () => {
    answers.push(await post());
    return answers.at(-1)?.status === 201;
  }, 'a write after the outage');
  const late = await heddle.call('GET', '/v2.0/security-groups?project_id=fresh');
  expect(late.body.security_groups).toHaveLength(1);
  for (const { status } of answers) expect([201, 503]).toContain(status);
  const acknowledged = answers.filter(({ status }) => status === 201);
  for (const { body } of acknowledged) {
    expect((await heddle.call('GET', `/v2.0/ports/${body.port.id}`)).status).toBe(200);
  }
  const addresses = [...heddle.topology.members('portsOfNetwork', network.id).values()].map(
    ({ fixed_ips }) => fixed_ips[0]?.ip_address,
  );
  expect(new Set(addresses).size).toBe(addresses.length);
});
