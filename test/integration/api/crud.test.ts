/**
 * Goal: networks, subnets and ports behave over REST as Neutron's do: shapes, defaults, life cycle.
 * Method: requests through inject() on a controller with a real Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const STANDARD = {
  id: expect.stringMatching(UUID),
  description: '',
  project_id: 'default',
  tenant_id: 'default',
  tags: [],
  revision_number: 1,
  created_at: expect.stringMatching(TIME),
  updated_at: expect.stringMatching(TIME),
};

describe('a network', () => {
  test('is created with every attribute a client expects', async () => {
    const network = await heddle.make('network', { name: 'blue' });
    expect(network).toEqual({
      ...STANDARD,
      name: 'blue',
      admin_state_up: true,
      status: 'ACTIVE',
      shared: false,
      mtu: 1450,
      subnets: [],
      port_security_enabled: true,
      'router:external': false,
      'provider:network_type': 'geneve',
      'provider:physical_network': null,
      'provider:segmentation_id': expect.any(Number),
      availability_zone_hints: [],
      availability_zones: [],
      ipv4_address_scope: null,
      ipv6_address_scope: null,
      is_default: false,
      dns_domain: '',
      l2_adjacency: true,
      qos_policy_id: null,
    });
    const shown = await heddle.call('GET', `/v2.0/networks/${network.id}`);
    expect(shown.body.network).toEqual(network);
  });

  test('is changed, with a higher revision each time, and deleted', async () => {
    const { id } = await heddle.make('network', { name: 'old' });
    const path = `/v2.0/networks/${id}`;
    const changed = await heddle.call('PUT', path, { network: { name: 'new', mtu: 1400 } });
    expect(changed.body.network).toMatchObject({ name: 'new', mtu: 1400, revision_number: 2 });
    expect(changed.revision).toBe(heddle.topology.revision);
    const deleted = await heddle.call('DELETE', path);
    expect([deleted.status, deleted.body]).toEqual([204, undefined]);
    expect(deleted.revision).toBe(changed.revision + 1);
    expect((await heddle.call('GET', path)).error).toBe('NetworkNotFound');
    expect((await heddle.call('PUT', path, { network: {} })).error).toBe('NetworkNotFound');
    expect((await heddle.call('DELETE', path)).error).toBe('NetworkNotFound');
  });

  test('belongs to the project of the header, unless the body names one', async () => {
    const headers = { 'x-project-id': 'p1' };
    const post = { method: 'POST', url: '/v2.0/networks', headers } as const;
    const own = await heddle.app.inject({ ...post, payload: { network: {} } });
    expect(own.json().network).toMatchObject({ project_id: 'p1', tenant_id: 'p1' });
    const other = await heddle.app.inject({ ...post, payload: { network: { tenant_id: 'p2' } } });
    expect(other.json().network).toMatchObject({ project_id: 'p2', tenant_id: 'p2' });
  });

  test('goes together with its subnets, and a subnet made after it is not found a network', async () => {
    const { network, subnet } = await makeSegment(heddle);
    expect((await heddle.call('GET', `/v2.0/networks/${network.id}`)).body.network.subnets).toEqual(
      [subnet.id],
    );
    expect((await heddle.call('DELETE', `/v2.0/networks/${network.id}`)).status).toBe(204);
    expect((await heddle.call('GET', `/v2.0/subnets/${subnet.id}`)).error).toBe('SubnetNotFound');
    const late = { subnet: { network_id: network.id, ip_version: 4, cidr: '10.9.0.0/24' } };
    expect((await heddle.call('POST', '/v2.0/subnets', late)).error).toBe('NetworkNotFound');
  });

  test('gives its VNI back', async () => {
    const wish = { 'provider:segmentation_id': 4242, 'provider:network_type': 'vxlan' };
    const first = await heddle.make('network', wish);
    expect(first['provider:segmentation_id']).toBe(4242);
    expect((await heddle.call('POST', '/v2.0/networks', { network: wish })).error).toBe(
      'TunnelIdInUse',
    );
    await heddle.call('DELETE', `/v2.0/networks/${first.id}`);
    expect((await heddle.make('network', wish))['provider:network_type']).toBe('vxlan');
  });
});

describe('a subnet', () => {
  test('is created with every attribute a client expects', async () => {
    const network = await heddle.make('network');
    const subnet = await heddle.make('subnet', {
      network_id: network.id,
      ip_version: 4,
      cidr: '10.77.0.0/24',
      name: 'v4',
    });
    expect(subnet).toEqual({
      ...STANDARD,
      name: 'v4',
      network_id: network.id,
      ip_version: 4,
      cidr: '10.77.0.0/24',
      gateway_ip: '10.77.0.1',
      allocation_pools: [{ start: '10.77.0.2', end: '10.77.0.254' }],
      enable_dhcp: true,
      dns_nameservers: [],
      host_routes: [],
      ipv6_address_mode: null,
      ipv6_ra_mode: null,
      service_types: [],
      subnetpool_id: null,
      dns_publish_fixed_ip: false,
      segment_id: null,
      'router:external': false,
    });
  });

  test('is changed and counts the change on its network too', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const before = (await heddle.call('GET', `/v2.0/networks/${network.id}`)).body.network;
    const changed = await heddle.call('PUT', `/v2.0/subnets/${subnet.id}`, {
      subnet: { gateway_ip: null, dns_nameservers: ['192.0.2.53'] },
    });
    expect(changed.body.subnet).toMatchObject({
      gateway_ip: null,
      dns_nameservers: ['192.0.2.53'],
      revision_number: 2,
    });
    const after = (await heddle.call('GET', `/v2.0/networks/${network.id}`)).body.network;
    expect(after.revision_number).toBe(before.revision_number + 1);
  });

  test('is deleted once no port has an address of it', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const port = await heddle.make('port', { network_id: network.id });
    expect((await heddle.call('DELETE', `/v2.0/subnets/${subnet.id}`)).error).toBe('SubnetInUse');
    await heddle.call('DELETE', `/v2.0/ports/${port.id}`);
    expect((await heddle.call('DELETE', `/v2.0/subnets/${subnet.id}`)).status).toBe(204);
    expect((await heddle.call('GET', `/v2.0/networks/${network.id}`)).body.network.subnets).toEqual(
      [],
    );
  });
});

describe('a port', () => {
  test('is created with every attribute a client expects', async () => {
    const { network, subnet } = await makeSegment(heddle, '10.1.0.0/24');
    const port = await heddle.make('port', { network_id: network.id, name: 'p' });
    expect(port).toEqual({
      ...STANDARD,
      name: 'p',
      network_id: network.id,
      mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
      fixed_ips: [{ subnet_id: subnet.id, ip_address: expect.stringMatching(/^10\.1\.0\.\d+$/) }],
      admin_state_up: true,
      status: 'DOWN',
      device_id: '',
      device_owner: '',
      port_security_enabled: true,
      mac_learning_enabled: false,
      isolation: null,
      isolation_community: null,
      security_groups: [expect.stringMatching(UUID)],
      allowed_address_pairs: [],
      extra_dhcp_opts: [],
      dns_name: '',
      dns_domain: '',
      dns_assignment: port.fixed_ips.map(({ ip_address }: { ip_address: string }) => {
        const hostname = `host-${ip_address.replaceAll('.', '-')}`;
        return { ip_address, hostname, fqdn: `${hostname}.openstacklocal.` };
      }),
      ip_allocation: 'immediate',
      propagate_uplink_status: true,
      data_plane_status: null,
      device_profile: null,
      numa_affinity_policy: null,
      qos_policy_id: null,
      qos_network_policy_id: null,
      resource_request: null,
      'binding:host_id': '',
      'binding:vnic_type': 'normal',
      'binding:profile': {},
      'binding:vif_type': 'unbound',
      'binding:vif_details': {},
    });
  });

  test('gets an address of each version, the IPv6 one from its MAC address under SLAAC', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const v6 = await heddle.make('subnet', {
      network_id: network.id,
      ip_version: 6,
      cidr: 'fd77::/64',
      ipv6_address_mode: 'slaac',
      ipv6_ra_mode: 'slaac',
    });
    expect(v6.gateway_ip).toBe('fd77::');
    const port = await heddle.make('port', {
      network_id: network.id,
      mac_address: 'fa:16:3e:01:02:03',
    });
    expect(port.fixed_ips).toEqual([
      { subnet_id: subnet.id, ip_address: expect.any(String) },
      { subnet_id: v6.id, ip_address: 'fd77::f816:3eff:fe01:203' },
    ]);
  });

  test('keeps its address when it is named again, and gives an old one back', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const wish = (ip_address: string) => [{ subnet_id: subnet.id, ip_address }];
    const port = await heddle.make('port', {
      network_id: network.id,
      fixed_ips: wish('10.0.0.9'),
    });
    const path = `/v2.0/ports/${port.id}`;
    const other = { port: { network_id: network.id, fixed_ips: wish('10.0.0.9') } };
    expect((await heddle.call('POST', '/v2.0/ports', other)).error).toBe(
      'IpAddressAlreadyAllocated',
    );
    const moved = await heddle.call('PUT', path, {
      port: { fixed_ips: [...wish('10.0.0.9'), ...wish('10.0.0.10')] },
    });
    expect(moved.body.port.fixed_ips).toHaveLength(2);
    const dropped = await heddle.call('PUT', path, { port: { fixed_ips: wish('10.0.0.10') } });
    expect(dropped.body.port.fixed_ips).toEqual(wish('10.0.0.10'));
    expect((await heddle.call('POST', '/v2.0/ports', other)).status).toBe(201);
  });

  test('gives everything back when it is deleted', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const wish = {
      network_id: network.id,
      mac_address: 'fa:16:3e:00:00:01',
      fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.0.0.7' }],
    };
    for (let round = 0; round < 3; round += 1) {
      const port = await heddle.make('port', wish);
      expect((await heddle.call('DELETE', `/v2.0/ports/${port.id}`)).status).toBe(204);
    }
    expect((await heddle.call('DELETE', `/v2.0/networks/${network.id}`)).status).toBe(204);
  });

  test('goes together with what was derived from it', async () => {
    const { network } = await makeSegment(heddle);
    const port = await heddle.make('port', { network_id: network.id });
    await heddle.store.commit({ put: derivedOf(port.id) });
    const shown = await heddle.call('GET', `/v2.0/ports/${port.id}`);
    expect(shown.body.port).toMatchObject({
      status: 'ACTIVE',
      'binding:vif_type': 'ovs',
      'binding:vif_details': { port_filter: true, bridge_name: 'br-int' },
    });
    const path = `/v2.0/ports/${port.id}`;
    const renamed = { port: { mac_address: 'fa:16:3e:00:00:02' } };
    expect((await heddle.call('PUT', path, renamed)).error).toBe('PortBound');
    const down = await heddle.call('PUT', path, { port: { admin_state_up: false } });
    expect(down.body.port.status).toBe('DOWN');
    expect((await heddle.call('DELETE', path)).status).toBe(204);
    expect(heddle.topology.get('binding', port.id)).toBeUndefined();
    expect(heddle.topology.get('status', port.id)).toBeUndefined();
  });
});

function derivedOf(portId: string) {
  return new Map([
    [
      `binding/${portId}` as const,
      { port_id: portId, host_id: 'h1', ofport: 3, interface_name: 'tap' },
    ],
    [`status/${portId}` as const, { port_id: portId, host_id: 'h1', active: true, revision: 1 }],
  ]);
}

describe('a bulk request', () => {
  test('creates all in one commit, in order', async () => {
    const { network } = await makeSegment(heddle);
    const before = heddle.topology.revision;
    const ports = Array.from({ length: 20 }, (_, at) => ({
      network_id: network.id,
      name: `n${at}`,
    }));
    const answer = await heddle.call('POST', '/v2.0/ports', { ports });
    expect([answer.status, answer.revision]).toEqual([201, before + 1]);
    const made = answer.body.ports as { name: string; fixed_ips: { ip_address: string }[] }[];
    expect(made.map(({ name }) => name)).toEqual(ports.map(({ name }) => name));
    expect(new Set(made.map((port) => port.fixed_ips[0]?.ip_address)).size).toBe(20);
  });

  test('creates nothing when one item is refused', async () => {
    const { network, subnet } = await makeSegment(heddle);
    const fixed_ips = [{ subnet_id: subnet.id, ip_address: '10.0.0.50' }];
    const before = heddle.topology.revision;
    for (const bad of [
      { network_id: network.id, fixed_ips },
      { network_id: crypto.randomUUID() },
      { network_id: network.id, foo: 1 },
    ]) {
      const ports = [{ network_id: network.id, fixed_ips }, { network_id: network.id }, bad];
      expect((await heddle.call('POST', '/v2.0/ports', { ports })).status).toBeGreaterThan(399);
    }
    expect(heddle.topology.revision).toBe(before);
    expect(heddle.topology.members('portsOfNetwork', network.id).size).toBe(0);
    expect(
      (
        await heddle.call('POST', '/v2.0/ports', {
          port: { network_id: network.id, fixed_ips },
        })
      ).status,
    ).toBe(201);
  });

  test('of a thousand ports is still one commit, and more are refused', async () => {
    const { network } = await makeSegment(heddle, '10.0.0.0/20');
    const before = heddle.topology.revision;
    const ports = Array.from({ length: 1000 }, () => ({ network_id: network.id }));
    expect((await heddle.call('POST', '/v2.0/ports', { ports })).revision).toBe(before + 1);
    expect(heddle.topology.members('portsOfNetwork', network.id).size).toBe(1000);
    const more = await heddle.call('POST', '/v2.0/ports', { ports: [...ports, ...ports] });
    expect([more.status, heddle.topology.revision]).toEqual([400, before + 1]);
  });

  test('of subnets sees overlaps within itself', async () => {
    const network = await heddle.make('network');
    const subnet = { network_id: network.id, ip_version: 4 };
    const subnets = [
      { ...subnet, cidr: '10.0.0.0/24' },
      { ...subnet, cidr: '10.0.0.0/25' },
    ];
    expect((await heddle.call('POST', '/v2.0/subnets', { subnets })).error).toBe('InvalidInput');
    expect(heddle.topology.members('subnetsOfNetwork', network.id).size).toBe(0);
  });
});
