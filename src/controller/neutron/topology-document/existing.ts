/** What a project has of the kinds that documents are about. */
import {
  type Intent,
  interfacesOf,
  type Network,
  type Port,
  type Router,
  type SecurityGroup,
  type Subnet,
} from '../../../topology/index.ts';
import { Names, type Referred } from './names.ts';

export interface Existing {
  readonly networks: readonly Network[];
  readonly subnets: ReadonlyMap<string, readonly Subnet[]>;
  readonly groups: readonly SecurityGroup[];
  readonly routers: readonly Router[];
  /** All but those that the region makes for itself, and for routers. */
  readonly ports: readonly Port[];
}

type IsVisible = (kind: Referred, id: string) => boolean;

export function existingOf(topology: Intent, projectId: string, isVisible: IsVisible): Existing {
  const networks = [...topology.ofProject('network', projectId).values()];
  const ports = [...topology.ofProject('port', projectId).values()];
  const subnetsOf = (id: string): readonly Subnet[] =>
    [...topology.members('subnetsOfNetwork', id).values()].filter((subnet) =>
      isVisible('subnet', subnet.id),
    );
  return {
    networks,
    subnets: new Map(networks.map(({ id }) => [id, subnetsOf(id)])),
    groups: [...topology.ofProject('security_group', projectId).values()],
    routers: [...topology.ofProject('router', projectId).values()],
    ports: ports.filter(({ device_owner: owner }) => !owner.startsWith('network:')),
  };
}

/** The names of everything that there is. */
export function namesOf({ networks, subnets, groups }: Existing, isVisible: IsVisible): Names {
  const names = new Names(isVisible);
  for (const network of networks) {
    names.add('network', network.id, [network.name]);
    for (const subnet of subnets.get(network.id) ?? []) names.addSubnet(subnet, network);
  }
  for (const { id, name } of groups) names.add('security_group', id, [name]);
  return names;
}

/** The subnets that a router is in, with its port in each. */
export function subnetsOfRouter(topology: Intent, router: Router): ReadonlyMap<string, Port> {
  const pairs = interfacesOf(topology, router).flatMap((port) =>
    port.fixed_ips.map(({ subnet_id: id }) => [id, port] as const),
  );
  return new Map(pairs);
}
