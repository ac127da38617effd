/**
 * Goal: who asks more than a project may is told when to come again, and nobody else notices; what
 * cannot be kept is refused at the door.
 * Method: the limiter with a clock that the test moves; the application with collections of none.
 */
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { type Authenticator, buildApp, type Limits } from '../../../src/api/index.ts';
import { RateLimiter } from '../../../src/api/rate-limiter.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { stubBackend } from '../../support/stub-backend.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('a limiter', () => {
  test('lets through what its bucket holds, and then as much as flows in', () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ perSecond: 2, burst: 3 }, clock);
    expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0]);
    expect(limiter.take('a')).toBe(0.5);
    expect(limiter.take('b')).toBe(0);
    clock.advance(500);
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(0.5);
    clock.advance(3_600_000);
    expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0]);
    expect(limiter.take('a')).toBe(0.5);
  });

  test('forgets whom it has not seen for the longest time', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, new VirtualClock(), 2);
    for (const key of ['a', 'b', 'a', 'c']) limiter.take(key);
    expect(limiter.look('a')).toBe(1);
    expect(limiter.look('b')).toBe(0);
  });
});

const clock = new VirtualClock();
let app: FastifyInstance | undefined;

const byProject: Authenticator = {
  authenticate: ({ 'x-project-id': id }) => ({ userId: 'u', projectId: String(id), isAdmin: true }),
};

function start(limits: Limits, items: readonly { id: string }[] = []): FastifyInstance {
  const started = buildApp({
    backend: stubBackend({ list: async () => items }),
    clock,
    random: systemRandom,
    log: nullLogger,
    authenticator: byProject,
    limits,
  });
  app = started;
  return started;
}

afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe('requests of a project', () => {
  test('beyond its rate get 429 and the time to wait, others’ do not', async () => {
    const limited = start({ projectRate: { perSecond: 0.5, burst: 2 } });
    const get = (project: string, url = '/v2.0/extensions') =>
      limited.inject({ url, headers: { 'x-project-id': project } });
    expect((await get('a')).statusCode).toBe(200);
    expect((await get('a')).statusCode).toBe(200);
    const refused = await get('a');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('2');
    expect(refused.json().NeutronError.type).toBe('HTTPTooManyRequests');
    expect((await get('b')).statusCode).toBe(200);
    expect((await get('a', '/v1/health')).statusCode).toBe(200);
    clock.advance(2_000);
    expect((await get('a')).statusCode).toBe(200);
  });
});

describe('a list', () => {
  test.each([
    ['', ['a', 'b'], true],
    ['?limit=1', ['a'], true],
    ['?limit=50', ['a', 'b'], true],
    ['?limit=0', ['a', 'b'], true],
    ['?marker=b', ['c'], false],
  ])('asked for with "%s" comes in pages of the greatest size', async (query, ids, goesOn) => {
    const items = ['c', 'a', 'b'].map((id) => ({ id }));
    const answer = await start({ listMax: 2 }, items).inject({ url: `/v2.0/networks${query}` });
    const { networks, networks_links: links } = answer.json();
    expect(networks.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(links.some(({ rel }: { rel: string }) => rel === 'next')).toBe(goesOn);
  });
});

describe('a body', () => {
  test.each([
    [String.raw`{"network": {"name": "\ud800"}}`, 400],
    [String.raw`{"network": {"\udc00": 1}}`, 400],
    ['{"network": {"mtu": 1e999}}', 400],
    [`{"network": {"mtu": ${'9'.repeat(400)}}}`, 400],
    [String.raw`{"network": {"name": "\ud83e\uddf5 \\ud800 1e999"}}`, 201],
  ])('%s gets %i', async (payload, status) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await start({}).inject({
      method: 'POST',
      url: '/v2.0/networks',
      headers,
      payload,
    });
    expect(answer.statusCode).toBe(status);
  });
});

describe('a path', () => {
  test.each(['/v2.0/%zz', '/%', `/v2.0/networks/${'x'.repeat(400)}`])(
    'like %s that the router cannot read gets a refusal of our form',
    async (url) => {
      const answer = await start({}).inject({ url });
      expect(answer.statusCode).toBe(400);
      expect(answer.json().NeutronError.type).toBe('HTTPBadRequest');
      expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/);
    },
  );
});
