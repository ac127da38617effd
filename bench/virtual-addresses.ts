/**
 * Virtual addresses that go from one host to another and back: from the announcement of a guest to
 * the flow of a third host, which no guest has told anything. There are ten, so that none moves
 * again before its rest is over (src/controller/mac-learner.ts).
 */
import { join } from 'node:path';
import { ControlSocket } from '../lab/control-socket.ts';
import { until } from '../lab/exec.ts';
import type { Ovs } from '../lab/ovs.ts';
import type { Rest } from '../lab/rest.ts';
import { Watch } from '../lab/watch.ts';
import { createNetwork } from './api.ts';
import { gratuitousArp } from './guest-frames.ts';
import { plugger } from './plugger.ts';
import { type Figure, quantile } from './report.ts';
import { ControllerProcess, startSwitch } from './rig.ts';

const MOVES = 100;
const ADDRESSES = 10;
/** 00:00:5e:00:01:01, as of VRRP, and so on. */
const FIRST_MAC = 0x0000_5e00_0101;
const FIRST_ADDRESS = 0x0a40_fe01;

interface Site {
  readonly ovs: Ovs;
  readonly encap: string;
  readonly control: ControlSocket;
}

export async function moveFigures(note: (text: string) => void): Promise<Figure[]> {
  note(`${MOVES} moves of ${ADDRESSES} virtual addresses between two of three hosts`);
  const controller = await ControllerProcess.start();
  const sites: Site[] = [];
  for (const number of [1, 2, 3]) sites.push(await startSite(controller, number));
  const network = await createNetwork(controller.rest);
  const pairs = Array.from({ length: ADDRESSES }, (_, index) => ({
    ip_address: `10.64.254.${index + 1}`,
    mac_address: textOf(FIRST_MAC + index),
  }));
  for (const { ovs } of sites) await plugOne(controller, ovs, { network_id: network, pairs });
  await controller.rest.get('/v1/realized?wait=30');
  const times: number[] = [];
  for (let move = 0; move < MOVES; move++) {
    times.push(await measure(sites, move % ADDRESSES, Math.floor(move / ADDRESSES) % 2));
  }
  for (const { control } of sites) control.close();
  await controller.stop();
  for (const { ovs } of sites) await ovs.stop();
  const of = `announcement → flow of another host, ${MOVES} moves`;
  return [
    { name: `${of}, p50`, value: quantile(times, 0.5), unit: 'ms' },
    { name: `${of}, p95`, value: quantile(times, 0.95), unit: 'ms', goal: '1,000' },
  ];
}

async function startSite(controller: ControllerProcess, number: number): Promise<Site> {
  const ovs = await startSwitch(`bench-virtual-${number}`);
  const encap = `198.18.0.${number}`;
  await ovs.vsctl('set', 'Open_vSwitch', '.', `external_ids:heddle-encap-ip=${encap}`);
  await ovs.vsctl('set-manager', controller.manager);
  await ovs.bridgeReady('br-int');
  const control = await ControlSocket.open(join(ovs.dir, 'ovs-vswitchd.ctl'));
  return { ovs, encap, control };
}

async function plugOne(
  { rest, apiSocket }: { rest: Rest; apiSocket: string },
  ovs: Ovs,
  { network_id, pairs }: { network_id: string; pairs: readonly object[] },
): Promise<void> {
  const body = { port: { network_id, allowed_address_pairs: pairs } };
  const { port } = await rest.post<{ port: { id: string } }>('/v2.0/ports', body);
  const watch = await Watch.open(apiSocket);
  const host = await plugger(ovs);
  await host.plug([{ name: DEVICE, ifaceId: port.id }]);
  await watch.active(port.id);
  watch.close();
  host.client.close('done');
}

const DEVICE = 'tap';

/** One address says that it is on one of the first two hosts; the third one follows. */
async function measure(sites: readonly Site[], index: number, to: number): Promise<number> {
  const [source, observer] = [sites[to], sites[2]] as [Site, Site];
  const mac = FIRST_MAC + index;
  const frame = gratuitousArp({ mac, address: FIRST_ADDRESS + index }).toString('hex');
  const wanted = `dl_dst=${textOf(mac)},actions=set_field:${source.encap}->tun_dst`;
  const start = performance.now();
  await source.control.call('netdev-dummy/receive', DEVICE, frame);
  await until(
    async () => (await observer.control.call('bridge/dump-flows', 'br-int')).includes(wanted),
    `${textOf(mac)} to be on ${source.encap}`,
  );
  return performance.now() - start;
}

function textOf(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');
}
