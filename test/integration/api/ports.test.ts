/**
 * Goal: ports have what Neutron's ports have beyond addresses: DHCP options, names, bindings, tags
 * from the start, another MAC address on demand; lists find them by a part of an address.
 * Method: real Redis; operators and projects as callers; a second controller with a DNS domain.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let named: Controller;
let network: string;
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  const authenticator = believing;
  heddle = await startController(redis.address, { authenticator });
  const dnsDomain = 'cloud.example.';
  named = await startController(redis.address, { authenticator, region: 'named', dnsDomain });
  network = (await alice.make('network', {})).id;
  await alice.make('subnet', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' });
});

afterAll(async () => {
  await heddle.stop();
  await named.stop();
  await redis.stop();
});

const make = (attributes: object = {}) =>
  alice.make('port', { network_id: network, ...attributes });
const put = (id: string, port: object) => alice.put(`ports/${id}`, { port });
const post = (port: object) => alice.post('ports', { port: { network_id: network, ...port } });
const messageOf = ({ body }: Answer): string => body.NeutronError.message;

describe('a port', () => {
  test('has everything that Neutron shows, with its defaults', async () => {
    const port = await make();
    expect(port).toMatchObject({
      extra_dhcp_opts: [],
      dns_name: '',
      dns_domain: '',
      ip_allocation: 'immediate',
      propagate_uplink_status: true,
      data_plane_status: null,
      device_profile: null,
      numa_affinity_policy: null,
      'binding:vnic_type': 'normal',
      tags: [],
    });
    const [{ ip_address }] = port.fixed_ips;
    const hostname = `host-${ip_address.replaceAll('.', '-')}`;
    const fqdn = `${hostname}.openstacklocal.`;
    expect(port.dns_assignment).toEqual([{ ip_address, hostname, fqdn }]);
  });

  test('has DHCP options that requests set, change and take away', async () => {
    const boot = { opt_name: 'bootfile-name', opt_value: 'x.0', ip_version: 4 };
    const { id, extra_dhcp_opts } = await make({ extra_dhcp_opts: [boot] });
    expect(extra_dhcp_opts).toEqual([boot]);
    const mtu = { opt_name: 'mtu', opt_value: '1400' };
    const more = await put(id, { extra_dhcp_opts: [mtu] });
    expect(more.body.port.extra_dhcp_opts).toEqual([boot, { ...mtu, ip_version: 4 }]);
    const gone = { opt_name: 'bootfile-name', opt_value: null };
    const less = await put(id, { extra_dhcp_opts: [gone] });
    expect(less.body.port.extra_dhcp_opts).toEqual([{ ...mtu, ip_version: 4 }]);
    expect((await put(id, { extra_dhcp_opts: [{ opt_name: 'mtu' }] })).status).toBe(400);
  });

  test('gets another MAC address when an operator gives null', async () => {
    const { id, mac_address: mac } = await make();
    const again = { port: { mac_address: null } };
    expect((await alice.put(`ports/${id}`, again)).error).toBe('PolicyNotAuthorized');
    const { port } = (await admin.put(`ports/${id}`, again)).body;
    expect(port.mac_address).toMatch(/^fa:16:3e:/);
    expect(port.mac_address).not.toBe(mac);
    await admin.put(`ports/${id}`, { port: { 'binding:host_id': 'h1' } });
    expect((await admin.put(`ports/${id}`, again)).error).toBe('PortBound');
  });

  test('without addresses from the start says so', async () => {
    const port = await make({ fixed_ips: [] });
    expect(port).toMatchObject({ ip_allocation: 'none', fixed_ips: [], dns_assignment: [] });
  });

  test('has tags from its creation on, in bulk as well', async () => {
    const ports = ['a', 'b'].map((tag) => ({ network_id: network, tags: [tag, 'bulk'] }));
    const { body } = await alice.post('ports', { ports });
    expect(body.ports.map(({ tags }: { tags: string[] }) => tags)).toEqual([
      ['a', 'bulk'],
      ['b', 'bulk'],
    ]);
    expect((await alice.get('ports?tags=bulk')).body.ports).toHaveLength(2);
    expect((await post({ tags: [7] })).status).toBe(400);
    expect((await put(body.ports[0].id, { tags: [] })).status).toBe(400);
    expect((await alice.post('networks', { network: { tags: ['a'] } })).status).toBe(400);
  });

  test('is bound when a host is named, and fails to be when hardware is to give it', async () => {
    const bind = async (more: object) => {
      const port = { network_id: network, 'binding:host_id': 'h1', ...more };
      const { body } = await admin.post('ports', { port });
      return [body.port['binding:vif_type'], body.port['binding:vif_details']];
    };
    expect(await bind({})).toEqual(['ovs', expect.objectContaining({ bridge_name: 'br-int' })]);
    expect(await bind({ 'binding:host_id': '' })).toEqual(['unbound', {}]);
    expect(await bind({ 'binding:vnic_type': 'direct' })).toEqual(['binding_failed', {}]);
    expect((await post({ 'binding:vnic_type': 'x' })).status).toBe(400);
    const large = { 'binding:profile': { x: 'y'.repeat(5000) } };
    const answer = await admin.post('ports', { port: { network_id: network, ...large } });
    expect(messageOf(answer)).toContain('binding:profile value too large');
  });

  test('has the VIF that it names to itself', async () => {
    const naming = (name: unknown) => ({ 'binding:profile': { 'iface-id': name } });
    const create = (name: unknown) =>
      admin.post('ports', { port: { network_id: network, ...naming(name) } });
    const first = (await create('vif-1')).body.port;
    const other = (await create('vif-2')).body.port;
    const taken = await create('vif-1');
    expect(taken.status).toBe(409);
    expect(messageOf(taken)).toBe(`VIF vif-1 is that of port ${first.id} already.`);
    expect((await create(first.id)).status).toBe(409);
    const rename = (name: string) => admin.put(`ports/${other.id}`, { port: naming(name) });
    expect((await rename('vif-1')).status).toBe(409);
    expect((await rename(first.id)).status).toBe(409);
    expect((await rename('vif-3')).status).toBe(200);
    expect((await create('vif-2')).status).toBe(201);
    for (const wrong of [7, null, '', 'a/b', 'a b', 'é', 'x'.repeat(256)]) {
      expect((await create(wrong)).status, String(wrong)).toBe(400);
    }
    expect((await post(naming('mine'))).status).toBe(403);
  });

  test('keeps what Nova, Cyborg and the data plane say', async () => {
    const port = await make({
      numa_affinity_policy: 'required',
      device_profile: 'gpu',
      propagate_uplink_status: false,
    });
    expect(port).toMatchObject({ numa_affinity_policy: 'required', device_profile: 'gpu' });
    expect(port.propagate_uplink_status).toBe(false);
    const { id } = port;
    expect((await put(id, { device_profile: 'x' })).status).toBe(400);
    expect((await put(id, { numa_affinity_policy: 'legacy' })).status).toBe(200);
    expect((await put(id, { numa_affinity_policy: 'x' })).status).toBe(400);
    expect((await put(id, { data_plane_status: 'DOWN' })).status).toBe(403);
    const down = await admin.put(`ports/${id}`, { port: { data_plane_status: 'DOWN' } });
    expect(down.body.port.data_plane_status).toBe('DOWN');
    await admin.put(`ports/${id}`, { port: { 'binding:host_id': 'h1' } });
    const late = await put(id, { numa_affinity_policy: 'required' });
    expect([late.status, late.error]).toEqual([409, 'PortBoundNUMAAffinityPolicy']);
  });

  test('is found by a part of its address', async () => {
    const { id, fixed_ips } = await make({});
    const [, part] = /^10\.(.*)$/.exec(fixed_ips[0].ip_address) ?? [];
    const { body } = await alice.get(`ports?fixed_ips=ip_address_substr%3D${part}`);
    expect(body.ports.map((port: { id: string }) => port.id)).toContain(id);
    for (const port of body.ports) expect(JSON.stringify(port.fixed_ips)).toContain(part);
  });
});

describe('names', () => {
  const calls = callsOf(() => named, 'alice');

  test('are kept and shown in the domain of the settings', async () => {
    const { id: network_id } = await calls.make('network', { dns_domain: 'Net.Example.' });
    expect((await calls.get(`networks/${network_id}`)).body.network.dns_domain).toBe(
      'net.example.',
    );
    await calls.make('subnet', { network_id, ip_version: 4, cidr: '10.0.0.0/24' });
    const port = await calls.make('port', { network_id, dns_name: 'VM', dns_domain: 'a.example.' });
    expect(port).toMatchObject({ dns_name: 'vm', dns_domain: 'a.example.' });
    expect(port.dns_assignment).toMatchObject([{ hostname: 'vm', fqdn: 'vm.cloud.example.' }]);
    const path = `ports/${port.id}`;
    const other = await calls.put(path, { port: { dns_name: 'vm.other.example.' } });
    expect(messageOf(other)).toContain('it must be a name in the domain cloud.example.');
    const none = await calls.put(path, { port: { dns_name: '' } });
    expect(none.body.port.dns_assignment[0].hostname).toMatch(/^host-10-0-0-/);
  });

  test('are not kept while nobody chose a domain', async () => {
    expect(await make({ dns_name: 'vm', dns_domain: 'a.example.' })).toMatchObject({
      dns_name: '',
      dns_domain: '',
    });
  });
});
