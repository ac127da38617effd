/**
 * The hosts' side, over their own OVSDB sockets: what a hypervisor does when it plugs a VM. The
 * interfaces are in br-int already, and their `iface-id` is a name; a port's id is given by the
 * controller, so that the interface is told it once the port is made.
 */
import { nullLogger as log } from '../../src/lib/log.ts';
import { systemClock as clock } from '../../src/lib/system.ts';
import { dialOvsdb, OPEN_VSWITCH, type OvsdbClient, vswitch } from '../../src/ovsdb/index.ts';
import type { HostGiven } from './workload.ts';

export interface Plug {
  /** The `iface-id` that the interface had when the host was named. */
  readonly name: string;
  readonly portId: string;
}

export class Plugs {
  readonly #hosts: ReadonlyMap<string, HostPlugs>;

  private constructor(hosts: ReadonlyMap<string, HostPlugs>) {
    this.#hosts = hosts;
  }

  /** Tells every host its tunnel address, and reads which interface has which name. */
  static async open(given: readonly HostGiven[]): Promise<Plugs> {
    const opened = given.map(async (host) => [host.name, await HostPlugs.open(host)] as const);
    return new Plugs(new Map(await Promise.all(opened)));
  }

  /** One transaction; the host's controller sees the ports come. */
  async plug(host: string, plugs: readonly Plug[]): Promise<void> {
    await this.#hosts.get(host)?.plug(plugs);
  }
}

class HostPlugs {
  readonly #client: OvsdbClient;
  /** By name: the interface's row. */
  readonly #rows: ReadonlyMap<string, string>;

  private constructor(client: OvsdbClient, rows: ReadonlyMap<string, string>) {
    this.#client = client;
    this.#rows = rows;
  }

  static async open({ ovsdb, tunnel_ip }: HostGiven): Promise<HostPlugs> {
    const client = await dialOvsdb({ target: ovsdb, clock, log });
    const address = new Map([['heddle-encap-ip', tunnel_ip]]);
    const [, interfaces] = await client.transact(OPEN_VSWITCH, [
      vswitch.mutate('Open_vSwitch', [], [['external_ids', 'insert', address]]),
      vswitch.select('Interface', [], ['_uuid', 'external_ids']),
    ]);
    const named = interfaces.map((row) => [row.external_ids.get('iface-id') ?? '', row._uuid]);
    return new HostPlugs(client, new Map(named as [string, string][]));
  }

  async plug(plugs: readonly Plug[]): Promise<void> {
    const operations = plugs.map(({ name, portId }) => {
      const row = this.#rows.get(name);
      if (row === undefined) throw new Error(`no interface is named ${name}`);
      const where = [['_uuid', '==', row] as const];
      return vswitch.mutate('Interface', where, [
        ['external_ids', 'delete', ['iface-id']],
        ['external_ids', 'insert', new Map([['iface-id', portId]])],
      ]);
    });
    await this.#client.transact(OPEN_VSWITCH, operations);
  }
}
