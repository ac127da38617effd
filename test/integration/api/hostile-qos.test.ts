/**
 * Goal: no request about QoS, trunks, metering, logs, segments or flavors, however malformed, gets a
 * 500 or a stack trace. Method: mutated good bodies on every route that takes one; seeded.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { hostileBody } from './hostile-bodies.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;

const SEED = 20_260_102;
const RUNS = 150;

/** A route that takes a body: its word, a good one, and what is put for `:policy` and so on. */
type Row = readonly [
  method: 'POST' | 'PUT',
  path: string,
  word: string,
  good: Readonly<Record<string, unknown>>,
];

const SUBPORT = { port_id: '', segmentation_type: 'vlan', segmentation_id: 5 };
const ROWS: readonly Row[] = [
  ['POST', 'qos/policies', 'policy', { name: 'n', shared: true, is_default: false }],
  ['PUT', 'qos/policies/POLICY', 'policy', { name: 'n', shared: true, is_default: false }],
  [
    'POST',
    'qos/policies/POLICY/bandwidth_limit_rules',
    'bandwidth_limit_rule',
    { max_kbps: 1, max_burst_kbps: 1, direction: 'egress' },
  ],
  ['PUT', 'qos/policies/POLICY/dscp_marking_rules/RULE', 'dscp_marking_rule', { dscp_mark: 10 }],
  ['PUT', 'qos/alias_dscp_marking_rules/RULE', 'alias_dscp_marking_rule', { dscp_mark: 10 }],
  ['POST', 'networks', 'network', { qos_policy_id: 'x', segments: [{ a: 1 }] }],
  ['PUT', 'ports/PORT', 'port', { qos_policy_id: 'x' }],
  ['POST', 'trunks', 'trunk', { port_id: 'x', sub_ports: [SUBPORT] }],
  ['PUT', 'trunks/TRUNK', 'trunk', { name: 'n', admin_state_up: true }],
  ['PUT', 'trunks/TRUNK/add_subports', 'sub_ports', SUBPORT],
  ['PUT', 'trunks/TRUNK/remove_subports', 'sub_ports', SUBPORT],
  ['POST', 'metering/metering-labels', 'metering_label', { name: 'n', description: 'd' }],
  [
    'POST',
    'metering/metering-label-rules',
    'metering_label_rule',
    { metering_label_id: 'LABEL', direction: 'ingress', source_ip_prefix: '10.0.0.0/8' },
  ],
  [
    'POST',
    'log/logs',
    'log',
    { resource_type: 'security_group', resource_id: 'x', target_id: 'PORT', event: 'DROP' },
  ],
  ['PUT', 'log/logs/NOTED', 'log', { name: 'n', description: 'd', enabled: true }],
  ['POST', 'flavors', 'flavor', { service_type: 'QOS', service_profiles: ['x'] }],
  ['PUT', 'flavors/FLAVOR', 'flavor', { enabled: true, service_profiles: ['x'] }],
  ['POST', 'flavors/FLAVOR/service_profiles', 'service_profile', { id: 'x' }],
  ['POST', 'service_profiles', 'service_profile', { driver: 'heddle', metainfo: { a: 1 } }],
  ['POST', 'segments', 'segment', { network_id: 'x' }],
  ['PUT', 'trunks/TRUNK/tags', 'tags', { a: 1 }],
  ['PUT', 'quotas/p', 'quota', { trunk: 1 }],
];

const ids = new Map<string, string>();
const real = (text: string): string =>
  text.replaceAll(/[A-Z]{4,}/g, (name) => ids.get(name) ?? name);

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const make = async (name: string, path: string, word: string, attributes: object) => {
    const answer = await heddle.call('POST', `/v2.0/${path}`, { [word]: attributes });
    ids.set(name, answer.body[word].id);
  };
  await make('NETWORK', 'networks', 'network', {});
  await make('PORT', 'ports', 'port', { network_id: ids.get('NETWORK') });
  await make('POLICY', 'qos/policies', 'policy', {});
  const rules = `qos/policies/${ids.get('POLICY')}/dscp_marking_rules`;
  await make('RULE', rules, 'dscp_marking_rule', { dscp_mark: 8 });
  await make('TRUNK', 'trunks', 'trunk', { port_id: ids.get('PORT') });
  await make('LABEL', 'metering/metering-labels', 'metering_label', {});
  await make('NOTED', 'log/logs', 'log', { resource_type: 'security_group' });
  await make('FLAVOR', 'flavors', 'flavor', { service_type: 'QOS' });
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

test.each(ROWS)('%s %s is refused or served, never a fault', async (method, path, word, good) => {
  const url = `/v2.0/${real(path)}`;
  await fc.assert(
    fc.asyncProperty(hostileBody(word, good), async (body) => {
      const payload = JSON.stringify(body);
      const headers = { 'content-type': 'application/json' };
      const answer = await heddle.app.inject({ method, url, headers, payload: real(payload) });
      expect(answer.statusCode, payload.slice(0, 500)).toBeLessThan(500);
      expect(answer.body).not.toMatch(/\bat .+\.[jt]s:\d+/);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test.each([
  'qos/policies?rules=1',
  'qos/policies/%00/dscp_marking_rules?limit=1&marker=x',
  'qos/rule-types?limit=1&marker=dscp_marking',
  'qos/rule-types?sort_key=type&sort_dir=desc&limit=2',
  'qos/rule-types/__proto__',
  'log/logs?event=x&enabled=maybe',
  'log/logs/%00',
  'log/loggable-resources?limit=1&marker=x',
  'segments?segmentation_id=x',
  'segments/constructor',
  'trunks/%00/get_subports?fields=x',
  'service-providers?default=perhaps',
  'flavors/x/service_profiles',
])('GET %s is answered', async (path) => {
  const answer = await heddle.call('GET', `/v2.0/${path}`);
  expect(answer.status).toBeLessThan(500);
});
