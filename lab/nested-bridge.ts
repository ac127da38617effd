/**
 * A bridge inside a VM: the machines behind it have MAC addresses and addresses of their own, which
 * nobody has told the cloud. It is a stock Linux bridge.
 */
import type { Lab } from './lab.ts';
import type { Address, Vm } from './vm.ts';

const BRIDGE = 'br-nested';

export class NestedBridge {
  readonly vm: Vm;
  readonly #lab: Lab;

  private constructor(lab: Lab, vm: Vm) {
    this.vm = vm;
    this.#lab = lab;
  }

  /** Takes over `eth0` of a VM that has no addresses; the VM's own are the bridge's then. */
  static async start(lab: Lab, vm: Vm): Promise<NestedBridge> {
    await vm.namespace.sysctl({ 'net.ipv6.conf.eth0.disable_ipv6': 1 });
    await vm.namespace.ip(
      `link add ${BRIDGE} address ${vm.mac} type bridge mcast_snooping 0`,
      `link set eth0 master ${BRIDGE}`,
      `link set ${BRIDGE} up`,
      ...vm.addresses.map(({ ip, prefix }) => {
        return `addr add ${ip}/${prefix} dev ${BRIDGE}${ip.includes(':') ? ' nodad' : ''}`;
      }),
    );
    return new NestedBridge(lab, vm);
  }

  /** Adds a machine. */
  async attach(name: string, mac: string, addresses: readonly Address[]): Promise<Vm> {
    const { host, namespace: link } = this.vm;
    const nested = await this.#lab.addVm(name, { host, link, mac, addresses });
    await link.ip(`link set ${nested.interfaceName} master ${BRIDGE}`);
    return nested;
  }

  /** Moves a machine of this bridge, running, behind another. */
  async move(nested: Vm, to: NestedBridge): Promise<void> {
    const { interfaceName: device } = nested;
    await this.vm.namespace.ip(`link set ${device} netns ${to.vm.namespace.name}`);
    await to.vm.namespace.ip(`link set ${device} master ${BRIDGE} up`);
  }
}
