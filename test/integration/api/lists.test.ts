/**
 * Goal: lists are filtered, cut down, sorted and paged as Neutron's are.
 * Method: one small world made over REST, then queries of every kind against it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let networkId: string;
let subnetId: string;
let elsewhere: { network: { id: string }; subnet: { id: string } };
const ports: { id: string; mac_address: string; fixed_ips: { ip_address: string }[] }[] = [];

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const { network, subnet } = await makeSegment(heddle);
  [networkId, subnetId] = [network.id, subnet.id];
  elsewhere = await makeSegment(heddle);
  for (let at = 0; at < 5; at += 1) {
    const port = { network_id: networkId, name: `p${at}`, device_id: `vm${at % 2}` };
    ports.push(await heddle.make('port', { ...port, admin_state_up: at !== 4 }));
  }
  await heddle.make('port', { network_id: elsewhere.network.id, name: 'p0' });
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

/** The names that a query of ports gives. */
async function names(query: string): Promise<string> {
  const answer = await heddle.call('GET', `/v2.0/ports?${query}`);
  expect(answer.status).toBe(200);
  return (answer.body.ports as { name: string }[]).map(({ name }) => name).join(' ');
}

describe('filters', () => {
  test('choose by attributes, alternatives and booleans of any spelling', async () => {
    expect(await names(`network_id=${networkId}`)).toBe('p0 p1 p2 p3 p4');
    expect(await names('name=p0')).toBe('p0 p0');
    expect(await names(`name=p0&network_id=${networkId}`)).toBe('p0');
    expect(await names('name=p1&name=p2')).toBe('p1 p2');
    expect(await names(`network_id=${networkId}&admin_state_up=False`)).toBe('p4');
    expect(await names(`network_id=${networkId}&admin_state_up=true&name=p4`)).toBe('');
    expect(await names('device_id=vm1')).toBe('p1 p3');
    expect(await names(`device_id=&network_id=${elsewhere.network.id}`)).toBe('p0');
    expect(await names(`id=${ports[3]?.id}&id=${ports[1]?.id}`)).toBe('p3 p1');
    expect(await names(`mac_address=${ports[2]?.mac_address}`)).toBe('p2');
    expect(await names('status=ACTIVE')).toBe('');
    expect(await names('tenant_id=default&project_id=default&status=DOWN&name=p3')).toBe('p3');
    expect(await names('project_id=other')).toBe('');
    expect(await names('binding:vif_type=unbound&name=p3')).toBe('p3');
  });

  test('choose by addresses', async () => {
    const address = ports[2]?.fixed_ips[0]?.ip_address ?? '';
    expect(await names(`fixed_ips=ip_address=${address}&network_id=${networkId}`)).toBe('p2');
    expect(await names(`fixed_ips=subnet_id=${subnetId}`)).toBe('p0 p1 p2 p3 p4');
    expect(await names(`fixed_ips=subnet_id=${subnetId}&fixed_ips=ip_address%3D${address}`)).toBe(
      'p2',
    );
    expect(
      await names(`fixed_ips=subnet_id=${elsewhere.subnet.id}&fixed_ips=ip_address_substr=10.0.`),
    ).toBe('p0');
    expect(await names('fixed_ips=ip_address_substr=192.0.2.')).toBe('');
  });

  test.each([
    ['networks', 'no_such=1', 'HTTPBadRequest'],
    ['ports', 'fixed_ip=1', 'HTTPBadRequest'],
    ['subnets', 'allocation_pools=1', 'HTTPBadRequest'],
    ['ports', 'admin_state_up=perhaps', 'InvalidInput'],
    ['networks', 'mtu=big', 'InvalidInput'],
    ['networks', 'limit=-1', 'HTTPBadRequest'],
    ['networks', 'sort_key=nope&sort_dir=asc', 'HTTPBadRequest'],
  ])('that do not exist or parse are refused: %s?%s', async (collection, query, type) => {
    const answer = await heddle.call('GET', `/v2.0/${collection}?${query}`);
    expect([answer.status, answer.error]).toEqual([400, type]);
  });

  test('work on networks and subnets too', async () => {
    const subnets = await heddle.call('GET', `/v2.0/subnets?network_id=${networkId}&ip_version=4`);
    expect(subnets.body.subnets).toHaveLength(1);
    const networks = await heddle.call('GET', `/v2.0/networks?shared=False&status=ACTIVE`);
    expect(networks.body.networks).toHaveLength(2);
  });
});

describe('fields', () => {
  test('cut down lists and single objects', async () => {
    const list = await heddle.call('GET', `/v2.0/ports?fields=name&fields=id&id=${ports[0]?.id}`);
    expect(list.body.ports).toEqual([{ id: ports[0]?.id, name: 'p0' }]);
    const one = await heddle.call('GET', `/v2.0/ports/${ports[0]?.id}?fields=mac_address`);
    expect(one.body).toEqual({ port: { mac_address: ports[0]?.mac_address } });
  });
});

describe('pages', () => {
  test('lead through everything by their links, once each, and back', async () => {
    const seen: string[] = [];
    let path = `/v2.0/ports?network_id=${networkId}&sort_key=name&sort_dir=desc&limit=2`;
    for (let pages = 0; path !== ''; pages += 1) {
      expect(pages).toBeLessThan(5);
      const { body } = await heddle.call('GET', path);
      seen.push(...(body.ports as { name: string }[]).map(({ name }) => name));
      const links = body.ports_links as { rel: string; href: string }[];
      const next = links.find(({ rel }) => rel === 'next');
      path = next ? next.href.replace(/^http:\/\/[^/]+/, '') : '';
    }
    expect(seen).toEqual(['p4', 'p3', 'p2', 'p1', 'p0']);
    const base = `network_id=${networkId}&sort_key=name&sort_dir=asc&limit=2`;
    expect(await names(`${base}&marker=${ports[2]?.id}&page_reverse=True`)).toBe('p0 p1');
  });

  test('after a marker that does not exist are refused', async () => {
    const answer = await heddle.call('GET', `/v2.0/ports?limit=1&marker=${crypto.randomUUID()}`);
    expect(answer.error).toBe('PortNotFound');
  });
});
