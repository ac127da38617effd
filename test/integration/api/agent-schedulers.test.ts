/**
 * Goal: the controller reads as a DHCP and an L3 agent; what they host can be listed from both
 * sides, taken from them and given back, by administrators, with Neutron's answers; the region
 * remembers it, and nothing of it outlives what it is about.
 * Method: real Redis; two controllers of one region.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { host } from '../../../lab/records.ts';
import { recordKey } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let one: Controller;
let two: Controller;
let dhcp: string;
let l3: string;
const admin = callsOf(() => one, 'admin');
const alice = callsOf(() => one, 'alice');
const elsewhere = callsOf(() => two, 'admin');

interface Named {
  readonly id: string;
}

beforeAll(async () => {
  redis = await startRedis();
  one = await startController(redis.address, { authenticator: believing, controllerId: 'c1' });
  two = await startController(redis.address, { authenticator: believing, controllerId: 'c2' });
  const key = recordKey('host', 'h1');
  await one.store.commit({ put: new Map([[key, host('h1', '192.0.2.1')]]), absent: [key] });
  dhcp = (await agentsOf('DHCP agent'))[0]?.id ?? '';
  l3 = (await agentsOf('L3 agent'))[0]?.id ?? '';
});

afterAll(async () => {
  await two.stop();
  await one.stop();
  await redis.stop();
});

async function agentsOf(type: string, calls = admin): Promise<readonly Named[]> {
  return (await calls.get(`agents?agent_type=${encodeURIComponent(type)}`)).body.agents;
}

function idsOf(resources: readonly Named[]): readonly string[] {
  return resources.map(({ id }) => id);
}

async function networksOf(agent: string, calls = admin): Promise<readonly string[]> {
  return idsOf((await calls.get(`agents/${agent}/dhcp-networks`)).body.networks);
}

async function routersOf(agent: string): Promise<readonly string[]> {
  return idsOf((await admin.get(`agents/${agent}/l3-routers`)).body.routers);
}

async function hostsOfNetwork(id: string): Promise<readonly string[]> {
  return idsOf((await admin.get(`networks/${id}/dhcp-agents`)).body.agents);
}

async function hostsOfRouter(id: string): Promise<readonly string[]> {
  return idsOf((await admin.get(`routers/${id}/l3-agents`)).body.agents);
}

const give = (agent: string, network_id: unknown) =>
  admin.post(`agents/${agent}/dhcp-networks`, { network_id });
const take = (agent: string, network: string) =>
  admin.delete(`agents/${agent}/dhcp-networks/${network}`);
const giveRouter = (agent: string, router_id: unknown) =>
  admin.post(`agents/${agent}/l3-routers`, { router_id });
const takeRouter = (agent: string, router: string) =>
  admin.delete(`agents/${agent}/l3-routers/${router}`);

/** A network of alice's that wants DHCP. */
async function makeServed(): Promise<{ readonly id: string; readonly subnet: string }> {
  const { id } = await alice.make('network', {});
  const subnet = await alice.make('subnet', { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' });
  return { id, subnet: subnet.id };
}

describe('the agents of a controller', () => {
  test('are one for DHCP and one for routing, alive, in the zone', async () => {
    const { agents } = (await admin.get('agents?host=c1')).body;
    expect(agents).toMatchObject([
      { agent_type: 'DHCP agent', binary: 'neutron-dhcp-agent', topic: 'dhcp_agent' },
      { agent_type: 'L3 agent', binary: 'neutron-l3-agent', topic: 'l3_agent' },
    ]);
    for (const agent of agents) {
      expect(agent).toMatchObject({ alive: true, admin_state_up: true, availability_zone: 'nova' });
      expect((await admin.get(`agents/${agent.id}`)).body.agent.binary).toBe(agent.binary);
      expect(agent.heartbeat_timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
    expect((await alice.get('agents')).body.agents).toEqual([]);
    expect((await alice.get(`agents/${dhcp}`)).error).toBe('AgentNotFound');
  });

  test('are the same after a restart, and other ones of another controller', async () => {
    const again = await startController(redis.address, { controllerId: 'c1' });
    try {
      expect((await again.call('GET', `/v2.0/agents/${dhcp}`)).status).toBe(200);
    } finally {
      await again.stop();
    }
    expect((await elsewhere.get(`agents/${dhcp}`)).error).toBe('AgentNotFound');
    const [other] = await agentsOf('DHCP agent', elsewhere);
    expect([dhcp, l3]).not.toContain(other?.id);
    expect(dhcp).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});

describe('networks', () => {
  let network: string;
  let subnet: string;

  beforeEach(async () => {
    ({ id: network, subnet } = await makeServed());
  });

  test('are hosted while they have a subnet with DHCP', async () => {
    const { id: bare } = await alice.make('network', {});
    expect(await networksOf(dhcp)).toContain(network);
    expect(await networksOf(dhcp)).not.toContain(bare);
    expect(await hostsOfNetwork(network)).toEqual([dhcp]);
    expect(await hostsOfNetwork(bare)).toEqual([]);
    await alice.put(`subnets/${subnet}`, { subnet: { enable_dhcp: false } });
    expect(await networksOf(dhcp)).not.toContain(network);
    expect(await networksOf('h1')).toEqual([]);
    expect(await networksOf(l3)).toEqual([]);
  });

  test('are taken from an agent and given back, and the region remembers', async () => {
    const taken = await take(dhcp, network);
    expect([taken.status, taken.body]).toEqual([204, undefined]);
    expect(await networksOf(dhcp)).not.toContain(network);
    expect(await hostsOfNetwork(network)).toEqual([]);
    const [other] = await agentsOf('DHCP agent', elsewhere);
    expect(await networksOf(other?.id ?? '', elsewhere)).toContain(network);
    const again = await startController(redis.address, { controllerId: 'c1' });
    try {
      const { body } = await again.call('GET', `/v2.0/networks/${network}/dhcp-agents`);
      expect(body).toEqual({ agents: [] });
    } finally {
      await again.stop();
    }
    const given = await give(dhcp, network);
    expect([given.status, given.body]).toEqual([201, null]);
    expect(given.revision).toBeGreaterThan(taken.revision);
    expect(await networksOf(dhcp)).toContain(network);
    expect([...one.topology.list('agent_hosting')]).toEqual([]);
  });

  test('that want no DHCP can be given to an agent, too', async () => {
    const { id } = await alice.make('network', {});
    expect((await give(dhcp, id)).status).toBe(201);
    expect(await networksOf(dhcp)).toContain(id);
    expect((await take(dhcp, id)).status).toBe(204);
    expect(await networksOf(dhcp)).not.toContain(id);
  });

  test('are hosted once, and taken once', async () => {
    expect(await give(dhcp, network)).toMatchObject({
      status: 409,
      error: 'NetworkHostedByDHCPAgent',
    });
    await take(dhcp, network);
    expect(await take(dhcp, network)).toMatchObject({
      status: 409,
      error: 'NetworkNotHostedByDhcpAgent',
    });
    expect((await take('h1', network)).error).toBe('NetworkNotHostedByDhcpAgent');
    expect((await take(dhcp, crypto.randomUUID())).error).toBe('NetworkNotHostedByDhcpAgent');
    const all = await Promise.all(Array.from({ length: 4 }, () => give(dhcp, network)));
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(3);
  });

  test('and agents must be there, and be of the kind', async () => {
    const nobody = crypto.randomUUID();
    expect(await give(dhcp, nobody)).toMatchObject({ status: 404, error: 'NetworkNotFound' });
    expect(await give(nobody, network)).toMatchObject({ status: 404, error: 'AgentNotFound' });
    expect((await give(nobody, nobody)).error).toBe('NetworkNotFound');
    expect(await give(l3, network)).toMatchObject({ status: 404, error: 'InvalidDHCPAgent' });
    expect((await give('h1', network)).error).toBe('InvalidDHCPAgent');
    expect(await take(nobody, network)).toMatchObject({ status: 404, error: 'AgentNotFound' });
    expect((await admin.get(`agents/${nobody}/dhcp-networks`)).error).toBe('AgentNotFound');
    expect((await admin.get(`networks/${nobody}/dhcp-agents`)).body).toEqual({ agents: [] });
  });

  test('take with them what was said of them', async () => {
    await take(dhcp, network);
    expect([...one.topology.list('agent_hosting')]).toHaveLength(1);
    expect((await alice.delete(`networks/${network}`)).status).toBe(204);
    expect([...one.topology.list('agent_hosting')]).toEqual([]);
  });

  test('that go meanwhile leave nothing', async () => {
    const [gone, taken] = await Promise.all([
      elsewhere.delete(`networks/${network}`),
      take(dhcp, network),
    ]);
    expect(gone.status).toBe(204);
    expect([204, 409]).toContain(taken.status);
    await one.store.catchUp();
    expect([...one.topology.list('agent_hosting')]).toEqual([]);
  });
});

describe('routers', () => {
  test('are hosted, taken from an agent and given back', async () => {
    const { id } = await alice.make('router', {});
    expect(await routersOf(l3)).toContain(id);
    expect(await hostsOfRouter(id)).toEqual([l3]);
    // As Neutron answers where several agents may host a router.
    expect((await giveRouter(l3, id)).status).toBe(201);
    expect((await takeRouter(l3, id)).status).toBe(204);
    expect((await takeRouter(l3, id)).status).toBe(204);
    expect(await routersOf(l3)).not.toContain(id);
    expect(await hostsOfRouter(id)).toEqual([]);
    const given = await giveRouter(l3, id);
    expect([given.status, given.body]).toEqual([201, null]);
    expect(await hostsOfRouter(id)).toEqual([l3]);
    await takeRouter(l3, id);
    expect((await alice.delete(`routers/${id}`)).status).toBe(204);
    expect([...one.topology.list('agent_hosting')]).toEqual([]);
  });

  test('and agents must be there, and be of the kind', async () => {
    const nobody = crypto.randomUUID();
    const { id } = await alice.make('router', {});
    expect(await giveRouter(l3, nobody)).toMatchObject({ status: 404, error: 'RouterNotFound' });
    expect(await giveRouter(nobody, id)).toMatchObject({ status: 404, error: 'AgentNotFound' });
    expect(await giveRouter(dhcp, id)).toMatchObject({ status: 404, error: 'InvalidL3Agent' });
    expect((await takeRouter(l3, nobody)).error).toBe('RouterNotFound');
    expect((await takeRouter(nobody, id)).error).toBe('AgentNotFound');
    expect((await takeRouter(dhcp, id)).status).toBe(204);
    expect(await hostsOfRouter(id)).toEqual([l3]);
    expect(await hostsOfRouter(nobody)).toEqual([]);
    expect(await routersOf(dhcp)).toEqual([]);
  });
});

describe('what agents host', () => {
  test('is the administrators’ to see and to change', async () => {
    const { id: network } = await makeServed();
    const { id: router } = await alice.make('router', {});
    const answers = [
      await alice.get(`agents/${dhcp}/dhcp-networks`),
      await alice.post(`agents/${dhcp}/dhcp-networks`, { network_id: network }),
      await alice.delete(`agents/${dhcp}/dhcp-networks/${network}`),
      await alice.get(`networks/${network}/dhcp-agents`),
      await alice.get(`agents/${l3}/l3-routers`),
      await alice.post(`agents/${l3}/l3-routers`, { router_id: router }),
      await alice.delete(`agents/${l3}/l3-routers/${router}`),
      await alice.get(`routers/${router}/l3-agents`),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 403, error: 'PolicyNotAuthorized' });
    }
    expect(answers[1]?.body.NeutronError.message).toContain('rule:create_dhcp-network');
  });

  test('is shown as the resources are, by the attributes that are asked for', async () => {
    const { id } = await makeServed();
    const { networks } = (await admin.get(`agents/${dhcp}/dhcp-networks?fields=id`)).body;
    expect(networks).toContainEqual({ id });
    const whole = (await admin.get(`agents/${dhcp}/dhcp-networks`)).body.networks;
    const network = whole.find((one: Named) => one.id === id);
    expect(network).toEqual((await admin.get(`networks/${id}`)).body.network);
    const { agents } = (await admin.get(`networks/${id}/dhcp-agents?fields=host`)).body;
    expect(agents).toEqual([{ host: 'c1' }]);
  });

  test('cannot be told nonsense', async () => {
    const path = `agents/${dhcp}/dhcp-networks`;
    for (const body of [{}, [], { network_id: null }, { network_id: [] }, { network_id: {} }]) {
      expect((await admin.post(path, body)).status).toBe(400);
    }
    expect((await give(dhcp, 'x'.repeat(256))).status).toBe(400);
    for (const id of ['', '__proto__', 'a:b/c\u0000', '‮', "' OR 1=1"]) {
      expect((await give(dhcp, id)).error).toBe('NetworkNotFound');
      const name = encodeURIComponent(id);
      if (name === '') continue;
      expect((await take(dhcp, name)).error).toBe('NetworkNotHostedByDhcpAgent');
      expect((await takeRouter(l3, name)).error).toBe('RouterNotFound');
      expect((await admin.get(`agents/${name}/l3-routers`)).error).toBe('AgentNotFound');
    }
    expect((await giveRouter(l3, 7)).status).toBe(400);
  });
});
