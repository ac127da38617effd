/**
 * Goal: machines behind a bridge in a VM, whose MAC addresses nobody knows, reach everybody and are
 * reached where they are, also after they have moved; whoever makes up addresses, or takes those of
 * others, harms nobody.
 * Method: Linux bridges in VMs on two hosts with machines behind them, pings in both families;
 * frames with made-up sources and with those of others; the flows of both hosts.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Cloud, type CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import { arp, echoRequest, udp } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { Injector, inject } from '../../lab/inject.ts';
import { Listener } from '../../lab/listener.ts';
import { NestedBridge } from '../../lab/nested-bridge.ts';
import { ContinuousPing, ping } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';

const AGE_MS = 8_000;
const STORM = { rate: 200, burst: 200 };
/** Of one port, as docs/pipeline.md has it. */
const ADDRESSES_MAX = 64;
const CIDRS = ['10.0.0.0/24', 'fd00::/64'];
const FAMILIES = ['ipv4', 'ipv6'] as const;
const LEARNS = { port_security_enabled: false, mac_learning_enabled: true };
const NOBODY = '02:ff:ff:ff:ff:fe';

labDescribe('a MAC-learning port', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let red: CloudNetwork;
  let [outerOne, outerTwo, mallory, spy, near, far] = [] as Vm[] as [Vm, Vm, Vm, Vm, Vm, Vm];
  let [bridgeOne, bridgeTwo] = [] as NestedBridge[] as [NestedBridge, NestedBridge];
  let [one, alsoOne, two] = [] as Vm[] as [Vm, Vm, Vm];

  useLab(async (lab) => {
    const { rate, burst } = STORM;
    cloud = await Cloud.up(lab, 2, {
      HEDDLE_MAC_AGE_MS: String(AGE_MS),
      HEDDLE_STORM_CONTROL: `${rate}/${burst}`,
      // Nothing but what is tested comes to the controller.
      HEDDLE_MULTICAST_SNOOPING: 'off',
    });
    hosts = [...lab.hosts.values()];
    const options = { cidrs: CIDRS, subnet: { enable_dhcp: false } };
    red = await cloud.network('red', options);
    const blue = await cloud.network('blue', options);
    const learns = { attributes: LEARNS };
    outerOne = await cloud.boot('outer1', red, at(hosts, 0), { ...learns, isBare: true });
    outerTwo = await cloud.boot('outer2', red, at(hosts, 1), { ...learns, isBare: true });
    mallory = await cloud.boot('mallory', red, at(hosts, 0), learns);
    spy = await cloud.boot('spy', blue, at(hosts, 1), learns);
    near = await cloud.boot('near', red, at(hosts, 0));
    far = await cloud.boot('far', red, at(hosts, 1));
    bridgeOne = await NestedBridge.start(lab, outerOne);
    bridgeTwo = await NestedBridge.start(lab, outerTwo);
    one = await bridgeOne.attach('one', nestedMac(1), addresses(1));
    alsoOne = await bridgeOne.attach('one2', nestedMac(2), addresses(2));
    two = await bridgeTwo.attach('two', nestedMac(3), addresses(3));
    await cloud.realized(outerOne, outerTwo, mallory, spy, near, far);
  });

  const nestedMac = (number: number) => `02:aa:00:00:00:0${number}`;
  const addresses = (number: number) => [
    { ip: `10.0.0.20${number}`, prefix: 24 },
    { ip: `fd00::20${number}`, prefix: 64 },
  ];

  /** Where a host sends what is for a MAC address of the network; undefined: to all that learn. */
  async function sentTo(host: Host, mac: string, { vni } = red): Promise<string | undefined> {
    const flows = await host.flows(`table=60,metadata=${vni},dl_dst=${mac}`);
    const own = flows.filter((flow) => flow.includes(`dl_dst=${mac}`));
    return own.map((flow) => flow.slice(flow.indexOf('actions=') + 8))[0];
  }

  /** Waits until both hosts send what is for it to the VM that it is behind. */
  async function followed(mac: string, outer: Vm): Promise<void> {
    for (const host of hosts) {
      const way = host === outer.host ? 'reg15' : outer.host.underlayAddress;
      const what = `${host.name} to send what is for ${mac} to ${outer.name}`;
      await until(async () => (await sentTo(host, mac))?.includes(way) === true, what);
    }
  }

  /** Addresses that hosts count the use of. */
  async function known(): Promise<string[]> {
    const flows = (await Promise.all(hosts.map((host) => host.flows('table=25')))).flat();
    return flows
      .filter((flow) => flow.includes('priority=50'))
      .map((flow) => /dl_src=([0-9a-f:]+)/.exec(flow)?.[1] ?? '');
  }

  async function packetIns(): Promise<number> {
    return (await cloud.hosts()).reduce((sum, host) => sum + host.packet_ins, 0);
  }

  const announced = (vm: Pick<Vm, 'mac' | 'address'>) => {
    const ip = vm.address('ipv4');
    return arp({ operation: 'request', senderMac: vm.mac, senderIp: ip, targetIp: ip });
  };

  labTest('lets machines behind it reach everybody, at the first attempt', async () => {
    for (const family of FAMILIES) {
      for (const [from, to] of [
        [one, two],
        [two, alsoOne],
        [near, one],
        [far, one],
        [near, two],
        [outerTwo, alsoOne],
      ] as const) {
        const { answered } = await ping(from, to.address(family), 2);
        expect(answered, `${from.name} > ${to.name} (${family})`).toBe(true);
      }
      // The security groups of others hold as before: nobody let such addresses in.
      expect((await ping(one, near.address(family))).answered).toBe(false);
    }
    for (const vm of [one, alsoOne]) await followed(vm.mac, outerOne);
    await followed(two.mac, outerTwo);
  });

  labTest('gets what is for nobody, within a limit; what is for somebody goes there', async () => {
    await inject(two.namespace, 'eth0', [announced(two)]);
    await followed(two.mac, outerTwo);
    const frame = (destination: string) => echoRequest({ ...honest(near, two), destination });
    const frames = { unknown: frame(NOBODY), known: frame(two.mac) };
    const [learning, plain] = [await Listener.at(mallory), await Listener.at(far)];
    expect(await learning.arrived(near, frames)).toEqual(['unknown']);
    expect(await plain.arrived(near, frames)).toEqual([]);
    for (const listener of [learning, plain]) await listener.stop();

    const capture = await captureIncoming(mallory, `ether dst ${NOBODY}`);
    const ends = { ...honest(far, two), destination: NOBODY };
    const flood = Array(1_500).fill(udp(ends, { from: 9, to: 9 }, Buffer.alloc(18)));
    const began = performance.now();
    await inject(far.namespace, 'eth0', flood);
    const seconds = (performance.now() - began) / 1000;
    const count = await capture.count();
    await capture.stop();
    expect(count).toBeGreaterThan(STORM.burst / 2);
    expect(count).toBeLessThanOrEqual(STORM.burst + STORM.rate * seconds);
  });

  labTest('is followed by a machine that moves behind another, within a second', async () => {
    await inject(alsoOne.namespace, 'eth0', [announced(alsoOne)]);
    await followed(alsoOne.mac, outerOne);
    const injector = Injector.start(alsoOne.namespace, 'eth0');
    await injector.send([]);
    const pings = await ContinuousPing.start(near, alsoOne.address('ipv4'));
    await pings.answers(5);
    await bridgeOne.move(alsoOne, bridgeTwo);
    await injector.send([announced(alsoOne)]);
    await pings.answers(5);
    await injector.stop();
    // While it is used it does not age.
    await followed(alsoOne.mac, outerTwo);
    expect((await pings.stop()).longestGapMs).toBeLessThan(1_000);
    for (const family of FAMILIES) {
      expect((await ping(near, alsoOne.address(family), 2)).answered).toBe(true);
    }
  });

  labTest('is where it was after the controller has come again, without a write', async () => {
    const pings = await ContinuousPing.start(far, one.address('ipv4'));
    await followed(one.mac, outerOne);
    await pings.answers(5);
    await cloud.controller.restart();
    await cloud.hostsReady();
    await cloud.realized();
    await pings.answers(5);
    expect((await pings.stop()).lost).toBe(0);
    await followed(one.mac, outerOne);
  });

  labTest('takes so many addresses, none of others, and harms nobody', async () => {
    await inject(two.namespace, 'eth0', [announced(two)]);
    await followed(two.mac, outerTwo);
    const pings = await ContinuousPing.start(near, two.address('ipv4'));
    await pings.answers(5);
    const made = (number: number) => {
      const mac = `02:bb:00:00:${Buffer.from([number >> 8, number & 0xff])
        .toString('hex')
        .replace(/(..)(..)/, '$1:$2')}`;
      return echoRequest({ ...honest(mallory, far), source: mac });
    };
    const ofMallory = async () => (await known()).filter((mac) => mac.startsWith('02:bb'));
    const flood = Array.from({ length: 2_000 }, (_, number) => made(number));
    // Again and again: of one burst few are told, within the limit of the port.
    const isFull = async () => {
      await inject(mallory.namespace, 'eth0', flood);
      return (await ofMallory()).length === ADDRESSES_MAX;
    };
    await until(isFull, 'mallory to be full');
    const before = await packetIns();
    await inject(mallory.namespace, 'eth0', flood.slice(1_000, 1_300));
    expect(await packetIns()).toBe(before);
    expect(await ofMallory()).toHaveLength(ADDRESSES_MAX);
    await followed(two.mac, outerTwo);
    expect((await pings.stop()).lost).toBe(0);
    // And what is used no more is forgotten, while the rest stays.
    const running = await ContinuousPing.start(far, one.address('ipv4'));
    await running.answers(5);
    await until(async () => (await ofMallory()).length === 0, 'all to age', 3 * AGE_MS);
    await followed(one.mac, outerOne);
    expect((await running.stop()).lost).toBe(0);
  });

  labTest('takes no address of a port, nor any of another network', async () => {
    const pings = await ContinuousPing.start(far, one.address('ipv4'));
    await pings.answers(5);
    await followed(one.mac, outerOne);
    const ways = () =>
      Promise.all(hosts.flatMap((host) => [far.mac, one.mac].map((mac) => sentTo(host, mac))));
    const before = await ways();
    const asked = await packetIns();
    const stolen = arp({
      operation: 'request',
      senderMac: far.mac,
      senderIp: far.address('ipv4'),
      targetIp: '10.0.0.250',
    });
    await inject(mallory.namespace, 'eth0', Array(5).fill(stolen));
    await until(async () => (await packetIns()) > asked, 'mallory to be heard');
    await inject(spy.namespace, 'eth0', [announced(one)]);
    await until(
      async () => (await known()).filter((mac) => mac === one.mac).length === 2,
      'the address to be known in the other network, too',
    );
    await cloud.realized();
    expect(await ways()).toEqual(before);
    expect(await known()).not.toContain(far.mac);
    expect((await pings.stop()).lost).toBe(0);
    for (const family of FAMILIES) {
      expect((await ping(far, near.address(family), 2)).answered).toBe(true);
      expect((await ping(far, one.address(family), 2)).answered).toBe(true);
    }
  });
});
