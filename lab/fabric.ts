/**
 * The wires of a lab: two Linux bridges in a namespace of the lab's own. `underlay` joins the
 * hosts' tunnel addresses, `control` joins hosts and controllers.
 */
import { exec } from './exec.ts';
import { LAB_PREFIX, namespaceName } from './names.ts';
import { Namespace } from './namespace.ts';

export type Wire = 'underlay' | 'control';

/** Room for Geneve (50 bytes and options) around a VM's full 1500-byte packet. */
export const UNDERLAY_MTU = 1600;
const MTU: Readonly<Record<Wire, number>> = { underlay: UNDERLAY_MTU, control: 1500 };

export class Fabric {
  readonly namespace: Namespace;

  private constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  static async create(labId: string): Promise<Fabric> {
    const namespace = await Namespace.create(namespaceName(labId, 'fabric'));
    for (const wire of ['underlay', 'control'] satisfies Wire[]) {
      await namespace.ip(`link add ${wire} type bridge`, `link set ${wire} up`);
    }
    return new Fabric(namespace);
  }

  /** Connects a machine to a bridge by a veth that is called `device` on its side; both ends up. */
  async connect(wire: Wire, node: string, namespace: Namespace, device: string): Promise<void> {
    const port = portName(wire, node);
    const mtu = MTU[wire];
    const peer = `peer name ${device} mtu ${mtu} netns ${namespace.name}`;
    await this.namespace.ip(
      `link add ${port} mtu ${mtu} type veth ${peer}`,
      `link set ${port} master ${wire}`,
      `link set ${port} up`,
    );
    await namespace.ip(`link set ${device} up`);
  }

  /** Adds a port that whoever opens the tap device sends and receives at; gives its name. */
  async tap(wire: Wire, node: string): Promise<string> {
    const port = portName(wire, node);
    await this.namespace.ip(
      `tuntap add ${port} mode tap`,
      `link set ${port} mtu ${MTU[wire]} master ${wire}`,
      `link set ${port} up`,
    );
    return port;
  }

  /** Makes a network card of this machine a port, and this machine one with an address. */
  async join(wire: Wire, card: string, address: string): Promise<void> {
    const port = portName(wire, 'machine');
    const netns = this.namespace.name;
    await exec(['ip', '-batch', '-'], {
      input:
        `link set ${card} netns ${netns}\n` +
        `link add ${wire} type veth peer name ${port} netns ${netns}\n` +
        `addr add ${address}/${LAB_PREFIX} dev ${wire}\nlink set ${wire} up\n`,
    });
    for (const name of [card, port]) {
      await this.namespace.ip(`link set ${name} master ${wire}`, `link set ${name} up`);
    }
  }

  /** Takes a machine's link down at the bridge, as if the cable were pulled there. */
  async cut(wire: Wire, node: string): Promise<void> {
    await this.namespace.ip(`link set ${portName(wire, node)} down`);
  }

  async heal(wire: Wire, node: string): Promise<void> {
    await this.namespace.ip(`link set ${portName(wire, node)} up`);
  }
}

function portName(wire: Wire, node: string): string {
  return `${wire === 'underlay' ? 'u' : 'c'}-${node}`;
}
