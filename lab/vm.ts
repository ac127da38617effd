/**
 * A virtual machine: a namespace whose `eth0` is one end of a veth. The other end lies in the host
 * that the VM runs on and is plugged into that host's integration bridge.
 */
import { DATAPATH_TYPE } from './datapath.ts';
import type { CommandResult } from './exec.ts';
import type { Host } from './host.ts';
import { namespaceName, vmInterface } from './names.ts';
import { Namespace } from './namespace.ts';

export interface Address {
  readonly ip: string;
  readonly prefix: number;
}

export interface VmOptions {
  readonly host: Host;
  /** Where the other end of its link is; by default in the host. */
  readonly link?: Namespace;
  readonly mac: string;
  readonly addresses: readonly Address[];
  /** The port it claims (`external_ids:iface-id`); by default its own name. */
  readonly ifaceId?: string;
  readonly gateway?: string;
  /** It is not given its addresses: it has to ask for them. */
  readonly isBare?: boolean;
  /** Bytes of an IP packet; the default leaves room for a tunnel in a 1500-byte underlay. */
  readonly mtu?: number;
}

const MTU_DEFAULT = 1442;
/** Only what a test sends may be on the wire: no address probes, no router solicitations. */
const QUIET = {
  'net.ipv6.conf.eth0.accept_ra': 0,
  'net.ipv6.conf.eth0.autoconf': 0,
  'net.ipv6.conf.eth0.accept_dad': 0,
  'net.ipv6.conf.eth0.dad_transmits': 0,
  'net.ipv6.conf.eth0.router_solicitations': 0,
} as const;

export class Vm {
  readonly name: string;
  readonly namespace: Namespace;
  readonly mac: string;
  readonly addresses: readonly Address[];
  readonly mtu: number;
  #ifaceId: string;
  #host: Host;

  private constructor(name: string, namespace: Namespace, options: VmOptions) {
    this.name = name;
    this.namespace = namespace;
    this.mac = options.mac;
    this.addresses = options.addresses;
    this.mtu = options.mtu ?? MTU_DEFAULT;
    this.#ifaceId = options.ifaceId ?? name;
    this.#host = options.host;
  }

  /** Makes the VM, its link to the host and its addresses; it is not plugged yet. */
  static async create(labId: string, name: string, options: VmOptions): Promise<Vm> {
    const namespace = await Namespace.create(namespaceName(labId, name), { ipv6: true });
    const vm = new Vm(name, namespace, options);
    const { mtu } = vm;
    await (options.link ?? options.host.namespace).ip(
      `link add ${vm.interfaceName} mtu ${mtu} type veth ` +
        `peer name eth0 mtu ${mtu} address ${options.mac} netns ${namespace.name}`,
      linkUp(vm.interfaceName),
    );
    await namespace.sysctl(QUIET);
    // Between userspace datapaths nobody would fill in a checksum left to the hardware.
    if (DATAPATH_TYPE === 'netdev') await namespace.exec(['ethtool', '-K', 'eth0', 'tx', 'off']);
    await namespace.ip(
      'link set eth0 up',
      ...(options.isBare === true ? [] : options.addresses.map(addressLine)),
      ...(options.gateway === undefined ? [] : [`route add default via ${options.gateway}`]),
    );
    return vm;
  }

  get host(): Host {
    return this.#host;
  }

  /** The name of the host's end of its link. */
  get interfaceName(): string {
    return vmInterface(this.name);
  }

  /** Its first address of a family. */
  address(family: 'ipv4' | 'ipv6'): string {
    const found = this.addresses.find(({ ip }) => ip.includes(':') === (family === 'ipv6'));
    if (found === undefined) throw new Error(`${this.name} has no ${family} address`);
    return found.ip;
  }

  /** Runs a command inside the VM, whatever its exit status. */
  run(command: readonly string[]): Promise<CommandResult> {
    return this.namespace.tryExec(command);
  }

  /** The port that it claims (`external_ids:iface-id`). */
  get ifaceId(): string {
    return this.#ifaceId;
  }

  /** Plugs its link into the host's integration bridge, claiming its port. */
  plug(ifaceId = this.#ifaceId): Promise<void> {
    this.#ifaceId = ifaceId;
    return this.#host.addPort(this.interfaceName, {
      'iface-id': ifaceId,
      'attached-mac': `"${this.mac}"`,
    });
  }

  async unplug(): Promise<void> {
    await this.#host.deletePort(this.interfaceName);
  }

  /** Takes it to another host, running, and plugs it in there; its addresses stay. */
  async move(host: Host): Promise<void> {
    await this.unplug();
    await this.#host.namespace.ip(`link set ${this.interfaceName} netns ${host.namespace.name}`);
    await host.namespace.ip(linkUp(this.interfaceName));
    this.#host = host;
    await this.plug();
  }

  /** Unplugs it and removes it with all that runs in it. */
  async delete(): Promise<void> {
    await this.unplug();
    // A namespace takes its devices along only some time after it was deleted.
    await this.#host.namespace.ip(`link del ${this.interfaceName}`);
    await this.namespace.delete();
  }
}

/**
 * As Open vSwitch wants it, before it is plugged in: when anything changes about a link of the
 * host, a userspace datapath reads its routes anew, and drops what goes to other hosts meanwhile.
 */
function linkUp(interfaceName: string): string {
  return `link set ${interfaceName} promisc on up`;
}

function addressLine({ ip, prefix }: Address): string {
  return `addr add ${ip}/${prefix} dev eth0${ip.includes(':') ? ' nodad' : ''}`;
}
