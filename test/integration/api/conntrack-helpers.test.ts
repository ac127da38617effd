/**
 * Goal: conntrack helpers of routers behave over REST as Neutron's do.
 * Method: requests through inject() on a controller with a real Redis.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { refusal } from './l3-world.ts';
import { type Answer, type Controller, startController } from './world.ts';

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
const refused = (answer: Promise<Answer>) => refusal(heddle, answer);

test('a conntrack helper is a router’s, once, of a protocol that it follows', async () => {
  const { id } = await heddle.make('router');
  const path = `/v2.0/routers/${id}/conntrack_helpers`;
  const post = (attributes: object) =>
    heddle.call('POST', path, {
      conntrack_helper: { protocol: 'udp', port: 69, helper: 'tftp', ...attributes },
    });
  const made = (await post({})).body.conntrack_helper;
  expect(made).toEqual({ id: expect.any(String), protocol: 'udp', port: 69, helper: 'tftp' });
  expect((await heddle.call('GET', path)).body.conntrack_helpers).toEqual([made]);
  expect((await get(`routers/${id}`)).router).toMatchObject({
    conntrack_helpers: [{ protocol: 'udp', port: 69, helper: 'tftp' }],
    revision_number: 2,
  });
  expect(await refused(post({}))).toEqual([400, 'BadRequest']);
  expect(await refused(post({ helper: 'nope' }))).toEqual([400, 'ConntrackHelperNotAllowed']);
  expect(await refused(post({ helper: 'constructor' }))).toEqual([
    400,
    'ConntrackHelperNotAllowed',
  ]);
  expect(await refused(post({ protocol: 'tcp' }))).toEqual([400, 'InvalidProtocolForHelper']);
  const change = { conntrack_helper: { port: 70 } };
  const changed = await heddle.call('PUT', `${path}/${made.id}`, change);
  expect(changed.body.conntrack_helper.port).toBe(70);
  expect((await post({})).status).toBe(201);
  expect((await heddle.call('DELETE', `${path}/${made.id}`)).status).toBe(204);
  expect((await heddle.call('GET', `${path}/${made.id}`)).error).toBe('ConntrackHelperNotFound');
  expect((await heddle.call('DELETE', `/v2.0/routers/${id}`)).status).toBe(204);
  expect((await heddle.call('POST', path, change)).status).toBe(400);
});
