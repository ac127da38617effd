/**
 * Goal: a write that prefers to wait is answered when its hosts have it, or with those that lag; no
 * other request waits.
 * Method: the application over operations that the test answers for.
 */
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/api/index.ts';
import { preferredWait } from '../../../src/api/plugins/prefer.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { intentError } from '../../../src/topology/index.ts';
import { stubBackend } from '../../support/stub-backend.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let app: FastifyInstance;
let waits: [revision: number, waitMs: number][];
let lagging: string[];
let isAdmin: boolean;

beforeEach(() => {
  waits = [];
  lagging = [];
  isAdmin = true;
  const refuse = () => {
    throw intentError('NetworkInUse', { net_id: 'n', reason: 'r' });
  };
  app = buildApp({
    backend: stubBackend(
      { update: async () => refuse() },
      {
        waitTouched: async (revision, waitMs) => {
          waits.push([revision, waitMs]);
          return { realized: lagging.length === 0, lagging };
        },
      },
    ),
    clock: new VirtualClock(),
    random: systemRandom,
    log: nullLogger,
    authenticator: { authenticate: () => ({ userId: 'u', projectId: 'p', isAdmin }) },
  });
});

afterEach(() => app.close());

const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', prefer: string, url = '/v2.0/networks') =>
  app.inject({
    method,
    url,
    headers: { prefer },
    ...(method === 'POST' || method === 'PUT' ? { payload: { network: {} } } : {}),
  });

describe('a write', () => {
  test('waits for its own revision', async () => {
    const answer = await send('POST', 'wait=10');
    expect(answer.statusCode).toBe(201);
    expect(answer.json().network).toBeDefined();
    expect(answer.headers['preference-applied']).toBe('wait=10');
    expect(answer.headers['x-heddle-lagging']).toBeUndefined();
    await send('DELETE', 'wait=5', '/v2.0/networks/n1');
    expect(waits).toEqual([
      [7, 10_000],
      [9, 5_000],
    ]);
  });

  test('names the hosts that lag to operators, and their number to others', async () => {
    lagging = ['host-a', 'host-b'];
    const answer = await send('POST', 'wait=1');
    expect([answer.statusCode, answer.headers['x-heddle-lagging']]).toEqual([
      201,
      'host-a, host-b',
    ]);
    isAdmin = false;
    expect((await send('POST', 'wait=1')).headers['x-heddle-lagging']).toBe('2');
  });

  test('names no more hosts than a header holds', async () => {
    lagging = Array.from({ length: 1000 }, (_, number) => `host-${number}`);
    const shown = String((await send('POST', 'wait=1')).headers['x-heddle-lagging']);
    expect(shown).toMatch(/host-49, and 950 more$/);
  });

  test('that is refused does not wait, and neither does a read', async () => {
    expect((await send('PUT', 'wait=10', '/v2.0/networks/n1')).statusCode).toBe(409);
    expect((await send('GET', 'wait=10')).headers['preference-applied']).toBeUndefined();
    expect(waits).toEqual([]);
  });
});

test.each<[string, number | undefined]>([
  ['wait=10', 10],
  ['respond-async, wait=10', 10],
  ['return=minimal;foo=bar, Wait = "7" ; x=y', 7],
  ['wait=0', 0],
  ['wait=100', 60],
  ['wait=1, wait=2', 1],
  ['wait', undefined],
  ['wait=', undefined],
  ['wait=-1', undefined],
  ['wait=1e3', undefined],
  ['nowait=1', undefined],
  ['wait=99999999999999', undefined],
])('the preference %j asks for %j seconds', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds);
});
