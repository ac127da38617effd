/**
 * A running VM on its way from one hypervisor to another. Between the VM and its hosts stands what
 * QEMU is there: it copies frames between the VM's network card and the interface of the host where
 * the VM runs, then that of the other host. So both hosts can have the port plugged in, as libvirt
 * does it.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Host } from './host.ts';
import { inject } from './inject.ts';
import { Namespace } from './namespace.ts';
import { python } from './python.ts';
import type { Vm } from './vm.ts';

/**
 * Reads lines: `HOST MS` pauses the VM and then copies frames from and to that interface. Frames
 * wait there, as in a tap that QEMU does not read yet, from a moment before the pause on: of two
 * copies, one may come to the new host before the pause, and the other to the old one in it. The
 * kernel takes a tag of a VLAN out of a frame, and gives it beside; it is put back.
 */
const COPIER = `
import select, socket, struct, sys, time
OUTGOING = 4
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 263, 8, 0x10
AUXDATA = struct.Struct('IIIHHHH')
def open_device(name):
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    device.bind((name, 0))
    device.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    device.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    device.setblocking(False)
    return device
guest = open_device('guest')
current = None
def tag(beside):
    status, _, _, _, _, tci, tpid = AUXDATA.unpack(beside)
    return struct.pack('!HH', tpid, tci) if status & VLAN_VALID else b''
def copy(source, target):
    while True:
        try: frame, beside, _, address = source.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
        except BlockingIOError: return
        except OSError: return
        if target is None or address[2] == OUTGOING: continue
        target.send(frame[:12] + tag(beside[0][2]) + frame[12:])
def copy_all():
    copy(guest, current)
    if current is not None: copy(current, guest)
while True:
    devices = [sys.stdin, guest] + ([] if current is None else [current])
    ready = select.select(devices, [], [])[0]
    copy_all()
    if sys.stdin in ready:
        line = sys.stdin.readline().strip()
        if line == '': break
        host, pause = line.split()
        arrival = open_device(host)
        ready = time.monotonic() + 0.02
        while time.monotonic() < ready: copy_all()
        current = arrival
        time.sleep(float(pause) / 1000)
        print(host, flush=True)
`;

/** What a hypervisor says about a VM's interface, in `Interface` `external_ids`. */
export type ExternalIds = (vm: Vm) => Readonly<Record<string, string>>;

export const libvirtIds: ExternalIds = ({ ifaceId, mac }) => ({
  'iface-id': ifaceId,
  'attached-mac': `"${mac}"`,
});

/** Without `iface-id`: nobody but XenServer's own daemon adds that, where it runs. */
export const xenServerIds: ExternalIds = ({ ifaceId, mac, name }) => ({
  'xs-vif-uuid': ifaceId,
  'xs-vm-uuid': `vm-of-${name}`,
  'xs-network-uuid': 'a-network-of-xapi',
  'attached-mac': `"${mac}"`,
});

export class Migration {
  readonly #vm: Vm;
  /** Where the copier runs. */
  readonly #machine: Namespace;
  readonly #copier: ChildProcess;
  readonly #ids: Readonly<Record<string, string>>;
  #lines = 0;
  #heard = '';
  /** Where the VM runs. */
  #host: Host;

  private constructor(vm: Vm, machine: Namespace, idsOf: ExternalIds) {
    this.#vm = vm;
    this.#machine = machine;
    this.#ids = idsOf(vm);
    this.#host = vm.host;
    this.#copier = machine.background(python(COPIER), { input: 'pipe' });
    this.#copier.stdout?.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString();
    });
  }

  /** Puts a copier before a VM, unplugged for a moment, and wires it to these hosts. */
  static async prepare(
    vm: Vm,
    hosts: readonly Host[],
    idsOf: ExternalIds = libvirtIds,
  ): Promise<Migration> {
    await vm.unplug();
    const machine = await Namespace.create(`${vm.namespace.name}q`);
    const { namespace } = vm.host;
    await namespace.ip(`link set ${vm.interfaceName} netns ${machine.name}`);
    await machine.ip(`link set ${vm.interfaceName} name guest`, 'link set guest promisc on up');
    const migration = new Migration(vm, machine, idsOf);
    for (const host of hosts) await migration.#addLink(host);
    await migration.plug(vm.host);
    await migration.go(vm.host);
    return migration;
  }

  get host(): Host {
    return this.#host;
  }

  /** Plugs the VM's port into a host, whether the VM runs there or not. */
  async plug(host: Host): Promise<void> {
    await host.addPort(this.#vm.interfaceName, this.#ids);
  }

  async unplug(host: Host): Promise<void> {
    await host.deletePort(this.#vm.interfaceName);
  }

  /** The VM goes over to a host, with a pause. */
  async go(host: Host, pauseMs = 0): Promise<void> {
    this.#lines += 1;
    this.#copier.stdin?.write(`${host.name} ${pauseMs}\n`);
    const goal = this.#lines;
    await until(() => this.#heard.split('\n').length > goal, `${this.#vm.name} to go over`);
    this.#host = host;
  }

  /** What the hypervisor of a host sends in the VM's name. */
  async announce(frame: Buffer): Promise<void> {
    await inject(this.#machine, this.#host.name, [frame]);
  }

  async end(): Promise<void> {
    await endChild(this.#copier, 'SIGKILL');
    await this.#machine.delete();
  }

  /**
   * It is there before and after each move, and is as Open vSwitch wants it before it is plugged
   * in, its MTU included, which that of the bridge follows. When anything changes about a link of
   * the host, a userspace datapath forgets its routes and reads them anew; flows that are looked up
   * in between drop what goes to other hosts, whoever sends it. That is no matter of moves: a
   * kernel's datapath has the kernel's routes.
   */
  async #addLink(host: Host): Promise<void> {
    const { interfaceName, mtu } = this.#vm;
    await this.#machine.ip(
      `link add ${host.name} mtu ${mtu} type veth ` +
        `peer name ${interfaceName} mtu ${mtu} netns ${host.namespace.name}`,
      `link set ${host.name} promisc on up`,
    );
    await host.namespace.ip(`link set ${interfaceName} promisc on up`);
  }
}
