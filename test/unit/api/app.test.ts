/**
 * Goal: the HTTP layer turns everything into the answers that Neutron's clients expect.
 * Method: inject() with collections that only refuse or fail; nothing here needs a store.
 */
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type ApiBackend,
  buildApp,
  type Collection,
  noAuthentication,
} from '../../../src/api/index.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { intentError } from '../../../src/topology/index.ts';
import { OWNED } from '../../../src/topology/validate/attributes.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const broken = (singular: string): Collection => ({
  singular,
  plural: `${singular}s`,
  path: `/v2.0/${singular}s`,
  kind: singular,
  without: [],
  parent: undefined,
  actions: [],
  views: [],
  links: {},
  view: () => Promise.reject(new Error('no view')),
  link: () => Promise.reject(new Error('no links')),
  unlink: () => Promise.reject(new Error('no links')),
  act: () => Promise.reject(new Error('no action')),
  tag: () => Promise.reject(new Error('no tags')),
  untag: () => Promise.reject(new Error('no tags')),
  checkTag: () => Promise.reject(new Error('no tags')),
  attributes: { id: OWNED.id },
  create: () => Promise.reject(intentError('ServiceUnavailable', { msg: 'away' })),
  show: (id) => {
    throw intentError('NetworkNotFound', { net_id: id });
  },
  find: () => undefined,
  list: () => {
    throw new Error('secret of the inside');
  },
  update: () => Promise.reject(new TypeError('secret of the inside')),
  delete: (id) => Promise.reject(intentError('SubnetInUse', { subnet_id: id, reason: 'r' })),
});

const backend: ApiBackend = {
  collections: [broken('network'), broken('subnet'), broken('port')],
  readings: [],
  ties: [],
  quotas: {} as ApiBackend['quotas'],
  autoTopologies: {} as ApiBackend['autoTopologies'],
  portBindings: {} as ApiBackend['portBindings'],
  topologies: {} as ApiBackend['topologies'],
  catchUp: async () => {},
  ruleStats: {} as ApiBackend['ruleStats'],
  operations: {
    health: () => ({ storeReachable: false, revision: 7 }),
    hosts: () => [],
    trace: async () => ({}),
    waitRealized: async (revision, waitMs) => ({
      realized: revision <= 7,
      lagging: [`after ${waitMs} ms`],
    }),
    waitTouched: async () => ({ realized: true, lagging: [] }),
    watch: () => undefined,
    watchConnections: () => () => {},
  },
};

let app: FastifyInstance;
beforeAll(async () => {
  app = buildApp({
    backend,
    clock: new VirtualClock(),
    random: systemRandom,
    log: nullLogger,
    authenticator: noAuthentication,
  });
  await app.ready();
});
afterAll(() => app.close());

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: string) {
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  const body = answer.body === '' ? undefined : answer.json();
  return { status: answer.statusCode, headers: answer.headers, body, text: answer.body };
}

describe('a refusal', () => {
  test('has the status, type and message of its row', async () => {
    const answer = await call('GET', '/v2.0/networks/abc');
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      NeutronError: {
        type: 'NetworkNotFound',
        message: 'Network abc could not be found.',
        detail: '',
      },
    });
    expect((await call('DELETE', '/v2.0/subnets/abc')).status).toBe(409);
  });

  test('by an absent store says when to come back', async () => {
    const answer = await call('POST', '/v2.0/networks', '{"network":{}}');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.body.NeutronError).toMatchObject({ type: 'ServiceUnavailable', message: 'away' });
  });

  test.each<['POST' | 'PUT' | 'DELETE', string, string]>([
    ['DELETE', '/v2.0/ports?id=1', 'GET, HEAD, POST'],
    ['POST', '/v2.0/networks/abc', 'DELETE, GET, HEAD, PUT'],
    ['PUT', '/v1/hosts', 'GET, HEAD'],
  ])('of %s %s says what the path takes', async (method, url, allow) => {
    const answer = await call(method, url, '{}');
    expect(answer.status).toBe(405);
    expect(answer.body.NeutronError.type).toBe('HTTPMethodNotAllowed');
    expect(String(answer.headers['allow']).split(', ').toSorted().join(', ')).toBe(allow);
  });

  test.each(['/v2.0/nothing', '/v2.0/ports/a/b', '/v3'])(
    'of %s knows no such path',
    async (url) => {
      const answer = await call('PUT', url, '{}');
      expect([answer.status, answer.body.NeutronError.type]).toEqual([404, 'HTTPNotFound']);
    },
  );

  test('for a mistake of ours shows nothing of the inside', async () => {
    for (const answer of [
      await call('GET', '/v2.0/ports'),
      await call('PUT', '/v2.0/ports/x', '{"port":{}}'),
    ]) {
      expect(answer.status).toBe(500);
      expect(answer.body.NeutronError.type).toBe('HTTPInternalServerError');
      expect(answer.text).not.toContain('secret');
    }
  });
});

describe('a body', () => {
  test.each([
    ['{', 400],
    ['[]', 400],
    ['null', 400],
    ['"x"', 400],
    ['{}', 400],
    ['{"ports":[]}', 400],
    ['{"ports":{}}', 400],
    ['{"port":{"__proto__":{"a":1}}}', 400],
    ['{"port":{"constructor":{"prototype":{"a":1}}}}', 400],
    [`{"port":${'['.repeat(100)}${']'.repeat(100)}}`, 400],
    [`{"port":{"name":"${'x'.repeat(2 ** 20)}"}}`, 413],
    [`{"ports":[${'{},'.repeat(1000)}{}]}`, 400],
  ])('that is malformed in way %# gets its own status', async (payload, status) => {
    const answer = await call('POST', '/v2.0/ports', payload);
    expect(answer.status).toBe(status);
    expect(answer.body.NeutronError.message).not.toBe('');
  });

  test('that is not JSON by its content type gets 415', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v2.0/ports',
      headers: { 'content-type': 'text/plain' },
      payload: '{"port":{}}',
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().NeutronError.type).toBe('HTTPUnsupportedMediaType');
  });

  test('that is empty does not disturb a DELETE', async () => {
    const answer = await app.inject({
      method: 'DELETE',
      url: '/v2.0/subnets/x',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.json().NeutronError.type).toBe('SubnetInUse');
  });
});

describe('discovery', () => {
  test('gives the version and its resources under the host that was asked', async () => {
    const root = await app.inject({ url: '/', headers: { host: 'net.example:9696' } });
    const [version] = root.json().versions;
    expect(version).toMatchObject({ id: 'v2.0', status: 'CURRENT' });
    expect(version.links[0].href).toBe('http://net.example:9696/v2.0/');
    const resources = (await call('GET', '/v2.0/')).body.resources as { collection: string }[];
    expect(resources.map(({ collection }) => collection)).toEqual([
      'networks',
      'subnets',
      'subnetpools',
      'ports',
      'routers',
      'floatingips',
    ]);
    expect((await call('GET', '/v2.0')).status).toBe(200);
  });

  test('lists extensions and shows one', async () => {
    const aliases = (
      (await call('GET', '/v2.0/extensions')).body.extensions as { alias: string }[]
    ).map(({ alias }) => alias);
    expect(aliases).toContain('binding');
    expect(new Set(aliases).size).toBe(aliases.length);
    expect((await call('GET', '/v2.0/extensions/binding')).body.extension.name).toBe(
      'Port Binding',
    );
    const absent = await call('GET', '/v2.0/extensions/absent');
    expect(absent.body.NeutronError.type).toBe('ExtensionNotFound');
  });

  test('of nothing is 404', async () => {
    const answer = await call('GET', '/v2.0/nothing');
    expect([answer.status, answer.body.NeutronError.type]).toEqual([404, 'HTTPNotFound']);
  });
});

describe('operators', () => {
  test('see the health of the store', async () => {
    const answer = await call('GET', '/v1/health');
    expect(answer.body).toMatchObject({ store_reachable: false, revision: 7 });
  });

  test('wait for a revision, the current one unless they name it', async () => {
    expect((await call('GET', '/v1/realized')).body).toEqual({ revision: 7, realized: true });
    expect((await call('GET', '/v1/realized?revision=8&wait=2')).body).toEqual({
      revision: 8,
      realized: false,
      lagging: ['after 2000 ms'],
    });
  });

  test.each(['revision=-1', 'revision=x', 'wait=61', 'wait=1&wait=2', 'revision=1e3'])(
    'are refused %s',
    async (query) => {
      expect((await call('GET', `/v1/realized?${query}`)).status).toBe(400);
    },
  );
});

test('a wait ends when its client has gone, and when the application closes', async () => {
  const signals: AbortSignal[] = [];
  const operations: ApiBackend['operations'] = {
    ...backend.operations,
    waitRealized: (_revision, _waitMs, signal) => {
      signals.push(signal);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ realized: false, lagging: ['h'] }));
      });
    },
  };
  const waiting = buildApp({
    backend: { ...backend, operations },
    clock: new VirtualClock(),
    random: systemRandom,
    log: nullLogger,
    authenticator: noAuthentication,
  });
  const address = await waiting.listen({ host: '127.0.0.1', port: 0 });
  const url = `${address}/v1/realized?revision=9&wait=60`;

  const client = new AbortController();
  const given = fetch(url, { signal: client.signal });
  await vi.waitUntil(() => signals.length === 1);
  client.abort();
  await expect(given).rejects.toThrow();
  await vi.waitUntil(() => signals[0]?.aborted);

  const kept = fetch(url);
  await vi.waitUntil(() => signals.length === 2);
  const closed = waiting.close();
  expect(await (await kept).json()).toEqual({ revision: 9, realized: false, lagging: ['h'] });
  await closed;
});

test('a project id that is none is refused, not replaced', async () => {
  const headers = { 'x-project-id': 'a b' };
  expect((await app.inject({ url: '/v2.0', headers })).statusCode).toBe(400);
});
