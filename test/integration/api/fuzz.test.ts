/**
 * Goal: no call of any route that the document names gets a fault, a stack trace or a late answer,
 * and every answer has a status that the document names.
 * Method: walks /openapi.json and sends every operation values made of its own schemas, with
 * hostile ones among them, and each hostile one in each place of each body; seeded; real Redis.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import {
  HOSTILE,
  hostile,
  openBodies,
  type Schema,
  type SchemaContext,
  valueFor,
} from '../../support/schema-arbitrary.ts';
import { type Controller, makeSegment, startController } from './world.ts';

const SEED = 20_260_101;
/** Divided among the operations. */
const CALLS = 5_000;
/** Divided among the places of all bodies, in turn; a few places get every value. */
const PLACED_CALLS = 8_000;
const ANSWER_MS_MAX = 5_000;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly statuses: readonly number[];
}

interface Call {
  readonly method: Operation['method'];
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload?: string;
}

/** The id of one resource of each kind, by the word that stands before it in paths. */
type Things = Readonly<Record<string, string>>;

let redis: RedisServer;
let heddle: Controller;
let operations: readonly Operation[];
let context: SchemaContext;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const api = (await heddle.app.inject({ url: '/openapi.json' })).json();
  const resolve = (value: Schema): Schema => follow(api, value);
  operations = Object.entries(api.paths as Record<string, Record<string, Schema>>).flatMap(
    ([path, item]) =>
      Object.entries(item).map(([method, operation]) =>
        readOperation({ path, method, operation }, resolve),
      ),
  );
  context = { resolve, ids: Object.values(await makeThings()) };
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

function follow(api: Schema, value: Schema): Schema {
  const { $ref } = value as { $ref?: string };
  if ($ref === undefined) return value;
  const names = $ref.split('/').slice(1);
  const found = names.reduce<unknown>((node, name) => (node as Schema)[name], api);
  if (found === undefined) throw new Error(`${$ref} leads nowhere`);
  return found as Schema;
}

function readOperation(
  { path, method, operation }: { path: string; method: string; operation: Schema },
  resolve: SchemaContext['resolve'],
): Operation {
  const {
    parameters = [],
    requestBody,
    responses,
  } = operation as {
    parameters?: readonly Schema[];
    requestBody?: { content: Record<string, { schema: Schema }> };
    responses: object;
  };
  return {
    method: method.toUpperCase() as Operation['method'],
    path,
    parameters: parameters.map(resolve) as unknown as Parameter[],
    body: requestBody?.content['application/json']?.schema,
    statuses: Object.keys(responses).map(Number),
  };
}

/** Something to name, to change and to delete. */
async function makeThings(): Promise<Things> {
  const { network, subnet } = await makeSegment(heddle);
  const port = await heddle.make('port', { network_id: network.id });
  const target = { object_type: 'network', object_id: network.id, action: 'access_as_shared' };
  const body = { rbac_policy: { ...target, target_tenant: crypto.randomUUID() } };
  const policy = (await heddle.call('POST', '/v2.0/rbac-policies', body)).body.rbac_policy;
  const ids = { networks: network.id, subnets: subnet.id, ports: port.id };
  const more = { ...(await makeShared()), ...(await makeLayer3(network.id, subnet.id)) };
  return { ...ids, 'rbac-policies': policy.id, ...more };
}

/** A POST under `/v2.0/`: the id of what it made. */
async function idOf(path: string, singular: string, attributes: object = {}): Promise<string> {
  const answer = await heddle.call('POST', `/v2.0/${path}`, { [singular]: attributes });
  if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body[singular].id;
}

/** What others refer to: groups, pools, scopes, policies, labels, flavors; and a log. */
async function makeShared(): Promise<Things> {
  const group = await idOf('security-groups', 'security_group');
  const rule = { security_group_id: group, direction: 'ingress', protocol: 'tcp' };
  const templates = await heddle.call('GET', '/v2.0/default-security-group-rules?fields=id');
  const [template] = templates.body.default_security_group_rules;
  const scope = { ip_version: 4 };
  const pool = { name: 'fuzz', prefixes: ['10.96.0.0/12'], default_prefixlen: 24 };
  const qos = await idOf('qos/policies', 'policy');
  const label = await idOf('metering/metering-labels', 'metering_label');
  const count = {
    metering_label_id: label,
    direction: 'ingress',
    remote_ip_prefix: '10.0.0.0/8',
  };
  const limit = { max_kbps: 1000 };
  return {
    'security-groups': group,
    'security-group-rules': await idOf('security-group-rules', 'security_group_rule', rule),
    'default-security-group-rules': template?.id ?? group,
    'address-groups': await idOf('address-groups', 'address_group'),
    'address-scopes': await idOf('address-scopes', 'address_scope', scope),
    subnetpools: await idOf('subnetpools', 'subnetpool', pool),
    policies: qos,
    bandwidth_limit_rules: await idOf(
      `qos/policies/${qos}/bandwidth_limit_rules`,
      'bandwidth_limit_rule',
      limit,
    ),
    'metering-labels': label,
    'metering-label-rules': await idOf(
      'metering/metering-label-rules',
      'metering_label_rule',
      count,
    ),
    logs: await idOf('log/logs', 'log', { resource_type: 'security_group' }),
    flavors: await idOf('flavors', 'flavor', { service_type: 'L3_ROUTER_NAT' }),
    service_profiles: await idOf('service_profiles', 'service_profile', { metainfo: '{}' }),
  };
}

/** A router between an external network and a subnet, and what leads through it. */
async function makeLayer3(networkId: string, subnetId: string): Promise<Things> {
  const outside = await idOf('networks', 'network', { 'router:external': true });
  const where = { network_id: outside, ip_version: 4, cidr: '203.0.113.0/24' };
  await idOf('subnets', 'subnet', where);
  const gateway = { external_gateway_info: { network_id: outside } };
  const router = await idOf('routers', 'router', gateway);
  await heddle.call('PUT', `/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnetId });
  const [port, parent] = [
    await idOf('ports', 'port', { network_id: networkId }),
    await idOf('ports', 'port', { network_id: networkId }),
  ];
  const fip = await idOf('floatingips', 'floatingip', { floating_network_id: outside });
  const inside = (await heddle.call('GET', `/v2.0/ports/${port}`)).body.port.fixed_ips[0];
  const forwarding = {
    protocol: 'tcp',
    external_port: 80,
    internal_port: 80,
    internal_port_id: port,
    internal_ip_address: inside.ip_address,
  };
  const helper = { protocol: 'udp', port: 69, helper: 'tftp' };
  return {
    routers: router,
    floatingips: fip,
    port_forwardings: await idOf(
      `floatingips/${fip}/port_forwardings`,
      'port_forwarding',
      forwarding,
    ),
    conntrack_helpers: await idOf(
      `routers/${router}/conntrack_helpers`,
      'conntrack_helper',
      helper,
    ),
    trunks: await idOf('trunks', 'trunk', { port_id: parent }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const unknownId = fc.uuid();

function callFor(operation: Operation): fc.Arbitrary<Call> {
  const { method, path, parameters, body } = operation;
  const hostileText = hostile.map((value) => textOf(value).slice(0, 300));
  const id = fc.oneof(fc.constantFrom(...context.ids, 'default'), unknownId, hostileText);
  const text = (schema: Schema) =>
    valueFor(schema, context).map((value) => [value].flat().map(textOf));
  const given = parameters.map((parameter) =>
    parameter.in === 'path'
      ? id.map((value) => [value])
      : fc.option(text(parameter.schema), { freq: 4, nil: [] }),
  );
  const stray = fc.option(fc.tuple(hostileText, hostileText), { freq: 20 });
  const payload = body === undefined ? fc.constant(undefined) : valueFor(body, context);
  return fc.tuple(fc.tuple(...given), stray, payload).map(([values, odd, value]) => {
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    let url = path;
    for (const [at, { name, in: where }] of parameters.entries()) {
      for (const one of values[at] ?? []) {
        if (where === 'path') url = url.replace(`{${name}}`, encode(one));
        else if (where === 'query') query.append(name, one.slice(0, 300));
        else headers[name.toLowerCase()] = one.replaceAll(/[^ -~]/g, '?').slice(0, 300);
      }
    }
    if (odd !== null) query.append(...odd);
    const tail = query.size > 0 ? `?${query.toString()}` : '';
    if (value === undefined) return { method, url: url + tail, headers };
    headers['content-type'] = 'application/json';
    return { method, url: url + tail, headers, payload: JSON.stringify(value) };
  });
}

function placesOf(operation: Operation) {
  const { body } = operation;
  const bodies = body === undefined ? [] : [...openBodies(body, context)];
  return bodies.map((fill) => ({ operation, fill }));
}

function bodyCall({ method, path }: Operation, things: Things, body: unknown): Call {
  const idIn = (plural: string): string => things[plural.replace('alias_', '')] ?? 'anything';
  const url = path.replaceAll(/([^/]+)\/\{\w+\}/g, (_, plural) => `${plural}/${idIn(plural)}`);
  const headers = { 'content-type': 'application/json' };
  return { method, url, headers, payload: JSON.stringify(body) };
}

/** Half of a character cannot be written into a path at all. */
function encode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?'));
}

async function send({ method, url, headers, payload }: Call) {
  const answer = await heddle.app.inject({
    method,
    url,
    headers,
    payloadAsStream: true,
    ...(payload === undefined ? {} : { payload }),
  });
  const stream = answer.stream();
  const { statusCode: status } = answer;
  if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
    stream.destroy();
    return { status, text: '' };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return { status, text: Buffer.concat(chunks).toString('utf8') };
}

/** Paths that no route takes any more, once a parameter is empty or a word of another route. */
const OTHER_ROUTES = [400, 404, 405];

function check(operation: Operation, { status, text }: { status: number; text: string }): void {
  expect(status).not.toBe(500);
  expect([...operation.statuses, ...OTHER_ROUTES]).toContain(status);
  expect(text).not.toMatch(/\bat .+\.[jt]s:\d+|node:internal|\/src\//);
  if (status < 400) return;
  const { NeutronError } = JSON.parse(text);
  expect(NeutronError).toEqual({
    type: expect.stringMatching(/^\w+$/),
    message: expect.any(String),
    detail: '',
  });
}

test('the document names every kind of call', () => {
  const kinds = new Set(operations.map(({ method, path }) => `${method} ${path}`));
  for (const kind of ['POST /v2.0/ports', 'PUT /v2.0/networks/{id}/tags', 'GET /v1/events']) {
    expect(kinds).toContain(kind);
  }
  expect(operations.length).toBeGreaterThan(40);
});

describe('thousands of hostile calls', () => {
  test('with something hostile in each place are refused or taken', {
    timeout: 600_000,
  }, async () => {
    const places = operations.flatMap((operation) => placesOf(operation));
    const perPlace = Math.min(HOSTILE.length, Math.ceil(PLACED_CALLS / places.length));
    const things = await makeThings();
    for (const [at, { operation, fill }] of places.entries()) {
      for (let nth = 0; nth < perPlace; nth++) {
        const value = HOSTILE[(at * perPlace + nth) % HOSTILE.length];
        check(operation, await send(bodyCall(operation, things, fill(value))));
      }
    }
    expect(places.length).toBeGreaterThan(100);
  });

  test('cost nobody but their senders anything', { timeout: 600_000 }, async () => {
    let calls = 0;
    for (const operation of operations) {
      // Earlier operations may have deleted what there was.
      context = { ...context, ids: Object.values(await makeThings()) };
      const property = fc.asyncProperty(callFor(operation), async (call) => {
        const begun = performance.now();
        check(operation, await send(call));
        calls += 1;
        expect(performance.now() - begun).toBeLessThan(ANSWER_MS_MAX);
      });
      await fc.assert(property, { numRuns: Math.ceil(CALLS / operations.length), seed: SEED });
    }
    expect(calls).toBeGreaterThanOrEqual(CALLS);
  });

  test('and a good call works afterwards', async () => {
    const { network } = await makeSegment(heddle);
    const port = await heddle.make('port', { network_id: network.id });
    expect(port.fixed_ips).toHaveLength(1);
  });
});
