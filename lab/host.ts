/**
 * A hypervisor: a namespace with a stock Open vSwitch of its own, an underlay bridge `br-phy` that
 * carries the tunnel address, and a link to the controllers. The integration bridge is not made
 * here: making it is the controller's task at enrolment.
 */
import { join } from 'node:path';
import { DATAPATH_TYPE } from './datapath.ts';
import { until } from './exec.ts';
import { type Fabric, UNDERLAY_MTU, type Wire } from './fabric.ts';
import {
  controlAddress,
  LAB_PREFIX,
  namespaceName,
  underlayAddress,
  underlayMac,
} from './names.ts';
import { Namespace } from './namespace.ts';
import { Ovs, type OvsDaemon } from './ovs.ts';

export const INTEGRATION_BRIDGE = 'br-int';
const UNDERLAY_BRIDGE = 'br-phy';
const UPLINK = 'phy0';
/**
 * The longest that revalidators sleep when no flow changes, in milliseconds: the least that Open
 * vSwitch takes; 500 by default. A change wakes them at once, whatever this is; but who waits for
 * them after that waits until they wake again.
 */
const REVALIDATORS_SLEEP_MS = 100;

export interface HostOptions {
  readonly labId: string;
  readonly labDir: string;
  readonly name: string;
  /** Position in the lab's address plan, from 1. */
  readonly index: number;
  readonly fabric: Fabric;
}

export class Host {
  readonly name: string;
  readonly namespace: Namespace;
  readonly ovs: Ovs;
  readonly underlayAddress: string;
  readonly underlayMac: string;
  readonly #fabric: Fabric;
  readonly #neighbours = new Map<string, string>();

  private constructor(options: HostOptions, namespace: Namespace) {
    this.name = options.name;
    this.namespace = namespace;
    this.underlayAddress = underlayAddress(options.index);
    this.underlayMac = underlayMac(options.index);
    this.#fabric = options.fabric;
    this.ovs = new Ovs({
      dir: join(options.labDir, options.name),
      netns: namespace.name,
      systemId: options.name,
    });
  }

  static async create(options: HostOptions): Promise<Host> {
    const namespace = await Namespace.create(namespaceName(options.labId, options.name));
    await options.fabric.connect('underlay', options.name, namespace, UPLINK);
    await options.fabric.connect('control', options.name, namespace, 'ctl0');
    await namespace.ip(`addr add ${controlAddress(options.index)}/${LAB_PREFIX} dev ctl0`);
    const host = new Host(options, namespace);
    await host.ovs.start();
    await host.#addUnderlayBridge();
    return host;
  }

  /** What an operator does to enrol a host: names the controllers, nothing else. */
  async enrol(...managers: string[]): Promise<void> {
    await this.ovs.vsctl('set-manager', ...managers);
  }

  /** Waits until the controller has made the integration bridge. */
  async integrationBridgeReady(): Promise<void> {
    await this.ovs.vsctl('wait-until', 'Bridge', INTEGRATION_BRIDGE);
  }

  /** Adds an interface of this host to the integration bridge; done when the switch has it. */
  async addPort(device: string, externalIds: Readonly<Record<string, string>>): Promise<void> {
    const keys = Object.entries(externalIds).map(([key, value]) => `external_ids:${key}=${value}`);
    const add = ['add-port', INTEGRATION_BRIDGE, device, '--', 'set', 'Interface', device, ...keys];
    await this.ovs.vsctl(...add);
  }

  /** What an operator does to have promises kept: names the way out, and how fast it is. */
  async nameUplink(kbps: number): Promise<void> {
    const ids = ['heddle-egress-iface=true', `heddle-egress-kbps=${kbps}`];
    await this.ovs.vsctl('set', 'Interface', UPLINK, ...ids.map((id) => `external_ids:${id}`));
  }

  /** Waits until the kernel has a queue there for a port, which is promised so much. */
  async promises(portId: string, kbps: number): Promise<void> {
    const find = ['--bare', '--columns=ofport', 'find', 'Interface'];
    const ofport = (await this.ovs.vsctl(...find, `external_ids:iface-id=${portId}`)).trim();
    const queue = new RegExp(`Queue ${ofport}:[^Q]* min-rate: ${kbps * 1000}\\n`);
    await until(
      async () => queue.test(await this.ovs.appctl('qos/show', UPLINK)),
      `${this.name} to promise ${kbps} kbit/s`,
    );
  }

  async deletePort(device: string): Promise<void> {
    await this.ovs.vsctl('--if-exists', 'del-port', INTEGRATION_BRIDGE, device);
  }

  /** The flows of the integration bridge as ovs-ofctl prints them, in one table or in all. */
  async flows(match = ''): Promise<string[]> {
    const filter = match === '' ? [] : [match];
    const text = await this.ovs.ofctl('dump-flows', INTEGRATION_BRIDGE, ...filter);
    return text.split('\n').filter((line) => line.includes('cookie='));
  }

  /** The packets that the drop flows of one table have counted, up to this moment. */
  async dropped(table: number): Promise<number> {
    await this.counted();
    const drops = (await this.flows(`table=${table}`)).filter((flow) =>
      flow.endsWith('actions=drop'),
    );
    const counts = drops.map((flow) => Number(/n_packets=(\d+)/.exec(flow)?.[1] ?? 0));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Brings what the fast path has counted to the flows, as revalidators do now and then. */
  async counted(): Promise<void> {
    await this.ovs.appctl('revalidator/purge');
  }

  /**
   * Waits until the fast path remembers no verdict from before the latest change of flows: a
   * barrier says that the flows are there, and the revalidators follow some milliseconds later.
   */
  async settled(): Promise<void> {
    await this.ovs.appctl('revalidator/wait');
  }

  cut(wire: Wire): Promise<void> {
    return this.#fabric.cut(wire, this.name);
  }

  heal(wire: Wire): Promise<void> {
    return this.#fabric.heal(wire, this.name);
  }

  /** Ends a daemon (SIGKILL: a crash) and starts it again, as the machine's init would. */
  async restartDaemon(daemon: OvsDaemon, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.ovs.stopDaemon(daemon, signal);
    await this.startDaemon(daemon);
  }

  async startDaemon(daemon: OvsDaemon): Promise<void> {
    await this.ovs.startDaemon(daemon);
    if (daemon === 'ovs-vswitchd') await this.#configureUnderlay();
  }

  /**
   * Tells the switch a peer's underlay neighbour; the first tunnel packet to an unknown one is lost
   * to ARP. Kept for the next start of ovs-vswitchd, which forgets its neighbours.
   */
  async meet(peer: Host): Promise<void> {
    this.#neighbours.set(peer.underlayAddress, peer.underlayMac);
    await this.#warm(peer.underlayAddress, peer.underlayMac);
  }

  async stop(): Promise<void> {
    await this.ovs.stop();
  }

  async #addUnderlayBridge(): Promise<void> {
    const words =
      `add-br ${UNDERLAY_BRIDGE} -- set Bridge ${UNDERLAY_BRIDGE} datapath_type=${DATAPATH_TYPE}` +
      ` fail_mode=standalone other_config:hwaddr="${this.underlayMac}"` +
      ` -- set Interface ${UNDERLAY_BRIDGE} mtu_request=${UNDERLAY_MTU}` +
      ` -- add-port ${UNDERLAY_BRIDGE} ${UPLINK}` +
      ` -- set Open_vSwitch . other_config:max-revalidator=${REVALIDATORS_SLEEP_MS}` +
      ` external_ids:heddle-encap-ip=${this.underlayAddress}` +
      ` external_ids:heddle-datapath-type=${DATAPATH_TYPE}`;
    await this.ovs.vsctl(...words.split(' '));
    await this.#configureUnderlay();
  }

  /** What the host's network configuration does each time the internal port appears. */
  async #configureUnderlay(): Promise<void> {
    await this.namespace.ip(
      `addr replace ${this.underlayAddress}/${LAB_PREFIX} dev ${UNDERLAY_BRIDGE}`,
      `link set ${UNDERLAY_BRIDGE} up`,
    );
    for (const [address, mac] of this.#neighbours) await this.#warm(address, mac);
  }

  async #warm(address: string, mac: string): Promise<void> {
    // Tunnels of the kernel ask its own table of neighbours, and keep what they were told there.
    if (DATAPATH_TYPE === 'system') {
      await this.namespace.ip(`neigh replace ${address} lladdr ${mac} dev ${UNDERLAY_BRIDGE}`);
    } else await this.ovs.appctl('tnl/arp/set', UNDERLAY_BRIDGE, address, mac);
  }
}
