/**
 * Goal: port forwardings of floating IPs behave over REST as Neutron's do.
 * Method: requests through inject() on a controller with a real Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { act, makeCloud, refusal } from './l3-world.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const ABSENT = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const get = async (path: string) => (await heddle.call('GET', `/v2.0/${path}`)).body;
const show = async (id: string) => (await get(`floatingips/${id}`)).floatingip;
const put = (id: string, floatingip: object) =>
  heddle.call('PUT', `/v2.0/floatingips/${id}`, { floatingip });
const refused = (answer: Promise<Answer>) => refusal(heddle, answer);

describe('a port forwarding', () => {
  async function forwarded() {
    const cloud = await makeCloud(heddle);
    const at = { floating_network_id: cloud.outside.network.id };
    const fip = await heddle.make('floatingip', at);
    const path = `/v2.0/floatingips/${fip.id}/port_forwardings`;
    const base = {
      protocol: 'tcp',
      internal_port_id: cloud.vm.id,
      internal_ip_address: cloud.vm.fixed_ips[0].ip_address,
      internal_port: 80,
      external_port: 8080,
    };
    const forward = (attributes: object = {}) =>
      heddle.call('POST', path, { port_forwarding: { ...base, ...attributes } });
    const change = (id: string, port_forwarding: object) =>
      heddle.call('PUT', `${path}/${id}`, { port_forwarding });
    return { ...cloud, fip, at, path, base, forward, change };
  }

  test('leads from a port outside to one inside, and needs the router for that', async () => {
    const { fip, path, base, forward, change, router } = await forwarded();
    const made = await forward();
    const { id } = made.body.port_forwarding;
    expect([made.status, made.body.port_forwarding]).toEqual([
      201,
      {
        ...base,
        id: expect.any(String),
        internal_port_range: '80:80',
        external_port_range: '8080:8080',
        description: '',
      },
    ]);
    expect(
      (await get(`floatingips/${fip.id}/port_forwardings?protocol=tcp`)).port_forwardings,
    ).toEqual([made.body.port_forwarding]);
    expect(await show(fip.id)).toMatchObject({
      port_id: null,
      router_id: router.id,
      revision_number: 2,
      port_forwardings: [{ ...base, id }],
    });
    expect(
      (await change(id, { external_port: 8081, description: 'd' })).body.port_forwarding,
    ).toMatchObject({ external_port: 8081, external_port_range: '8081:8081', description: 'd' });
    const range = { internal_port_range: '80:90', external_port_range: '180:190' };
    expect((await change(id, range)).body.port_forwarding).toMatchObject({
      ...range,
      internal_port: null,
      external_port: null,
    });
    expect((await heddle.call('DELETE', `${path}/${id}`)).status).toBe(204);
    expect(await show(fip.id)).toMatchObject({ router_id: null, port_forwardings: [] });
    expect((await heddle.call('GET', `${path}/${id}`)).error).toBe('PortForwardingNotFound');
    expect((await heddle.call('DELETE', `${path}/${id}`)).error).toBe('PortForwardingNotFound');
  });

  test('keeps apart from others, inside and outside', async () => {
    const { forward, change } = await forwarded();
    await forward();
    const range = (internal_port_range: string, external_port_range: string) => ({
      internal_port: null,
      external_port: null,
      internal_port_range,
      external_port_range,
    });
    for (const other of [
      {},
      { internal_port: 81 },
      { external_port: 8081 },
      range('70:85', '170:185'),
      range('100:105', '8075:8080'),
      range('90:95', '90:99'),
    ]) {
      expect(await refused(forward(other)), JSON.stringify(other)).toEqual([400, 'BadRequest']);
    }
    const udp = await forward({ protocol: 'udp' });
    expect(udp.status).toBe(201);
    const toTcp = change(udp.body.port_forwarding.id, { protocol: 'tcp' });
    expect(await refused(toTcp)).toEqual([400, 'BadRequest']);
    expect((await forward(range('222', '300:310'))).body.port_forwarding).toMatchObject({
      internal_port: 222,
      external_port: null,
    });
  });

  test.each([
    [{ protocol: 'x' }, 400, 'InvalidInput'],
    [{ protocol: 'TCP' }, 400, 'HTTPBadRequest'],
    [{ internal_port: 0 }, 400, 'HTTPBadRequest'],
    [{ external_port: 65_536 }, 400, 'HTTPBadRequest'],
    [{ internal_port: 'x' }, 400, 'HTTPBadRequest'],
    [{ internal_port: null }, 400, 'BadRequest'],
    [{ internal_port: 80, internal_port_range: '80:90' }, 400, 'BadRequest'],
    [{ internal_port_range: '90:80' }, 400, 'HTTPBadRequest'],
    [{ internal_port_range: '1:2:3' }, 400, 'HTTPBadRequest'],
    [{ internal_port_range: {} }, 400, 'HTTPBadRequest'],
    [{ external_port_range: '0:70000' }, 400, 'HTTPBadRequest'],
    [{ internal_port_id: ABSENT }, 404, 'PortNotFound'],
    [{ internal_ip_address: '10.1.0.253' }, 400, 'BadRequest'],
    [{ internal_ip_address: 'fd00::1' }, 400, 'BadRequest'],
  ])('with %j is refused', async (attributes, status, type) => {
    const { forward } = await forwarded();
    expect(await refused(forward(attributes))).toEqual([status, type]);
  });

  test('and a floating IP of the port itself exclude each other', async () => {
    const { fip, at, vm, inside, forward } = await forwarded();
    const whole = await heddle.make('floatingip', { ...at, port_id: vm.id });
    expect(await refused(forward())).toEqual([409, 'PortHasBindingFloatingIP']);
    await heddle.call('DELETE', `/v2.0/floatingips/${whole.id}`);
    const other = await heddle.make('port', { network_id: inside.network.id });
    await put(fip.id, { port_id: other.id });
    expect(await refused(forward())).toEqual([409, 'FloatingIPPortAlreadyAssociated']);
    await put(fip.id, { port_id: null });
    expect((await forward()).status).toBe(201);
    expect(await refused(put(fip.id, { port_id: other.id }))).toEqual([
      409,
      'FipInUseByPortForwarding',
    ]);
    const path = `/v2.0/floatingips/${fip.id}`;
    expect(await refused(heddle.call('DELETE', path))).toEqual([409, 'FipInUseByPortForwarding']);
    expect((await put(fip.id, { port_id: null })).body.floatingip.router_id).not.toBeNull();
  });

  test('keeps the router, moves to another port, and ends with it', async () => {
    const { fip, router, inside, vm, interfaceId, forward, change } = await forwarded();
    const { id } = (await forward()).body.port_forwarding;
    const removed = act(heddle, router.id, 'remove_router_interface', { port_id: interfaceId });
    expect(await refused(removed)).toEqual([409, 'RouterInterfaceInUseByFloatingIP']);
    const path = `/v2.0/routers/${router.id}`;
    const none = { router: { external_gateway_info: null } };
    expect(await refused(heddle.call('PUT', path, none))).toEqual([
      409,
      'RouterExternalGatewayInUseByFloatingIp',
    ]);
    const other = await heddle.make('port', { network_id: inside.network.id });
    const to = {
      internal_port_id: other.id,
      internal_ip_address: other.fixed_ips[0].ip_address,
    };
    expect((await change(id, to)).body.port_forwarding).toMatchObject(to);
    expect((await heddle.call('DELETE', `/v2.0/ports/${vm.id}`)).status).toBe(204);
    expect((await show(fip.id)).port_forwardings).toHaveLength(1);
    expect((await heddle.call('DELETE', `/v2.0/ports/${other.id}`)).status).toBe(204);
    expect(await show(fip.id)).toMatchObject({ router_id: null, port_forwardings: [] });
  });

  test('is within its floating IP alone', async () => {
    const { forward } = await forwarded();
    const { id } = (await forward()).body.port_forwarding;
    const { fip } = await forwarded();
    const there = `/v2.0/floatingips/${fip.id}/port_forwardings`;
    expect((await heddle.call('GET', `${there}/${id}`)).error).toBe('PortForwardingNotFound');
    const nowhere = `/v2.0/floatingips/${ABSENT}/port_forwardings`;
    expect((await heddle.call('GET', nowhere)).error).toBe('FloatingIPNotFound');
    expect((await heddle.call('GET', `${nowhere}/${id}`)).error).toBe('FloatingIPNotFound');
    expect((await heddle.call('POST', nowhere, { port_forwarding: {} })).status).toBe(400);
  });
});
