/**
 * A lab: hosts, virtual machines, controllers and the wires between them, on one machine, in
 * network namespaces of its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { Controller, type ControllerOptions } from './controller.ts';
import { Fabric } from './fabric.ts';
import { Host } from './host.ts';
import { checkLabId, LAB_PREFIX, labDir, namespaceName, newLabId } from './names.ts';
import { Namespace } from './namespace.ts';
import { type Manifest, manifestPath, takeDown } from './takedown.ts';
import { Vm, type VmOptions } from './vm.ts';

/** The MAC address of a stranger in the underlay. */
export const STRANGER_MAC = '0a:18:ff:ff:ff:ff';

export interface LabOptions {
  readonly id?: string;
}

export class Lab {
  readonly id: string;
  readonly dir: string;
  readonly hosts = new Map<string, Host>();
  readonly vms = new Map<string, Vm>();
  readonly controllers = new Map<string, Controller>();
  readonly #fabric: Fabric;
  readonly #startedAt = new Date();
  readonly #building = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(id: string, fabric: Fabric) {
    this.id = id;
    this.dir = labDir(id);
    this.#fabric = fabric;
  }

  /** Starts an empty lab: its folder and its fabric. */
  static async up(options: LabOptions = {}): Promise<Lab> {
    const id = checkLabId(options.id ?? newLabId());
    await mkdir(labDir(id));
    const lab = new Lab(id, await Fabric.create(id).catch((error: unknown) => giveUp(id, error)));
    await lab.#writeManifest();
    return lab;
  }

  /** Ends everything that the lab started and removes everything that it made. */
  async down(): Promise<void> {
    this.#closed = true;
    // What is half made would otherwise be finished after the takedown, and stay.
    await Promise.allSettled(this.#building);
    for (const controller of this.controllers.values()) controller.rest.close();
    await takeDown(this.id);
  }

  /** Adds a host whose underlay neighbours are all the other hosts. */
  addHost(name: string): Promise<Host> {
    return this.#build(() => this.#makeHost(name));
  }

  async #makeHost(name: string): Promise<Host> {
    const host = await Host.create({
      labId: this.id,
      labDir: this.dir,
      name,
      index: this.hosts.size + 1,
      fabric: this.#fabric,
    });
    for (const peer of this.hosts.values()) {
      await Promise.all([peer.meet(host), host.meet(peer)]);
    }
    this.hosts.set(name, host);
    await this.#writeManifest();
    return host;
  }

  /** Adds a VM, not plugged yet: `vm.plug()` does that. */
  async addVm(name: string, options: VmOptions): Promise<Vm> {
    const vm = await this.#build(() => Vm.create(this.id, name, options));
    this.vms.set(name, vm);
    await this.#writeManifest();
    return vm;
  }

  async deleteVm(vm: Vm): Promise<void> {
    await vm.delete();
    this.vms.delete(vm.name);
    await this.#writeManifest();
  }

  /** Adds a controller, not started yet: `controller.start()` does that. */
  async addController(
    options: Omit<ControllerOptions, 'labId' | 'labDir' | 'fabric'> = {},
  ): Promise<Controller> {
    const place = { labId: this.id, labDir: this.dir, fabric: this.#fabric };
    const controller = await this.#build(() => Controller.create({ ...place, ...options }));
    this.controllers.set(controller.name, controller);
    await this.#writeManifest();
    return controller;
  }

  /**
   * A machine in the underlay that is no host: frames are sent from its interface `eth0`. It may
   * lie about its IP address; with a host's MAC address it would only confuse the wires.
   */
  addStranger(name: string, address: string): Promise<Namespace> {
    return this.#build(() => this.#makeStranger(name, address));
  }

  /** A tap device on the control wire, in the namespace that it is in: for an emulated machine. */
  addTap(name: string): Promise<{ namespace: Namespace; device: string }> {
    return this.#build(async () => ({
      namespace: this.#fabric.namespace,
      device: await this.#fabric.tap('control', name),
    }));
  }

  /** Joins the control wire with that on the other side of this machine's network card. */
  joinControl(card: string, address: string): Promise<void> {
    return this.#build(() => this.#fabric.join('control', card, address));
  }

  async #makeStranger(name: string, address: string): Promise<Namespace> {
    const namespace = await Namespace.create(namespaceName(this.id, name));
    await this.#fabric.connect('underlay', name, namespace, 'eth0');
    await namespace.ip(
      `link set eth0 address ${STRANGER_MAC}`,
      `addr add ${address}/${LAB_PREFIX} dev eth0`,
    );
    return namespace;
  }

  /** Makes a part of the lab; refused once the lab goes down, which waits for those begun. */
  async #build<T>(make: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error(`lab ${this.id} is going down`);
    const making = make();
    this.#building.add(making);
    return making.finally(() => this.#building.delete(making));
  }

  async #writeManifest(): Promise<void> {
    const manifest: Manifest = {
      id: this.id,
      startedAt: this.#startedAt.toISOString(),
      ownerPid: process.pid,
      hosts: [...this.hosts.keys()],
      vms: [...this.vms.values()].map((vm) => ({
        name: vm.name,
        host: vm.host.name,
        addresses: vm.addresses.map(({ ip, prefix }) => `${ip}/${prefix}`),
      })),
      controllers: [...this.controllers.keys()],
    };
    if (this.#closed) return;
    await writeFile(manifestPath(this.id), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

async function giveUp(id: string, error: unknown): Promise<never> {
  await takeDown(id);
  throw error;
}
