/** Two hosts with a server, a client beside it and one across: what tests of security groups need. */
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import type { Ends } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { Listener } from '../../lab/listener.ts';
import type { Family } from '../../lab/ping.ts';
import type { Json } from '../../lab/rest.ts';
import type { Ports } from '../../lab/transport-frames.ts';
import type { Vm } from '../../lab/vm.ts';
import { at, honest, useCloud } from './lab-cloud.ts';

/** A rule in the words of Neutron; ingress and IPv4 when it does not say. */
export interface Rule {
  readonly direction?: 'ingress' | 'egress';
  readonly ethertype?: 'IPv4' | 'IPv6';
  readonly protocol?: string;
  readonly port_range_min?: number;
  readonly port_range_max?: number;
  readonly remote_ip_prefix?: string;
  readonly remote_group_id?: string;
  readonly remote_address_group_id?: string;
}

export interface Group {
  readonly id: string;
  /** Ids of its rules, but for those that Neutron gives each new group. */
  readonly rules: string[];
}

export interface GroupOptions {
  readonly stateful?: boolean;
  /** Whether the rules stay that Neutron gives each new group: everything may go out. */
  readonly isEgressFree?: boolean;
}

/** From a client to the server. */
export interface Path {
  readonly name: string;
  readonly from: Vm;
  readonly family: Family;
  readonly ends: Ends;
}

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];
const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];

/** The same rule for both IP versions. */
export function bothVersions(rule: Rule): Rule[] {
  const protocol = rule.protocol === 'icmp' ? { protocol: 'ipv6-icmp' } : {};
  return [
    { ...rule, ethertype: 'IPv4' },
    { ...rule, ethertype: 'IPv6', ...protocol },
  ];
}

/** Both rules for one port, or from it to `last`. */
export function openPorts(protocol: string, first: number, last = first): Rule[] {
  return bothVersions({ protocol, port_range_min: first, port_range_max: last });
}

let lastPort = 20_000;

/** Ports of a connection that no test had before. */
export function newPorts(to: number): Ports {
  lastPort += 1;
  return { from: lastPort, to };
}

/** One frame for each of these ports, by the port. */
export function toPorts(
  ports: readonly number[],
  frame: (ports: Ports) => Buffer,
): Record<string, Buffer> {
  return Object.fromEntries(ports.map((to) => [String(to), frame(newPorts(to))]));
}

/** The parts of a world, made before its tests. */
interface Parts {
  readonly cloud: Cloud;
  readonly hosts: readonly Host[];
  readonly network: CloudNetwork;
  /** On the first host, in a group of its own. */
  readonly server: Vm;
  /** Clients in the default group: beside the server, and on the second host. */
  readonly near: Vm;
  readonly far: Vm;
  readonly atServer: Listener;
}

/** Starts the world before the tests of a block; what it gives must be read inside a test. */
export function useSecurityWorld(): () => SecurityWorld {
  let world: SecurityWorld | undefined;
  useCloud({ hosts: 2 }, async (cloud, hosts) => {
    // A question for DHCP goes to the neighbours where the controller does not answer it.
    const network = await cloud.network('red', { cidrs: CIDRS, subnet: { enable_dhcp: false } });
    const server = await cloud.boot('server', network, at(hosts, 0));
    const near = await cloud.boot('near', network, at(hosts, 0));
    const far = await cloud.boot('far', network, at(hosts, 1));
    await cloud.realized(server, near, far);
    const atServer = await Listener.at(server);
    world = new SecurityWorld({ cloud, hosts, network, server, near, far, atServer });
  });
  return () => {
    if (world === undefined) throw new Error('the world is not there yet');
    return world;
  };
}

export class SecurityWorld {
  readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** From each client to the server, in each family. */
  get paths(): readonly Path[] {
    const { near, far, server } = this.parts;
    return [near, far].flatMap((from) =>
      FAMILIES.map((family) => ({
        name: `${from.name} ${family}`,
        from,
        family,
        ends: honest(from, server, family),
      })),
    );
  }

  async group(rules: readonly Rule[], options: GroupOptions = {}): Promise<Group> {
    const { rest } = this.parts.cloud.controller;
    const { stateful = true, isEgressFree = true } = options;
    const made = await rest.post<{ security_group: WireGroup }>('/v2.0/security-groups', {
      security_group: { name: 'made', project_id: this.parts.network.projectId, stateful },
    });
    const { id, security_group_rules: given } = made.security_group;
    if (!isEgressFree) for (const rule of given) await this.removeRule(rule.id);
    return { id, rules: await this.addRules(id, rules) };
  }

  async addRules(groupId: string, rules: readonly Rule[]): Promise<string[]> {
    const ids: string[] = [];
    for (const rule of rules) ids.push(await this.addRule(groupId, rule));
    return ids;
  }

  /** Gives its id. It is not realised yet, nor is what the other words change. */
  async addRule(groupId: string, rule: Rule): Promise<string> {
    const { rest } = this.parts.cloud.controller;
    const wire = { direction: 'ingress', security_group_id: groupId, ...rule };
    const path = '/v2.0/security-group-rules';
    const made = await rest.post<{ security_group_rule: { id: string } }>(path, {
      security_group_rule: { ...wire, project_id: this.parts.network.projectId },
    });
    return made.security_group_rule.id;
  }

  async removeRule(id: string): Promise<void> {
    await this.parts.cloud.controller.rest.delete(`/v2.0/security-group-rules/${id}`);
  }

  async addressGroup(addresses: readonly string[]): Promise<string> {
    const { rest } = this.parts.cloud.controller;
    const body = { address_group: { name: 'made', addresses } as Json };
    const path = '/v2.0/address-groups';
    return (await rest.post<{ address_group: { id: string } }>(path, body)).address_group.id;
  }

  async regroup(vm: Vm, ...groups: readonly Group[]): Promise<void> {
    await this.parts.cloud.setPort(vm, { security_groups: groups.map(({ id }) => id) });
  }

  /** Puts the server into one new group of these rules; realised when this returns. */
  async serve(rules: readonly Rule[], options: GroupOptions = {}): Promise<Group> {
    const group = await this.group(rules, options);
    await this.regroup(this.parts.server, group);
    await this.realized();
    return group;
  }

  /** Waits until every packet from now on is judged by what was changed before. */
  async realized(...vms: readonly Vm[]): Promise<void> {
    await this.parts.cloud.realized(...vms);
    await Promise.all(this.parts.hosts.map((host) => host.settled()));
  }

  /** Sends frames along every path; gives by path the names of those that came to the server. */
  async arrivals(
    frames: (ends: Ends, path: Path) => Readonly<Record<string, Buffer>>,
    paths: readonly Path[] = this.paths,
  ): Promise<Record<string, string[]>> {
    const came: Record<string, string[]> = {};
    for (const path of paths) {
      came[path.name] = await this.parts.atServer.arrived(path.from, frames(path.ends, path));
    }
    return came;
  }

  /** What `arrivals` gives when the same frames came along all paths. */
  everywhere(...names: readonly string[]): Record<string, readonly string[]> {
    return Object.fromEntries(this.paths.map((path) => [path.name, names]));
  }
}

interface WireGroup {
  readonly id: string;
  readonly security_group_rules: readonly { readonly id: string }[];
}
