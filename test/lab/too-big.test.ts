/**
 * Goal: a VM whose MTU somebody raised by mistake is told how large its packets for other hosts may
 * be, and learns it; nobody else hears of it, and a VM that sends nothing else gets few answers.
 * Method: ping that must not be cut and TCP of Linux, unmodified; the kernel's own routes are read.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { UNDERLAY_MTU } from '../../lab/fabric.ts';
import { udp } from '../../lab/frames.ts';
import { Injector } from '../../lab/inject.ts';
import { IperfServer } from '../../lab/iperf.ts';
import { ContinuousPing, type Family, ping } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest, useCloud } from '../support/lab-cloud.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** More than the underlay carries, let alone a network that is tunnelled in it. */
const RAISED = UNDERLAY_MTU + 200;
/** Of IP and ICMP. */
const HEADERS = { ipv4: 28, ipv6: 48 } as const;
const TOLD = {
  ipv4: (mtu: number) => `Frag needed and DF set (mtu = ${mtu})`,
  ipv6: (mtu: number) => `Packet too big: mtu=${mtu}`,
} as const;
const ERRORS = 'icmp[0:2] == 0x0304 or ip6[40] == 2';

labDescribe('packets that are too big for the tunnel', () => {
  let cloud: Cloud;
  let network: CloudNetwork;
  let sender: Vm;
  let near: Vm;
  let far: Vm;
  let server: IperfServer;

  useCloud({ hosts: 2 }, async (made, hosts) => {
    cloud = made;
    network = await cloud.network('blue', { cidrs: ['10.0.0.0/24', 'fd00:1::/64'] });
    sender = await cloud.boot('sender', network, at(hosts, 0));
    near = await cloud.boot('near', network, at(hosts, 0));
    far = await cloud.boot('far', network, at(hosts, 1));
    await cloud.realized(sender, near, far);
    for (const vm of [sender, near, far]) {
      await vm.namespace.ip(`link set eth0 mtu ${RAISED}`);
      await vm.host.namespace.ip(`link set ${vm.interfaceName} mtu ${RAISED}`);
    }
  });

  beforeAll(async () => {
    server = await IperfServer.start(far);
  });

  afterAll(() => server?.stop());

  /** Forgets what was learned of the way to others. */
  async function forget(): Promise<void> {
    for (const version of ['-4', '-6'])
      await sender.run(['ip', version, 'route', 'flush', 'cache']);
  }

  /** One ping of a packet of so many bytes that must not be cut. */
  function pingWhole(to: Vm, family: Family, bytes: number) {
    const size = String(bytes - HEADERS[family]);
    return sender.run(['ping', '-n', '-c1', '-W1', '-M', 'do', '-s', size, to.address(family)]);
  }

  /** The MTU of the way to a VM, as the sender's kernel knows it; undefined: it knows of none. */
  async function learned(to: Vm, family: Family): Promise<number | undefined> {
    const { stdout } = await sender.run(['ip', 'route', 'get', to.address(family)]);
    const mtu = /\bmtu (\d+)/.exec(stdout)?.[1];
    return mtu === undefined ? undefined : Number(mtu);
  }

  labTest.each(FAMILIES)(
    '%s: what fits passes, and the sender of the rest learns',
    async (family) => {
      await forget();
      const capture = await captureIncoming(near, ERRORS);
      expect((await pingWhole(far, family, network.mtu)).exitCode).toBe(0);
      expect(await learned(far, family)).toBeUndefined();
      const { stdout } = await pingWhole(far, family, network.mtu + 1);
      expect(stdout).toContain(`From ${far.address(family)} icmp_seq=1 `);
      expect(stdout).toContain(TOLD[family](network.mtu));
      expect(await learned(far, family)).toBe(network.mtu);
      expect((await pingWhole(near, family, RAISED)).exitCode).toBe(0);
      expect(await capture.frames()).toEqual([]);
      await capture.stop();
    },
  );

  labTest.each(FAMILIES)('%s: a transfer goes through', async (family) => {
    await forget();
    expect(await server.transfer(sender, family, '4M')).toBe(true);
    expect(await learned(far, family)).toBe(network.mtu);
  });

  labTest('a network whose MTU changes tells the new one at once', async () => {
    await forget();
    await cloud.controller.rest.put(`/v2.0/networks/${network.id}`, { network: { mtu: 1300 } });
    await cloud.realized(sender, far);
    for (const family of FAMILIES) {
      const { stdout } = await pingWhole(far, family, 1301);
      expect(stdout).toContain(TOLD[family](1300));
    }
    const back = { network: { mtu: network.mtu } };
    await cloud.controller.rest.put(`/v2.0/networks/${network.id}`, back);
    await cloud.realized(sender, far);
    await forget();
    expect((await pingWhole(far, 'ipv4', network.mtu)).exitCode).toBe(0);
  });

  labTest('a VM that sends nothing else is told now and then, and harms nobody', async () => {
    const count = 2000;
    const ends = honest(sender, far);
    const frame = udp(ends, { from: 9, to: 9 }, Buffer.alloc(RAISED - HEADERS.ipv4));
    const [atSender, atFar] = await Promise.all([
      captureIncoming(sender, ERRORS),
      captureIncoming(far, 'udp port 9'),
    ]);
    const running = await ContinuousPing.start(near, far.address('ipv4'));
    const injector = Injector.start(sender.namespace, 'eth0');
    const began = performance.now();
    await injector.send(Array.from({ length: count }, () => frame));
    const seconds = (performance.now() - began) / 1000;
    await injector.stop();
    const told = (await atSender.frames()).length;
    // 20 a second, 40 at once, as for all that the controller is asked for.
    expect(told).toBeLessThanOrEqual(40 + 20 * seconds);
    expect(told).toBeGreaterThan(20);
    expect(await atFar.frames()).toEqual([]);
    expect((await running.stop()).lost).toBe(0);
    expect((await ping(sender, far.address('ipv4'))).answered).toBe(true);
    for (const capture of [atSender, atFar]) await capture.stop();
  });
});
