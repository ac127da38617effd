/**
 * Goal: a VM that floods reaches others at its limit and no faster, whatever it floods with, and
 * nobody but it notices; what is sent to one VM has no limit, and goes to that one alone.
 * Method: floods of made-up frames at several times the limit, counted on both hosts while
 * neighbours ping one another; iperf3 and pings from the VM that floods; restarts with other limits.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import type { Cloud } from '../../lab/cloud.ts';
import { arp, type Ends, udp } from '../../lab/frames.ts';
import { Injector } from '../../lab/inject.ts';
import { IperfServer } from '../../lab/iperf.ts';
import { ContinuousPing, ping } from '../../lab/ping.ts';
import { FrameStream } from '../../lab/stream.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const LIMIT = { rate: 100, burst: 50 };
/** Leaves in some two and a half seconds. */
const FLOOD = 2_250;
/** Where nobody listens: discard (RFC 863). */
const PORTS = { from: 9, to: 9 };
const NOBODY = { mac: '02:ff:ff:ff:ff:fe', ip: '10.0.0.254' };

labDescribe('storm control', () => {
  let cloud: Cloud;
  let flooder: Vm;
  let near: Vm;
  let far: Vm;

  useCloud(
    { hosts: 2, env: { HEDDLE_STORM_CONTROL: `${LIMIT.rate}/${LIMIT.burst}` } },
    async (made, hosts) => {
      cloud = made;
      const network = await cloud.network('blue', { cidrs: ['10.0.0.0/24', 'fd00:1::/64'] });
      flooder = await cloud.boot('flooder', network, at(hosts, 0));
      near = await cloud.boot('near', network, at(hosts, 0));
      far = await cloud.boot('far', network, at(hosts, 1));
      await cloud.realized(flooder, near, far);
    },
  );

  const datagram = (to: Pick<Ends, 'destination' | 'destinationIp'>, family: 'ipv4' | 'ipv6') =>
    udp({ source: flooder.mac, sourceIp: flooder.address(family), ...to }, PORTS, Buffer.alloc(18));

  const FLOODS = {
    broadcasts: () =>
      datagram({ destination: 'ff:ff:ff:ff:ff:ff', destinationIp: '255.255.255.255' }, 'ipv4'),
    'IPv4 multicasts': () =>
      datagram({ destination: '01:00:5e:00:00:63', destinationIp: '224.0.0.99' }, 'ipv4'),
    'IPv6 multicasts': () =>
      datagram({ destination: '33:33:00:00:12:34', destinationIp: 'ff02::1234' }, 'ipv6'),
    'ARP requests that nobody answers': () =>
      arp({
        operation: 'request',
        senderMac: flooder.mac,
        senderIp: flooder.address('ipv4'),
        targetIp: NOBODY.ip,
      }),
  } as const;

  /** Sends a frame over and over; gives how long it took and how many came where. */
  async function flood(frame: Buffer, times = FLOOD) {
    const captures = await Promise.all(
      [near, far].map((vm) => captureIncoming(vm, `ether src ${flooder.mac}`)),
    );
    const injector = Injector.start(flooder.namespace, 'eth0');
    await injector.send([]);
    const began = performance.now();
    await injector.send(Array.from({ length: times }, () => frame));
    const seconds = (performance.now() - began) / 1000;
    await injector.stop();
    const frames = await Promise.all(captures.map((capture) => capture.frames()));
    await Promise.all(captures.map((capture) => capture.stop()));
    return {
      seconds,
      counts: frames.map((each) => each.filter((got) => got.equals(frame)).length),
    };
  }

  /**
   * At most what may pass, and at least nine tenths of what must: `spared` is how much of the burst
   * the meter holds for sure, none where a flood has just emptied it.
   */
  async function expectLimited(
    frame: Buffer,
    { rate, burst }: typeof LIMIT,
    spared: number,
  ): Promise<void> {
    const { seconds, counts } = await flood(frame);
    expect(FLOOD / seconds, 'frames a second').toBeGreaterThan(2 * rate);
    for (const count of counts) {
      expect(count).toBeLessThanOrEqual(burst + rate * seconds);
      expect(count).toBeGreaterThan(0.9 * (spared + rate * seconds));
    }
  }

  labTest.each(Object.entries(FLOODS))(
    'a flood of %s comes at the limit, and neighbours lose no ping',
    async (_, frame) => {
      const pings = await Promise.all([
        ContinuousPing.start(near, far.address('ipv4')),
        ContinuousPing.start(far, near.address('ipv6')),
      ]);
      await expectLimited(frame(), LIMIT, 0);
      for (const each of pings) expect((await each.stop()).lost).toBe(0);
    },
  );

  labTest(
    'what is for a VM that nobody is goes to nobody, and counts against no limit',
    async () => {
      const unknown = { destination: NOBODY.mac, destinationIp: NOBODY.ip };
      expect((await flood(datagram(unknown, 'ipv4'), 1000)).counts).toEqual([0, 0]);
    },
  );

  labTest('a VM that floods sends to others as fast as before, and finds them', async () => {
    const server = await IperfServer.start(far);
    const stream = await FrameStream.start(flooder, [FLOODS.broadcasts()]);
    const sent = await server.measure(flooder, { family: 'ipv4', kbps: 5000, size: 1200 });
    for (const family of ['ipv4', 'ipv6'] as const) {
      await flooder.run(['ip', 'neigh', 'flush', 'dev', 'eth0']);
      expect((await ping(flooder, near.address(family), 2)).answered).toBe(true);
    }
    expect(await stream.stop()).toBeGreaterThan(2 * LIMIT.rate);
    await server.stop();
    expect(sent.kbps).toBeGreaterThan(5000 * 0.95);
  });

  labTest('another limit is another meter on every host, and no ping is lost', async () => {
    const running = await ContinuousPing.start(flooder, far.address('ipv4'));
    await cloud.controller.restart({ HEDDLE_STORM_CONTROL: '200' });
    await cloud.hostsReady();
    const hosts = await cloud.hosts();
    expect(hosts.map((host) => host.meter_mods_sent)).toEqual([2, 1]);
    expect(hosts.map((host) => host.flow_mods_sent)).toEqual([0, 0]);
    await expectLimited(FLOODS.broadcasts(), { rate: 200, burst: 200 }, 200);
    expect((await running.stop()).lost).toBe(0);
  });

  labTest('without a limit everything comes', async () => {
    const running = await ContinuousPing.start(flooder, far.address('ipv4'));
    await cloud.controller.restart({ HEDDLE_STORM_CONTROL: 'off' });
    await cloud.hostsReady();
    const { counts } = await flood(FLOODS.broadcasts());
    for (const count of counts) expect(count).toBeGreaterThan(0.95 * FLOOD);
    expect((await running.stop()).lost).toBe(0);
  });
});
