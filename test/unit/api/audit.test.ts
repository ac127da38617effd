/**
 * Goal: whatever changes something, and whatever is refused, is in the audit with who, what, from
 * where and with which result; nothing secret is.
 * Method: the application with a log that the test reads; every kind of call and of refusal.
 */
import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { requesterOf } from '../../../src/api/auth/roles.ts';
import { unauthorized } from '../../../src/api/auth/token-header.ts';
import { type Authenticator, buildApp } from '../../../src/api/index.ts';
import type { AuditRecord } from '../../../src/api/plugins/audit.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { intentError } from '../../../src/topology/index.ts';
import { stubBackend } from '../../support/stub-backend.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const byToken: Authenticator = {
  authenticate: ({ 'x-auth-token': token }) => {
    if (token === 'hidden-bob') return requesterOf({ userId: 'bob', projectId: 'p2', roles: [] });
    if (token !== 'hidden-token') throw unauthorized('X');
    return { userId: 'alice', projectId: 'p1', isAdmin: false };
  },
};

let records: AuditRecord[];
let clock: VirtualClock;
let app: FastifyInstance;

beforeEach(() => {
  records = [];
  clock = new VirtualClock();
  const backend = stubBackend({
    actions: ['add_router_interface'],
    update: async (id) => {
      clock.advance(25);
      if (id === 'bad') throw new TypeError('inside');
      if (id === 'busy') throw intentError('NetworkInUse', { net_id: id, reason: 'ports' });
      return { revision: 8, value: { id } };
    },
    show: () => {
      throw intentError('PolicyNotAuthorized', { rules: 'rule:get_network' });
    },
  });
  app = buildApp({
    backend,
    clock,
    random: systemRandom,
    log: nullLogger,
    authenticator: byToken,
    audit: { write: (record) => void records.push(record) },
  });
});

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly payload?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function audited({ headers = { 'x-auth-token': 'hidden-token' }, ...call }: Call) {
  const answer = await app.inject({ ...call, headers });
  for (const record of records) {
    expect(record.request_id).toBe(answer.headers['x-openstack-request-id']);
  }
  expect(JSON.stringify(records)).not.toContain('hidden');
  return records;
}

describe('a write', () => {
  test('is recorded with who, what, from where and its result', async () => {
    const payload = { network: { name: 'hidden-name' } };
    expect(await audited({ method: 'PUT', url: '/v2.0/networks/n1?x=hidden', payload })).toEqual([
      {
        time: '2026-01-01T00:00:00Z',
        request_id: expect.stringMatching(/^req-[0-9a-f-]{36}$/),
        user_id: 'alice',
        project_id: 'p1',
        from: '127.0.0.1',
        method: 'PUT',
        path: '/v2.0/networks/n1',
        action: 'update',
        resource: 'networks',
        resource_ids: ['n1'],
        status: 200,
        duration_ms: 25,
      },
    ]);
  });

  test.each<[string, Call, object]>([
    [
      'that creates one, with its id',
      { method: 'POST', url: '/v2.0/networks', payload: { network: {} } },
      { action: 'create', resource_ids: ['n0'], status: 201 },
    ],
    [
      'that creates several, with all ids',
      { method: 'POST', url: '/v2.0/networks', payload: { networks: [{}, {}] } },
      { action: 'create', resource_ids: ['n0', 'n1'], status: 201 },
    ],
    [
      'that deletes',
      { method: 'DELETE', url: '/v2.0/networks/n1' },
      { action: 'delete', resource_ids: ['n1'], status: 204 },
    ],
    [
      'that is an action',
      { method: 'PUT', url: '/v2.0/networks/n1/add_router_interface', payload: {} },
      { action: 'add_router_interface', resource: 'networks', resource_ids: ['n1'] },
    ],
    [
      'of a tag',
      { method: 'DELETE', url: '/v2.0/networks/n1/tags' },
      { action: 'delete tags', resource: 'networks', resource_ids: ['n1'] },
    ],
    [
      'that is refused',
      { method: 'PUT', url: '/v2.0/networks/busy', payload: { network: {} } },
      { status: 409, error: 'NetworkInUse', resource_ids: ['busy'] },
    ],
    [
      'that fails by a mistake of ours',
      { method: 'PUT', url: '/v2.0/networks/bad', payload: { network: {} } },
      { status: 500, error: 'HTTPInternalServerError' },
    ],
    [
      'to nothing',
      { method: 'PUT', url: '/v2.0/nothing', payload: {} },
      { status: 404, error: 'HTTPNotFound', resource_ids: [] },
    ],
    [
      'that is not understood',
      { method: 'POST', url: '/v2.0/networks', payload: [] },
      { status: 400, error: 'HTTPBadRequest' },
    ],
  ])('%s', async (_, call, expected) => {
    expect(await audited(call)).toMatchObject([expected]);
  });

  test('names the operation that it is part of, if that has a name', async () => {
    const id = 'req-01234567-89ab-cdef-0123-456789abcdef';
    const call = (given: string): Call => ({
      method: 'DELETE',
      url: '/v2.0/networks/n1',
      headers: { 'x-auth-token': 'hidden-token', 'x-openstack-request-id': given },
    });
    expect(await audited(call(id))).toMatchObject([{ global_request_id: id }]);
    records = [];
    const [record] = await audited(call('req-"}\n{"forged": 1}'));
    expect(record).not.toHaveProperty('global_request_id');
  });
});

describe('a read', () => {
  test('that is answered is not recorded', async () => {
    expect(await audited({ url: '/v2.0/networks' })).toEqual([]);
  });

  test('that is refused is', async () => {
    expect(await audited({ url: '/v2.0/networks/n1' })).toMatchObject([
      { status: 403, action: 'read', error: 'PolicyNotAuthorized', user_id: 'alice' },
    ]);
  });
});

test('a request of nobody is recorded as that', async () => {
  const [record] = await audited({ url: '/v2.0/networks', headers: { 'x-auth-token': 'hidden' } });
  expect(record).toMatchObject({ status: 401, error: 'HTTPUnauthorized' });
  expect(record).not.toHaveProperty('user_id');
});

test('a user without any role is named', async () => {
  const headers = { 'x-auth-token': 'hidden-bob' };
  expect(await audited({ url: '/v2.0/networks', headers })).toMatchObject([
    { status: 403, error: 'HTTPForbidden', user_id: 'bob' },
  ]);
});
