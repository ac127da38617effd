/**
 * Goal: a project's topology is put as one document: atomically, in one commit, again without
 * effect, by the rules of the ordinary calls; what is shown is what would change nothing.
 * Method: people who are believed what they say they are; two controllers on one Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/api/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, startController } from './world.ts';

/** `X-User` is a project, with `reader:` before it for one who may only look. */
const believing: Authenticator = {
  authenticate: ({ 'x-user': user }) => {
    const [, reader, name = 'admin'] = /^(reader:)?(.*)$/.exec(String(user ?? 'admin')) ?? [];
    const who = { userId: name, projectId: name, isAdmin: name === 'admin' };
    return { ...who, isReadOnly: reader !== undefined };
  },
};

let redis: RedisServer;
let one: Controller;
let two: Controller;

beforeAll(async () => {
  redis = await startRedis();
  one = await startController(redis.address, { authenticator: believing });
  two = await startController(redis.address, { authenticator: believing });
});

afterAll(async () => {
  await one.stop();
  await two.stop();
  await redis.stop();
});

let projects = 0;
const fresh = () => `project-${(projects += 1)}`;

interface Options {
  readonly who?: string;
  readonly query?: string;
  readonly heddle?: Controller;
}

const pathOf = (project: string) => `/v1/projects/${project}/topology`;

function put(project: string, document: object, options: Options = {}) {
  const { who = project, query = '', heddle = one } = options;
  return heddle.call('PUT', `${pathOf(project)}${query}`, document, { 'x-user': who });
}

async function apply(project: string, document: object, options: Options = {}) {
  const answer = await put(project, document, options);
  expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  return answer.body as { revision: number | null; dry_run: boolean; plan: Step[] };
}

async function shown(project: string, who = project) {
  const answer = await one.call('GET', pathOf(project), undefined, { 'x-user': who });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function list(project: string, path: string) {
  const [plural = ''] = path.split('?');
  const answer = await one.call('GET', `/v2.0/${path}`, undefined, { 'x-user': project });
  const items = answer.body[plural.replaceAll('-', '_')] as { id: string; project_id: string }[];
  return items.filter((item) => item.project_id === project);
}

interface Step {
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly id?: string;
  readonly attributes?: object;
}

const said = (plan: readonly Step[]) =>
  plan.map(({ action, kind, name }) => `${action} ${kind} ${name}`);

const TCP = { direction: 'ingress', protocol: 'tcp' };

/** Two networks behind a router, with ports in groups that let each other in. */
const tenant = () => ({
  networks: {
    web: { subnets: { 'web-v4': { ip_version: 4, cidr: '10.0.1.0/24' } } },
    data: {
      mtu: 1400,
      subnets: {
        'data-v4': { ip_version: 4, cidr: '10.0.2.0/24' },
        'data-v6': { ip_version: 6, cidr: 'fd00:2::/64' },
      },
    },
  },
  security_groups: {
    front: {
      description: 'what the world sees',
      rules: [
        { ...TCP, port_range_min: 443, port_range_max: 443 },
        { direction: 'egress' },
      ] as object[],
    },
    back: {
      rules: [{ ...TCP, port_range_min: 5432, port_range_max: 5432, remote_group: 'front' }],
    },
  },
  routers: {
    edge: {
      interfaces: ['web-v4', 'data/data-v4'],
      routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.2.9' }],
    },
  },
  ports: {
    'web-1': {
      network: 'web',
      fixed_ips: [{ subnet: 'web-v4', ip_address: '10.0.1.10' }],
      security_groups: ['front'],
    },
    'data-1': { network: 'data', security_groups: ['back'] },
  },
});

describe('a whole tenant', () => {
  test('is made from nothing in one commit, in the order of what needs what', async () => {
    const project = fresh();
    const before = one.topology.revision;
    const { revision, dry_run, plan } = await apply(project, tenant());
    expect([revision, dry_run]).toEqual([before + 1, false]);
    expect(one.topology.revision).toBe(before + 1);
    expect(said(plan)).toEqual([
      'create network web',
      'create subnet web/web-v4',
      'create network data',
      'create subnet data/data-v4',
      'create subnet data/data-v6',
      'create security_group front',
      'create security_group back',
      'create security_group_rule front: ingress IPv4 tcp 443-443',
      expect.stringMatching('create security_group_rule back: ingress IPv4 tcp 5432-5432'),
      'create port web-1',
      'create port data-1',
      'create router edge',
      'create router_interface edge: web-v4',
      'create router_interface edge: data/data-v4',
    ]);
    const ports = await list(project, 'ports?name=web-1');
    expect(ports).toMatchObject([
      { id: plan[9]?.id, fixed_ips: [{ ip_address: '10.0.1.10' }], project_id: project },
    ]);
    const rules = await list(project, `security-group-rules?security_group_id=${plan[5]?.id}`);
    expect(rules).toHaveLength(2);
    expect(await list(project, 'routers')).toMatchObject([
      { routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.2.9' }] },
    ]);
  });

  test('that is put again changes nothing and makes no revision', async () => {
    const project = fresh();
    await apply(project, tenant());
    const { revision } = one.topology;
    const again = await put(project, tenant());
    expect(again.body).toEqual({ revision: null, dry_run: false, plan: [] });
    expect(again.revision).toBeNaN();
    expect(one.topology.revision).toBe(revision);
  });

  test('is taken away by a document that names nothing', async () => {
    const project = fresh();
    await apply(project, tenant());
    const nothing = { networks: {}, security_groups: {}, routers: {}, ports: {} };
    const { plan } = await apply(project, nothing);
    expect(said(plan)).toEqual([
      'delete port web-1',
      'delete port data-1',
      'update router edge',
      'delete router_interface edge: web-v4',
      'delete router_interface edge: data-v4',
      'delete router edge',
      'delete network web',
      'delete network data',
      'delete security_group front',
      'delete security_group back',
    ]);
    expect(await list(project, 'networks')).toEqual([]);
    expect(await list(project, 'ports')).toEqual([]);
    const groups = await list(project, 'security-groups');
    expect(groups).toMatchObject([{ name: 'default' }]);
    expect((await apply(project, nothing)).plan).toEqual([]);
  });

  test('is shown as the document that changes nothing', async () => {
    const project = fresh();
    await apply(project, tenant());
    const document = await shown(project);
    expect(document.networks.data).toMatchObject({ mtu: 1400 });
    expect(document.ports['web-1']).toMatchObject({
      network: 'web',
      fixed_ips: [{ subnet: 'web-v4', ip_address: '10.0.1.10' }],
      security_groups: ['front'],
    });
    expect(document.security_groups.back.rules).toContainEqual({
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 5432,
      port_range_max: 5432,
      remote_group: 'front',
    });
    expect((await apply(project, document)).plan).toEqual([]);
    const seen = await shown(project, 'admin');
    expect(seen.networks.web).toHaveProperty('provider:segmentation_id');
    expect((await apply(project, seen, { who: 'admin' })).plan).toEqual([]);
  });

  test('that is shown can be made again where it was', async () => {
    const project = fresh();
    await apply(project, tenant());
    const document = await shown(project);
    await apply(project, { networks: {}, security_groups: {}, routers: {}, ports: {} });
    await apply(project, document);
    expect(await shown(project)).toEqual(document);
  });
});

describe('a dry run', () => {
  test('tells the plan and writes nothing', async () => {
    const project = fresh();
    const { revision } = one.topology;
    const dry = await apply(project, tenant(), { query: '?dry_run=true' });
    expect([dry.revision, dry.dry_run, one.topology.revision]).toEqual([null, true, revision]);
    expect(dry.plan.filter(({ id }) => id !== undefined)).toEqual([]);
    const { plan } = await apply(project, tenant(), { query: '?dry_run=false' });
    expect(said(plan).filter((step) => !step.includes('back:'))).toEqual(
      said(dry.plan).filter((step) => !step.includes('back:')),
    );
    expect((await put(project, tenant(), { query: '?dry_run=maybe' })).status).toBe(400);
  });

  test('refuses what the document would be refused for', async () => {
    const document = { ports: { p: { network: 'nowhere' } } };
    const answer = await put(fresh(), document, { query: '?dry_run=true' });
    expect(answer.status).toBe(400);
    expect(answer.body.NeutronError.message).toBe("port 'p': There is no network 'nowhere'");
  });
});

describe('a changed document', () => {
  test('changes what it names otherwise, and leaves what it does not name', async () => {
    const project = fresh();
    await apply(project, tenant());
    const networks = { web: { mtu: 1300, description: 'new' }, data: {} };
    const { plan } = await apply(project, { networks });
    expect(plan).toEqual([
      {
        action: 'update',
        kind: 'network',
        name: 'web',
        id: expect.any(String),
        attributes: { mtu: { from: 1450, to: 1300 }, description: { from: '', to: 'new' } },
      },
    ]);
    expect(await list(project, 'subnets')).toHaveLength(3);
    const rest = { 'web-v4': { enable_dhcp: false, dns_nameservers: ['10.0.1.53'] } };
    const changed = await apply(project, { networks: { web: { subnets: rest }, data: {} } });
    expect(said(changed.plan)).toEqual(['update subnet web/web-v4']);
  });

  test('adds and takes away rules, also of the default group', async () => {
    const project = fresh();
    const document = tenant();
    await apply(project, document);
    document.security_groups.front.rules = [
      { direction: 'egress' },
      { ...TCP, port_range_min: 80, port_range_max: 80, description: 'plain' },
    ];
    const { security_groups } = document;
    expect(said((await apply(project, { security_groups })).plan)).toEqual([
      'delete security_group_rule front: ingress IPv4 tcp 443-443',
      'create security_group_rule front: ingress IPv4 tcp 80-80',
    ]);
    const all = { ...security_groups, default: { rules: [] } };
    const { plan } = await apply(project, { security_groups: all });
    expect(plan.map(({ action }) => action)).toEqual(Array(4).fill('delete'));
    expect((await apply(project, { security_groups: all })).plan).toEqual([]);
    expect((await apply(project, { security_groups })).plan).toEqual([]);
  });

  test('brings a rule back that it took from a group in the commit that made the group', async () => {
    const project = fresh();
    const document = (rules: object[]) => ({ security_groups: { default: { rules } } });
    expect(said((await apply(project, document([]))).plan)).toEqual([
      'create security_group default',
    ]);
    const everything = { direction: 'egress' };
    expect(said((await apply(project, document([everything]))).plan)).toEqual([
      'create security_group_rule default: egress IPv4',
    ]);
  });

  test('moves a port to other groups and another address', async () => {
    const project = fresh();
    await apply(project, tenant());
    const { ports } = tenant();
    const moved = {
      ...ports,
      'web-1': {
        network: 'web',
        fixed_ips: [{ subnet: 'web-v4', ip_address: '10.0.1.11' }],
        security_groups: ['back', 'default'],
      },
    };
    const { plan } = await apply(project, { ports: moved });
    expect(plan).toMatchObject([
      {
        kind: 'port',
        name: 'web-1',
        attributes: {
          security_groups: { from: ['front'], to: ['back', 'default'] },
          fixed_ips: {
            from: [{ subnet: 'web-v4', ip_address: '10.0.1.10' }],
            to: [{ subnet: 'web-v4', ip_address: '10.0.1.11' }],
          },
        },
      },
    ]);
  });

  test('puts a router into subnets and takes it out of others, routes and all', async () => {
    const project = fresh();
    await apply(project, tenant());
    const edge = {
      interfaces: ['web-v4', 'data-v6'],
      routes: [{ destination: '10.8.0.0/16', nexthop: '10.0.1.9' }],
    };
    const { plan } = await apply(project, { routers: { edge } });
    expect(said(plan)).toEqual([
      'update router edge',
      'delete router_interface edge: data-v4',
      'create router_interface edge: data-v6',
      'update router edge',
    ]);
    expect((await apply(project, { routers: { edge } })).plan).toEqual([]);
  });

  test('replaces a subnet by one of the same range, and moves ports out of what goes', async () => {
    const project = fresh();
    const subnet = (cidr: string) => ({ ip_version: 4, cidr });
    const before = {
      networks: { n: { subnets: { a: subnet('10.0.0.0/24'), b: subnet('10.1.0.0/24') } } },
      ports: { p: { network: 'n', fixed_ips: [{ subnet: 'b' }] } },
    };
    await apply(project, before);
    const after = {
      networks: { n: { subnets: { c: subnet('10.0.0.0/16') } } },
      ports: { p: { network: 'n', fixed_ips: [{ subnet: 'c' }] } },
    };
    expect(said((await apply(project, after)).plan)).toEqual([
      'delete subnet n/a',
      'create subnet n/c',
      'update port p',
      'delete subnet n/b',
    ]);
    expect((await apply(project, after)).plan).toEqual([]);
  });

  test('makes and takes away a gateway', async () => {
    const project = fresh();
    const outside = `outside-${project}`;
    await apply('admin', {
      networks: {
        [outside]: {
          'router:external': true,
          subnets: { pub: { ip_version: 4, cidr: '203.0.113.0/24' } },
        },
      },
    });
    const id = (await list('admin', `networks?name=${outside}`))[0]?.id;
    const router = { external_gateway_info: { network: id } };
    await apply(project, { routers: { r: router } });
    expect((await apply(project, { routers: { r: router } })).plan).toEqual([]);
    expect((await shown(project)).routers.r).toMatchObject(router);
    const without = { routers: { r: { external_gateway_info: null } } };
    expect((await apply(project, without)).plan).toMatchObject([
      { attributes: { external_gateway_info: { from: { network: id }, to: null } } },
    ]);
  });
});

describe('what cannot be had', () => {
  test('takes all of the document with it', async () => {
    const project = fresh();
    const { revision } = one.topology;
    const document = {
      ...tenant(),
      ports: { bad: { network: 'web', fixed_ips: [{ ip_address: '192.0.2.1' }] } },
    };
    const answer = await put(project, document);
    expect([answer.status, answer.error]).toEqual([400, 'InvalidIpForNetwork']);
    expect(answer.body.NeutronError.message).toMatch(/^port 'bad': /);
    expect(one.topology.revision).toBe(revision);
    expect((await shown(project)).networks).toEqual({});
  });

  test('is to change what cannot be changed', async () => {
    const project = fresh();
    await apply(project, tenant());
    const networks = tenant().networks;
    networks.web.subnets['web-v4'].cidr = '10.0.7.0/24';
    const answer = await put(project, { networks });
    expect([answer.status, answer.error]).toEqual([409, 'ImmutableAttribute']);
    expect(answer.body.NeutronError.message).toMatch(/subnet 'web\/web-v4': .*cidr.*delete/);
    const ports = { 'web-1': { network: 'data' } };
    const moved = await put(project, { ports });
    expect(moved.error).toBe('ImmutableAttribute');
  });

  test('is what others use', async () => {
    const project = fresh();
    await apply(project, tenant());
    const answer = await put(project, { networks: {} });
    expect([answer.status, answer.error]).toEqual([409, 'NetworkInUse']);
    const groups = await put(project, { security_groups: {} });
    expect([groups.status, groups.error]).toEqual([409, 'SecurityGroupInUse']);
  });

  test('is one of two of a name, but each of them by its id', async () => {
    const project = fresh();
    const make = () =>
      one.call('POST', '/v2.0/networks', { network: { name: 'twin' } }, { 'x-user': project });
    const ids = [(await make()).body.network.id, (await make()).body.network.id];
    const answer = await put(project, { networks: { twin: {} } });
    expect([answer.status, answer.error]).toEqual([409, 'AmbiguousName']);
    const document = await shown(project);
    expect(new Set(Object.keys(document.networks))).toEqual(new Set(ids));
    expect((await apply(project, document)).plan).toEqual([]);
  });

  test('is more than one commit holds', async () => {
    const names = Array.from({ length: 2100 }, (_, at) => [`n${at}`, {}]);
    const answer = await put(fresh(), { networks: Object.fromEntries(names) });
    expect([answer.status, answer.error]).toEqual([400, 'HTTPBadRequest']);
    expect(answer.body.NeutronError.message).toContain('at most 2000');
  });

  test.each([
    [[]],
    [{ nets: {} }],
    [{ networks: [] }],
    [{ networks: { '': {} } }],
    [{ networks: { n: 1 } }],
    [{ networks: { n: { project_id: 'x' } } }],
    [{ networks: { n: { nonsense: 1 } } }],
    [{ networks: { n: { subnets: [] } } }],
    [{ networks: { n: { subnets: { s: { ip_version: 4, cidr: 'x' } } } } }],
    [{ networks: { '3f0e6a52-7a61-4a3e-9a2b-0d3a0f3c2b11': {} } }],
    [{ security_groups: { g: { rules: {} } } }],
    [{ security_groups: { g: { rules: [1] } } }],
    [{ security_groups: { g: { rules: [{ ...TCP, remote_group: 'x' }] } } }],
    [{ routers: { r: { interfaces: 'x' } } }],
    [{ routers: { r: { interfaces: [{}] } } }],
    [{ routers: { r: { interfaces: ['x'] } } }],
    [{ routers: { r: { external_gateway_info: { network: 1 } } } }],
    [{ ports: { p: {} } }],
    [{ ports: { p: { network: {} } } }],
    [{ ports: { p: { network: 'x', network_id: 'x' } } }],
  ])('is %j', async (document) => {
    const answer = await put(fresh(), document as object);
    expect([answer.status, typeof answer.error]).toEqual([400, 'string']);
  });
});

describe('who may', () => {
  test('look: the project, its readers and operators; put: no readers', async () => {
    const project = fresh();
    await apply(project, tenant());
    expect((await shown(project, `reader:${project}`)).networks).toHaveProperty('web');
    const reader = await put(project, tenant(), { who: `reader:${project}` });
    expect([reader.status, reader.error]).toEqual([403, 'PolicyNotAuthorized']);
    const dry = { who: `reader:${project}`, query: '?dry_run=true' };
    expect((await put(project, tenant(), dry)).status).toBe(403);
    const stranger = await one.call('GET', pathOf(project), undefined, { 'x-user': 'mallory' });
    expect([stranger.status, stranger.error]).toEqual([404, 'ProjectNotFound']);
    expect((await put(project, {}, { who: 'mallory' })).status).toBe(404);
  });

  test('say what only operators say is refused, operators make what is the project’s', async () => {
    const project = fresh();
    const document = { networks: { n: { 'provider:segmentation_id': 4242 } } };
    const refused = await put(project, document);
    expect([refused.status, refused.error]).toEqual([403, 'PolicyNotAuthorized']);
    expect((await apply(project, document, { who: 'admin' })).plan).toHaveLength(1);
    expect(await list(project, 'networks')).toMatchObject([{ name: 'n', project_id: project }]);
    // Nobody learns what they may not see by asking whether it is so.
    expect((await put(project, document)).error).toBe('ImmutableAttribute');
  });
});

describe('two controllers', () => {
  test('that are given one document make it once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const project = fresh();
      // A project that has its default group has nothing that both would have to make.
      if (round > 0) await list(project, 'security-groups');
      const answers = await Promise.all(
        [one, two, one, two].map((heddle) => put(project, tenant(), { heddle })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const plans = answers.map(({ body }) => body.plan.length).sort((a, b) => b - a);
      expect([plans[0], ...new Set(plans.slice(1))]).toEqual([14, 0]);
      expect(await list(project, 'networks')).toHaveLength(2);
      expect((await apply(project, tenant(), { heddle: two })).plan).toEqual([]);
    }
  });

  test('see at once what the other was given', async () => {
    const project = fresh();
    const empty = { networks: {} };
    const { networks } = tenant();
    for (let round = 0; round < 5; round += 1) {
      expect((await apply(project, { networks }, { heddle: one })).plan).toHaveLength(5);
      expect((await apply(project, empty, { heddle: two })).plan).toHaveLength(2);
    }
  });
});
