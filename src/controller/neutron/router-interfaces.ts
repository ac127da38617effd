/**
 * The interfaces of a router: `add_router_interface` and `remove_router_interface`. Each writes the
 * router as well: its revision stands for the set of its ports.
 */
import {
  badResource,
  checkInterfacePort,
  checkInterfaceSubnet,
  checkInterfaceUnused,
  checkOneIpv4Subnet,
  checkOverlap,
  checkPools,
  checkSubnetOpen,
  type FixedIp,
  intentError,
  interfacesOf,
  ipv6PortOf,
  type Port,
  ROUTER_INTERFACE,
  type Router,
  readInterface,
  type Subnet,
  subnetsOfPort,
  touchedRouter,
  updatedPort,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { checkDeviceOwner, namedClaims } from './ports.ts';
import type { Action, View } from './resource-type.ts';
import { addServicePort, removeServicePort } from './service-ports.ts';
import { visible } from './visible.ts';

/** A port of a router, and the subnets that a request adds or takes away with it. */
interface Attachment {
  readonly port: Port;
  readonly subnets: readonly Subnet[];
}

export const addRouterInterface: Action<Router> = (draft, router, body) => {
  const { port_id, subnet_id } = readInterface(body);
  if (port_id !== undefined && subnet_id !== undefined) {
    throw badResource('router', 'Cannot specify both subnet-id and port-id');
  }
  const added =
    port_id === undefined
      ? addBySubnet(draft, router, visible('subnet', subnet_id ?? '', draft))
      : addByPort(draft, router, visible('port', port_id, draft));
  putRouter(draft, router, [...new Set([...router.interface_port_ids, added.port.id])]);
  return () => wireForm(router, added, added.subnets.at(-1));
};

function addByPort(draft: Draft, router: Router, port: Port): Attachment {
  const { topology, requester } = draft;
  const subnets = subnetsOfPort(topology, port);
  checkInterfacePort(topology, router, port, subnets);
  const device = { device_id: router.id, device_owner: ROUTER_INTERFACE };
  const attached = updatedPort(port, device, draft.at, draft);
  checkDeviceOwner(draft, attached);
  checkOverlap(topology, router, subnets);
  checkOneIpv4Subnet(port, subnets);
  if (!requester.isAdmin) checkPools(port, subnets, requester.projectId);
  draft.put('port', port.id, attached);
  return { port: attached, subnets };
}

/** With a port of its own at the subnet's gateway; several IPv6 subnets of a network share one. */
function addBySubnet(draft: Draft, router: Router, subnet: Subnet): Attachment {
  const { topology, requester } = draft;
  const address = { subnet_id: subnet.id, ip_address: checkInterfaceSubnet(subnet) };
  if (!requester.isAdmin) checkSubnetOpen(topology, subnet, requester.projectId);
  checkOverlap(topology, router, [subnet]);
  const shared =
    subnet.ip_version === 6 ? ipv6PortOf(topology, router, subnet.network_id) : undefined;
  const network = visible('network', subnet.network_id, draft);
  const port =
    shared === undefined
      ? addServicePort(draft, network, {
          project_id: router.project_id,
          device_id: router.id,
          device_owner: ROUTER_INTERFACE,
          fixed_ips: [address],
        })
      : readdress(draft, shared, [...shared.fixed_ips, address]);
  return { port, subnets: [subnet] };
}

function readdress(draft: Draft, before: Port, fixed_ips: readonly FixedIp[]): Port {
  const port = updatedPort(before, { fixed_ips }, draft.at, draft);
  draft.expect('network', port.network_id);
  draft.name(namedClaims(draft.topology, port, { fixed_ips }));
  draft.put('port', port.id, port);
  return port;
}

export const removeRouterInterface: Action<Router> = (draft, router, body) => {
  const { port_id, subnet_id } = readInterface(body);
  const removed =
    port_id === undefined
      ? removeBySubnet(draft, router, visible('subnet', subnet_id ?? '', draft))
      : removeByPort(draft, router, { port_id, subnet_id });
  return () => wireForm(router, removed, removed.subnets[0]);
};

function removeByPort(
  draft: Draft,
  router: Router,
  { port_id, subnet_id }: { readonly port_id: string; readonly subnet_id: string | undefined },
): Attachment {
  const { topology } = draft;
  const port = interfacesOf(topology, router).find(({ id }) => id === port_id);
  if (port === undefined) {
    throw intentError('RouterInterfaceNotFound', { router_id: router.id, port_id });
  }
  const subnets = subnetsOfPort(topology, port);
  if (subnet_id !== undefined && !subnets.some(({ id }) => id === subnet_id)) {
    throw intentError('SubnetMismatchForPort', { port_id, subnet_id });
  }
  for (const subnet of subnets) checkInterfaceUnused(topology, router, subnet);
  detach(draft, router, port);
  return { port, subnets };
}

/** Of a port with several subnets only the one is taken. */
function removeBySubnet(draft: Draft, router: Router, subnet: Subnet): Attachment {
  const { topology } = draft;
  const isThere = ({ subnet_id }: FixedIp): boolean => subnet_id === subnet.id;
  const port = interfacesOf(topology, router).find(({ fixed_ips }) => fixed_ips.some(isThere));
  if (port === undefined) {
    const names = { router_id: router.id, subnet_id: subnet.id };
    throw intentError('RouterInterfaceNotFoundForSubnet', names);
  }
  checkInterfaceUnused(topology, router, subnet);
  const kept = port.fixed_ips.filter((fixed) => !isThere(fixed));
  if (kept.length === 0) {
    detach(draft, router, port);
  } else {
    readdress(draft, port, kept);
    putRouter(draft, router, router.interface_port_ids);
  }
  return { port, subnets: [subnet] };
}

function detach(draft: Draft, router: Router, port: Port): void {
  removeServicePort(draft, port);
  putRouter(
    draft,
    router,
    router.interface_port_ids.filter((id) => id !== port.id),
  );
}

function putRouter(draft: Draft, router: Router, interface_port_ids: readonly string[]): void {
  draft.put('router', router.id, touchedRouter(router, { interface_port_ids }, draft.at));
}

function wireForm({ id }: Router, { port, subnets }: Attachment, subnet?: Subnet): View {
  return {
    id,
    tenant_id: port.project_id,
    port_id: port.id,
    network_id: port.network_id,
    subnet_id: subnet?.id,
    subnet_ids: subnets.map((it) => it.id),
  };
}
