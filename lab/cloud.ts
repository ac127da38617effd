/**
 * What a cloud manager does: creates networks and ports through the REST API, and boots VMs on
 * hosts that claim those ports.
 */
import type { Controller } from './controller.ts';
import { until } from './exec.ts';
import type { Host } from './host.ts';
import type { Lab } from './lab.ts';
import type { Family } from './ping.ts';
import type { Json } from './rest.ts';
import type { Address, Vm } from './vm.ts';

export interface CloudSubnet {
  readonly id: string;
  readonly prefix: number;
}

export interface CloudNetwork {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly mtu: number;
  /** Its identifier in tunnels. */
  readonly vni: number;
  readonly subnets: ReadonlyMap<Family, CloudSubnet>;
}

export interface CloudPort {
  readonly id: string;
  readonly mac: string;
  readonly addresses: readonly Address[];
}

/** A port in the wire shape of Neutron v2.0, as far as the lab reads it. */
interface WirePort {
  readonly id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
}

interface WireNetwork {
  readonly id: string;
  readonly name: string;
  readonly mtu: number;
  readonly 'provider:segmentation_id': number;
}

/** One host in `/v1/hosts`, as far as the lab reads it. */
export interface HostState {
  readonly id: string;
  readonly state: string;
  readonly realized_revision: number;
  readonly flow_mods_sent: number;
  readonly group_mods_sent: number;
  readonly meter_mods_sent: number;
  readonly packet_ins: number;
  readonly packet_ins_dropped: number;
  readonly drift_repaired: number;
}

export interface NetworkOptions {
  readonly projectId?: string;
  /**
   * At most one range a family, by default `10.0.0.0/24`. Of a /24 ports get at random what is
   * below `FREE_FROM`: the rest is for what tests make up.
   */
  readonly cidrs?: readonly string[];
  /** Attributes of Neutron for each of its subnets. */
  readonly subnet?: Json;
  /** The same for those of one family. */
  readonly families?: Readonly<Partial<Record<Family, Json>>>;
}

export interface PortOptions {
  readonly host?: Host;
  /** One address a family at most; the others are allocated. */
  readonly ips?: readonly string[];
  readonly mac?: string;
  /** Attributes of Neutron on top of these. */
  readonly attributes?: Json;
  /** A VM that does not know its addresses: it has to ask for them. */
  readonly isBare?: boolean;
}

const WAIT_S = 30;
/** The lowest last octet that no port gets unless it asks for it. */
const FREE_FROM = 128;

/** As much of a controller as a cloud manager and its hosts need. */
export type Served = Pick<Controller, 'manager' | 'rest'>;

export class Cloud<C extends Served = Controller> {
  readonly #lab: Lab;
  readonly #controller: C;

  constructor(lab: Lab, controller: C) {
    this.#lab = lab;
    this.#controller = controller;
  }

  /** Starts a controller and `hostCount` hosts `h1`, `h2`, … in a lab, all enrolled and ready. */
  static async up(
    lab: Lab,
    hostCount: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Cloud> {
    const controller = await lab.addController({ env });
    await Promise.all([controller.start(), addHosts(lab, hostCount)]);
    // A switch that finds no controller yet would wait before it asks again.
    for (const host of lab.hosts.values()) await host.enrol(controller.manager);
    const cloud = new Cloud(lab, controller);
    await cloud.hostsReady();
    return cloud;
  }

  get controller(): C {
    return this.#controller;
  }

  /** The folder with everything that the lab writes. */
  get labDir(): string {
    return this.#lab.dir;
  }

  /** Creates a network with its subnets. */
  async network(name: string, options: NetworkOptions = {}): Promise<CloudNetwork> {
    const { rest } = this.#controller;
    const projectId = options.projectId ?? name;
    const body = { network: { name, project_id: projectId } };
    const { network } = await rest.post<{ network: WireNetwork }>('/v2.0/networks', body);
    const subnets = new Map<Family, CloudSubnet>();
    for (const cidr of options.cidrs ?? ['10.0.0.0/24']) {
      const version = cidr.includes(':') ? 6 : 4;
      const family = version === 6 ? 'ipv6' : 'ipv4';
      const more = { ...options.subnet, ...options.families?.[family] };
      const { subnet } = await rest.post<{ subnet: { id: string } }>('/v2.0/subnets', {
        subnet: {
          network_id: network.id,
          project_id: projectId,
          ip_version: version,
          cidr,
          ...poolsOf(cidr),
          ...more,
        },
      });
      const prefix = Number(cidr.slice(cidr.indexOf('/') + 1));
      subnets.set(family, { id: subnet.id, prefix });
    }
    const vni = network['provider:segmentation_id'];
    return { id: network.id, name, projectId, mtu: network.mtu, vni, subnets };
  }

  /** Creates a port with an address in every subnet of its network. */
  async port(network: CloudNetwork, name: string, options: PortOptions = {}): Promise<CloudPort> {
    const fixedIps = [...network.subnets].map(([family, { id }]) => {
      const wanted = options.ips?.find((ip) => ip.includes(':') === (family === 'ipv6'));
      return { subnet_id: id, ...(wanted === undefined ? {} : { ip_address: wanted }) };
    });
    const { port } = await this.#controller.rest.post<{ port: WirePort }>('/v2.0/ports', {
      port: {
        network_id: network.id,
        project_id: network.projectId,
        name,
        fixed_ips: fixedIps,
        ...(options.host === undefined ? {} : { 'binding:host_id': options.host.ovs.systemId }),
        ...(options.mac === undefined ? {} : { mac_address: options.mac }),
        ...options.attributes,
      },
    });
    const prefixOf = new Map([...network.subnets.values()].map(({ id, prefix }) => [id, prefix]));
    const addresses = port.fixed_ips.map((fixed) => ({
      ip: fixed.ip_address,
      prefix: prefixOf.get(fixed.subnet_id) ?? 0,
    }));
    return { id: port.id, mac: port.mac_address, addresses };
  }

  /** Creates a port and a VM for it, plugged into `host`. Realised or not: see `realized`. */
  async boot(
    name: string,
    network: CloudNetwork,
    host: Host,
    options: Omit<PortOptions, 'host'> = {},
  ): Promise<Vm> {
    const vm = await this.prepare(name, network, host, options);
    await vm.plug();
    return vm;
  }

  /** As `boot`, but for the plug. */
  async prepare(
    name: string,
    network: CloudNetwork,
    host: Host,
    options: Omit<PortOptions, 'host'> = {},
  ): Promise<Vm> {
    const port = await this.port(network, name, { ...options, host });
    const { mtu } = network;
    const { mac, addresses, id } = port;
    const isBare = options.isBare === true;
    return this.#lab.addVm(name, { host, mac, addresses, ifaceId: id, mtu, isBare });
  }

  /** Changes attributes of a VM's port. Realised or not: see `realized`. */
  async setPort(vm: Vm, attributes: Json): Promise<void> {
    await this.#controller.rest.put(`/v2.0/ports/${vm.ifaceId}`, { port: attributes });
  }

  /** Moves a running VM and its port to another host. */
  async move(vm: Vm, host: Host): Promise<void> {
    await this.setPort(vm, { 'binding:host_id': host.ovs.systemId });
    await vm.move(host);
  }

  async portStatus(portId: string): Promise<string> {
    const { port } = await this.#controller.rest.get<{ port: WirePort }>(`/v2.0/ports/${portId}`);
    return port.status;
  }

  /** Waits until the ports of these VMs are ACTIVE and every host has realised all of it. */
  async realized(...vms: readonly Vm[]): Promise<void> {
    for (const vm of vms) {
      const what = `the port of ${vm.name} to become ACTIVE`;
      await until(async () => (await this.portStatus(vm.ifaceId)) === 'ACTIVE', what, 30_000);
    }
    const path = `/v1/realized?wait=${WAIT_S}`;
    const answer = await this.#controller.rest.get<{ realized: boolean; lagging?: string[] }>(path);
    if (!answer.realized) {
      throw new Error(`not realised after ${WAIT_S} s on ${answer.lagging?.join(', ')}`);
    }
  }

  async hosts(): Promise<readonly HostState[]> {
    return (await this.#controller.rest.get<{ hosts: HostState[] }>('/v1/hosts')).hosts;
  }

  /** Waits until every host of the lab is enrolled and holds what it should. */
  async hostsReady(): Promise<void> {
    await until(
      async () => {
        const ready = (await this.hosts()).filter(({ state }) => state === 'ready');
        return ready.length === this.#lab.hosts.size;
      },
      'every host to be ready',
      30_000,
    );
  }

  /** What the controller has changed on all hosts since it started: flows, groups and meters. */
  async modificationsSent(): Promise<number> {
    const hosts = await this.hosts();
    return hosts
      .flatMap((host) => [host.flow_mods_sent, host.group_mods_sent, host.meter_mods_sent])
      .reduce((sum, count) => sum + count, 0);
  }
}

async function addHosts(lab: Lab, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await lab.addHost(`h${number}`);
}

/** Attributes of a subnet. In a range of IPv6 nobody hits at random what a test has made up. */
function poolsOf(cidr: string): Json {
  const base = /^(.*\.)0\/24$/.exec(cidr)?.[1];
  if (base === undefined) return {};
  return { allocation_pools: [{ start: `${base}2`, end: `${base}${FREE_FROM - 1}` }] };
}
