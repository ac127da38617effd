/**
 * The hosts' side, over their own OVSDB sockets: what whoever installs a host does. VMs are plugged
 * in by then, and their `iface-id` is a name: that of the port that the workload will make.
 */
import { nullLogger as log } from '../../src/lib/log.ts';
import { systemClock as clock } from '../../src/lib/system.ts';
import { dialOvsdb, OPEN_VSWITCH, vswitch } from '../../src/ovsdb/index.ts';
import type { HostGiven } from './workload.ts';

/** Tells every host its tunnel address, and gives the names of what is plugged in, anywhere. */
export async function prepareHosts(hosts: readonly HostGiven[]): Promise<ReadonlySet<string>> {
  return new Set((await Promise.all(hosts.map(prepare))).flat());
}

async function prepare({ ovsdb, tunnel_ip }: HostGiven): Promise<string[]> {
  const client = await dialOvsdb({ target: ovsdb, clock, log });
  const address = new Map([['heddle-encap-ip', tunnel_ip]]);
  const [, interfaces] = await client.transact(OPEN_VSWITCH, [
    vswitch.mutate('Open_vSwitch', [], [['external_ids', 'insert', address]]),
    vswitch.select('Interface', [], ['external_ids']),
  ]);
  client.close('the host is prepared');
  return interfaces.flatMap(({ external_ids: ids }) => ids.get('iface-id') ?? []);
}
