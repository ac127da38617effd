/** Controllers without hosts for the API's tests: real Redis, real replicas, no listening socket. */
import type { FastifyInstance } from 'fastify';
import {
  type AuditLog,
  type Authenticator,
  buildApp,
  type Limits,
  noAuthentication,
} from '../../../src/api/index.ts';
import { EventLog } from '../../../src/controller/event-log.ts';
import { RuleStats } from '../../../src/controller/hits/rule-stats.ts';
import type { HostSight } from '../../../src/controller/neutron/agents.ts';
import { createNeutron, NO_QUOTAS } from '../../../src/controller/neutron/index.ts';
import type { SwitchSight } from '../../../src/controller/trace/switches.ts';
import { Tracer } from '../../../src/controller/trace/tracer.ts';
import { nullLogger as log } from '../../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../../src/lib/system.ts';
import { type RedisAddress, Store } from '../../../src/store/index.ts';
import { DEFAULT_DNS_DOMAIN, type HostLimits, Topology } from '../../../src/topology/index.ts';

type Headers = Readonly<Record<string, string>>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Options {
  readonly region?: string;
  readonly controllerId?: string;
  readonly quotaDefaults?: typeof NO_QUOTAS;
  readonly dnsDomain?: string;
  readonly hostLimits?: HostLimits;
  readonly hosts?: () => readonly HostSight[];
  readonly authenticator?: Authenticator;
  readonly audit?: AuditLog;
  readonly limits?: Limits;
}

/** Of a controller that has no hosts, a trace takes the desired state for the real one. */
const NO_SWITCHES: SwitchSight = {
  units: () => undefined,
  look: () => Promise.reject(new Error('there are no switches here')),
};

/** One controller: its own store connection, replica and API. */
export async function startController(redis: RedisAddress, options: Options = {}) {
  const {
    region = 'test',
    controllerId = 'c1',
    quotaDefaults = NO_QUOTAS,
    dnsDomain = DEFAULT_DNS_DOMAIN,
    hostLimits,
    hosts = () => [],
    ...http
  } = options;
  const topology = new Topology();
  const events = new EventLog(topology);
  const store = await Store.open({ redis, region, clock, random, log });
  await store.subscribe({
    snapshot: (revision, records) => {
      topology.load(revision, records);
      events.reset();
    },
    change: (change) => {
      const tell = events.observe(change);
      topology.apply(change);
      tell();
    },
  });
  const tracer = new Tracer(topology, NO_SWITCHES);
  const operations = {
    health: () => ({ storeReachable: store.available, revision: topology.revision }),
    hosts: () => [],
    trace: tracer.trace.bind(tracer),
    waitRealized: () => Promise.resolve({ realized: true, lagging: [] }),
    waitTouched: () => Promise.resolve({ realized: true, lagging: [] }),
    watch: events.watch.bind(events),
    watchConnections: () => () => {},
  };
  const neutron = createNeutron({
    topology,
    store,
    clock,
    random,
    quotaDefaults,
    dnsDomain,
    hostLimits,
    hosts,
    self: { region, controllerId, startedAt: clock.wallTimeMs() },
  });
  const keeper = { refresh: () => Promise.resolve() };
  const ruleStats = new RuleStats({ topology, store, clock, keeper });
  const app = buildApp({
    backend: { ...neutron, operations, ruleStats },
    clock,
    random,
    log,
    authenticator: noAuthentication,
    ...http,
  });
  await app.ready();
  return {
    app,
    topology,
    store,
    call: (method: Method, path: string, body?: object, headers: Headers = {}) =>
      call(app, { method, path, body, headers }),
    /** Creates a resource; anything but 201 fails the test. */
    make: (singular: string, attributes: object = {}) => make(app, singular, attributes),
    stop: async () => {
      await app.close();
      await store.close();
    },
  };
}

export type Controller = Awaited<ReturnType<typeof startController>>;
export type Answer = Awaited<ReturnType<typeof call>>;

interface Request {
  readonly method: Method;
  readonly path: string;
  readonly body: object | undefined;
  readonly headers?: Headers;
}

async function call(app: FastifyInstance, { method, path, body, headers = {} }: Request) {
  const payload = body ? { payload: body } : {};
  const answer = await app.inject({ method, url: path, headers, ...payload });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? undefined : answer.json(),
    /** The type of the refusal, if it is one. */
    error: answer.statusCode < 400 ? undefined : String(answer.json().NeutronError.type),
    revision: Number(answer.headers['x-heddle-revision']),
  };
}

async function make(app: FastifyInstance, singular: string, attributes: object) {
  const path = `/v2.0/${singular.replaceAll('_', '-')}s`;
  const request = { method: 'POST', path, body: { [singular]: attributes } };
  const answer = await call(app, request as Request);
  if (answer.status !== 201) throw new Error(`${singular}: ${JSON.stringify(answer.body)}`);
  return answer.body[singular];
}

/** A network with one IPv4 subnet. */
export async function makeSegment(controller: Controller, cidr = '10.0.0.0/24') {
  const network = await controller.make('network');
  const subnet = await controller.make('subnet', { network_id: network.id, ip_version: 4, cidr });
  return { network, subnet };
}
