/**
 * docs/api/openapi.json: what the application itself serves at /openapi.json, with nothing behind
 * it.
 */
import { buildApp, noAuthentication } from '../src/api/index.ts';
import { createNeutron, NO_QUOTAS } from '../src/controller/index.ts';
import { nullLogger } from '../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../src/lib/system.ts';
import { DEFAULT_DNS_DOMAIN, Topology } from '../src/topology/index.ts';

/** The whole document, with its final newline. */
export async function openapiText(): Promise<string> {
  const store = {
    commit: () => Promise.reject(new Error('nothing is written')),
    catchUp: () => Promise.resolve(),
  };
  const topology = new Topology();
  const neutron = createNeutron({
    topology,
    store,
    clock,
    random,
    quotaDefaults: NO_QUOTAS,
    dnsDomain: DEFAULT_DNS_DOMAIN,
    hosts: () => [],
    self: { region: '', controllerId: '', startedAt: 0 },
  });
  const waited = () => Promise.resolve({ realized: true, lagging: [] });
  const operations = {
    health: () => ({ storeReachable: false, revision: 0 }),
    hosts: () => [],
    trace: async () => ({}),
    waitRealized: waited,
    waitTouched: waited,
    watch: () => undefined,
    watchConnections: () => () => {},
  };
  const nothing = async () => ({});
  const ruleStats = { ofRule: nothing, ofGroup: nothing, neverHit: nothing };
  const app = buildApp({
    backend: { ...neutron, operations, ruleStats },
    clock,
    random,
    log: nullLogger,
    authenticator: noAuthentication,
  });
  const answer = await app.inject({ url: '/openapi.json' });
  await app.close();
  return `${JSON.stringify(answer.json(), null, 2)}\n`;
}
