/** Networks outside and inside with a router between them, for the tests of layer 3. */
import { expect } from 'vitest';
import { type Answer, type Controller, makeSegment } from './world.ts';

/** An external network with one IPv4 subnet. */
export async function makeOutside(controller: Controller, cidr = '203.0.113.0/24') {
  const network = await controller.make('network', { 'router:external': true });
  const where = { network_id: network.id, ip_version: 4, cidr, enable_dhcp: false };
  return { network, subnet: await controller.make('subnet', where) };
}

/** `add_router_interface`, `remove_extraroutes` and so on. */
export function act(
  controller: Controller,
  routerId: string,
  action: string,
  body: object,
): Promise<Answer> {
  return controller.call('PUT', `/v2.0/routers/${routerId}/${action}`, body);
}

/** A router with a gateway and one interface, and a port behind it. */
export async function makeCloud(controller: Controller, cidr = '10.1.0.0/24') {
  const outside = await makeOutside(controller);
  const inside = await makeSegment(controller, cidr);
  const router = await controller.make('router', {
    external_gateway_info: { network_id: outside.network.id },
  });
  const added = await act(controller, router.id, 'add_router_interface', {
    subnet_id: inside.subnet.id,
  });
  const vm = await controller.make('port', { network_id: inside.network.id });
  return { outside, inside, router, vm, interfaceId: String(added.body.port_id) };
}

/** Status and type of a refusal, which has changed nothing. */
export async function refusal(
  controller: Controller,
  answer: Promise<Answer>,
): Promise<[number, string | undefined]> {
  const before = controller.topology.revision;
  const { status, error } = await answer;
  expect(controller.topology.revision).toBe(before);
  return [status, error];
}
