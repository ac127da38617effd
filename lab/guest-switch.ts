/**
 * A switch of a guest's own, inside a VM: the machines behind it are in VLANs on the VM's wire, as
 * containers or nested VMs are. It is a stock Open vSwitch that switches by itself and knows
 * nothing of the cloud around it.
 */
import { join } from 'node:path';
import type { CloudPort } from './cloud.ts';
import { DATAPATH_TYPE } from './datapath.ts';
import type { Lab } from './lab.ts';
import { Ovs } from './ovs.ts';
import type { Vm } from './vm.ts';

const BRIDGE = 'br-guest';

export class GuestSwitch {
  readonly vm: Vm;
  readonly #lab: Lab;
  readonly #ovs: Ovs;

  private constructor(lab: Lab, vm: Vm, ovs: Ovs) {
    this.#lab = lab;
    this.vm = vm;
    this.#ovs = ovs;
  }

  /** Takes over `eth0` of a VM that has no addresses. */
  static async start(lab: Lab, vm: Vm): Promise<GuestSwitch> {
    const netns = vm.namespace.name;
    await vm.namespace.sysctl({ 'net.ipv6.conf.eth0.disable_ipv6': 1 });
    const ovs = new Ovs({ dir: join(lab.dir, `in-${vm.name}`), netns, systemId: vm.name });
    await ovs.start();
    const type = `datapath_type=${DATAPATH_TYPE}`;
    const bridge = ['add-br', BRIDGE, '--', 'set', 'Bridge', BRIDGE, type];
    await ovs.vsctl(...bridge, '--', 'add-port', BRIDGE, 'eth0');
    return new GuestSwitch(lab, vm, ovs);
  }

  /** Adds a machine with the addresses of a port, in a VLAN or, as number 0, in none. */
  async attach(
    name: string,
    { vlan, port, isBare = false }: { vlan: number; port: CloudPort; isBare?: boolean },
  ): Promise<Vm> {
    const { mac, addresses, id: ifaceId } = port;
    const { host, namespace: link } = this.vm;
    const vm = await this.#lab.addVm(name, { host, link, mac, addresses, ifaceId, isBare });
    await vm.namespace.ip('link set eth0 mtu 1400');
    const tag = vlan === 0 ? [] : [`tag=${vlan}`];
    await link.ip(`link set ${vm.interfaceName} mtu 1400`);
    await this.#ovs.vsctl('add-port', BRIDGE, vm.interfaceName, ...tag);
    return vm;
  }
}
