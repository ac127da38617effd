/**
 * Goal: whatever document was applied, what is shown changes nothing when it is put, and makes the
 * same again where there was nothing; a document over another is applied whole, or not at all.
 * Method: random documents of few names, one over the other; seeded; real Redis.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, startController } from './world.ts';

const SEED = 20_260_202;
const RUNS = 60;

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

const SLAAC = { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' };
/** What a subnet may be: the name says it, so that it never has to change. */
const SUBNETS: Readonly<Record<string, object>> = {
  four: { ip_version: 4, cidr: '10.0.0.0/24' },
  other: { ip_version: 4, cidr: '10.0.1.0/24' },
  six: { ip_version: 6, cidr: 'fd00::/64' },
  auto: { ip_version: 6, cidr: 'fd00:1::/64', ...SLAAC },
};

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const entries = <T>(names: readonly string[], value: (name: string) => fc.Arbitrary<T>) =>
  fc
    .tuple(...names.map((name) => some(value(name).map((entry) => [name, entry] as const))))
    .map((pairs) => Object.fromEntries(pairs.filter((pair) => pair !== undefined)));
const defined = (entry: object) =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));

const network = fc
  .record({
    mtu: some(fc.constantFrom(0, 1300, 1400)),
    admin_state_up: some(fc.boolean()),
    subnets: entries(Object.keys(SUBNETS), (name) =>
      some(fc.constantFrom('', 'new')).map((description) =>
        defined({ ...SUBNETS[name], description }),
      ),
    ),
  })
  .map(defined);

const rule = fc
  .record({
    direction: fc.constantFrom('ingress', 'egress'),
    ethertype: fc.constantFrom('IPv4', 'IPv6'),
    protocol: some(fc.constantFrom('tcp', 'icmp')),
    remote_group: some(fc.constant('default')),
  })
  .map(defined);

const group = fc
  .record({
    description: some(fc.constantFrom('', 'x')),
    rules: some(fc.uniqueArray(rule, { maxLength: 4, selector: (item) => JSON.stringify(item) })),
  })
  .map(defined);

const NETWORKS = ['a', 'b'];

const document = fc
  .record({
    networks: entries(NETWORKS, () => network),
    security_groups: entries(['default', 'g', 'h'], () => group),
  })
  .chain(({ networks, security_groups }) => {
    const names = Object.keys(networks);
    const of = (name: string) => Object.keys(networks[name]?.['subnets'] ?? {});
    const groups = fc.subarray(['default', ...Object.keys(security_groups)]);
    const port = (at: string) =>
      fc
        .record({
          network: fc.constantFrom(
            ...names.slice(Number(at) % Math.max(names.length, 1)),
            ...names,
          ),
          security_groups: some(groups.map((list) => [...new Set(list)])),
          allowed_address_pairs: some(fc.constant([{ ip_address: '10.9.9.9' }])),
        })
        .map(defined);
    // One network alone: those of both overlap.
    const near = names[0] === undefined ? [] : of(names[0]).filter((name) => name !== 'auto');
    const interfaces = fc.subarray(near.map((name) => `${names[0]}/${name}`));
    return fc.record({
      networks: fc.constant(networks),
      security_groups: fc.constant(security_groups),
      ports: names.length === 0 ? fc.constant({}) : entries(['0', '1', '2'], port),
      routers: entries(['r'], () => fc.record({ interfaces })),
    });
  });

function put(project: string, body: object) {
  return heddle.call('PUT', `/v1/projects/${project}/topology`, body);
}

async function shown(project: string) {
  return (await heddle.call('GET', `/v1/projects/${project}/topology`)).body;
}

const IN_THE_WAY = ['ImmutableAttribute', 'SubnetInUse', 'SecurityGroupInUse'];
const NOTHING = { networks: {}, security_groups: {}, ports: {}, routers: {} };
let projects = 0;

test('what is shown changes nothing, whatever was put', { timeout: 120_000 }, async () => {
  let applied = 0;
  const property = fc.asyncProperty(document, document, async (first, second) => {
    const project = `random-${(projects += 1)}`;
    for (const body of [first, second]) {
      const { revision } = heddle.topology;
      const answer = await put(project, body);
      if (answer.status !== 200) {
        // A port cannot change its network, and what it uses cannot go.
        expect(answer.status).toBe(409);
        expect(IN_THE_WAY).toContain(answer.error);
        expect(heddle.topology.revision).toBe(revision);
        continue;
      }
      applied += 1;
      expect((await put(project, body)).body.plan).toEqual([]);
      const there = await shown(project);
      expect((await put(project, there)).body.plan).toEqual([]);
      expect((await put(project, NOTHING)).status).toBe(200);
      const again = await put(project, there);
      expect([again.status, again.body]).toEqual([200, expect.anything()]);
      expect(await shown(project)).toEqual(there);
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  expect(applied).toBeGreaterThan(RUNS);
});
