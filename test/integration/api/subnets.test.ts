/**
 * Goal: what a subnet does to the ports and the network around it, in one commit or, where it is too
 * much for one, in several; and who may say what of a subnet.
 * Method: real Redis; a network of more ports than one commit may touch.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const SLAAC = { ip_version: 6, cidr: '2001:db8::/64', ipv6_address_mode: 'slaac' };

interface PortView {
  readonly id: string;
  readonly fixed_ips: readonly { readonly subnet_id: string }[];
}

const portsOf = async (id: string): Promise<PortView[]> =>
  (await alice.get(`ports?network_id=${id}`)).body.ports;

describe('an auto-addressed subnet', () => {
  test('gives the ports of its network addresses, and takes them along when it goes', async () => {
    const { id: network_id } = await alice.make('network', {});
    await alice.make('subnet', { network_id, ip_version: 4, cidr: '10.0.0.0/24' });
    const port = await alice.make('port', { network_id, mac_address: 'fa:16:3e:00:00:01' });
    const before = heddle.topology.revision;
    const subnet = await alice.make('subnet', { network_id, ...SLAAC });
    expect(heddle.topology.revision).toBe(before + 1);
    const { port: after } = (await alice.get(`ports/${port.id}`)).body;
    expect(after.fixed_ips[1]).toEqual({
      subnet_id: subnet.id,
      ip_address: '2001:db8::f816:3eff:fe00:1',
    });
    expect(after.revision_number).toBe(2);
    expect((await alice.delete(`subnets/${subnet.id}`)).status).toBe(204);
    const left = (await alice.get(`ports/${port.id}`)).body.port.fixed_ips;
    expect(left).toEqual(port.fixed_ips);
    // The claim went with the address: the same subnet gives it again.
    await alice.make('subnet', { network_id, ...SLAAC });
  });

  test('does so for a bulk of subnets, each in a network of its own', async () => {
    const networks = [await alice.make('network', {}), await alice.make('network', {})];
    for (const { id: network_id } of networks) {
      await alice.post('ports', { ports: Array(600).fill({ network_id }) });
    }
    const subnets = networks.map(({ id: network_id }) => ({ network_id, ...SLAAC }));
    const answer = await alice.post('subnets', { subnets });
    expect(answer.status).toBe(201);
    expect(answer.revision).toBe(heddle.topology.revision);
    for (const { id } of networks) {
      expect((await portsOf(id)).every(({ fixed_ips }) => fixed_ips.length === 1)).toBe(true);
    }
  });

  test('of a network with more ports than one commit may touch goes on until all have it', async () => {
    const { id: network_id } = await alice.make('network', {});
    for (let i = 0; i < 3; i++) {
      const made = await alice.post('ports', { ports: Array(750).fill({ network_id }) });
      expect(made.status).toBe(201);
    }
    const { body, revision } = await alice.post('subnets', { subnet: { network_id, ...SLAAC } });
    expect(revision).toBe(heddle.topology.revision);
    const { id } = body.subnet;
    const has = ({ fixed_ips }: PortView) => fixed_ips.some((fixed) => fixed.subnet_id === id);
    const ports = await portsOf(network_id);
    expect([ports.length, ports.filter(has).length]).toEqual([2250, 2250]);
    expect((await alice.delete(`subnets/${id}`)).status).toBe(204);
    expect((await portsOf(network_id)).filter(has)).toEqual([]);
    expect((await alice.get(`subnets/${id}`)).status).toBe(404);
  });
});

describe('a subnet', () => {
  test('goes with its DHCP server’s address; a network goes with the server', async () => {
    const { id: network_id } = await admin.make('network', {});
    const subnet = await admin.make('subnet', { network_id, ip_version: 4, cidr: '10.0.0.0/24' });
    const server = await admin.make('port', { network_id, device_owner: 'network:dhcp' });
    expect(server.fixed_ips[0].ip_address).toBe('10.0.0.2');
    expect((await admin.delete(`subnets/${subnet.id}`)).status).toBe(204);
    expect((await admin.get(`ports/${server.id}`)).body.port.fixed_ips).toEqual([]);
    expect((await admin.delete(`networks/${network_id}`)).status).toBe(204);
    expect((await admin.get(`ports/${server.id}`)).status).toBe(404);
  });

  test('has everything that Neutron shows, with its defaults', async () => {
    const network = await admin.make('network', { 'router:external': true });
    const at = { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' };
    const subnet = await admin.make('subnet', at);
    expect(subnet).toMatchObject({
      service_types: [],
      dns_publish_fixed_ip: false,
      segment_id: null,
      subnetpool_id: null,
      'router:external': true,
    });
    const path = `subnets/${subnet.id}`;
    const change = {
      service_types: ['compute:nova'],
      dns_publish_fixed_ip: true,
      segment_id: null,
    };
    expect((await admin.put(path, { subnet: change })).body.subnet).toMatchObject(change);
    const segment = { subnet: { segment_id: '00000000-0000-4000-8000-000000000000' } };
    expect(await admin.put(path, segment)).toMatchObject({ status: 404, error: 'SegmentNotFound' });
    expect((await admin.put(path, { subnet: { service_types: null } })).body.subnet).toMatchObject({
      service_types: [],
    });
  });

  test('is for certain owners, or of a segment, where operators say so', async () => {
    const { id: network_id } = await alice.make('network', {});
    const subnet = { network_id, ip_version: 4, cidr: '10.0.0.0/24' };
    for (const more of [{ service_types: [] }, { segment_id: null }]) {
      const answer = await alice.post('subnets', { subnet: { ...subnet, ...more } });
      expect([answer.status, answer.error]).toEqual([403, 'PolicyNotAuthorized']);
    }
    const made = await alice.make('subnet', subnet);
    expect(made).not.toHaveProperty('segment_id');
    const change = { subnet: { service_types: ['compute:nova'] } };
    expect((await alice.put(`subnets/${made.id}`, change)).status).toBe(403);
  });

  test('keeps DHCP while it has IPv6 modes', async () => {
    const { id: network_id } = await alice.make('network', {});
    const { id } = await alice.make('subnet', { network_id, ...SLAAC });
    const answer = await alice.put(`subnets/${id}`, { subnet: { enable_dhcp: false } });
    expect(answer.body.NeutronError.message).toContain(
      'Cannot disable enable_dhcp with ipv6 attributes set',
    );
  });
});
