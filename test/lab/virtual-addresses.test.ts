/**
 * Goal: an address that several VMs may have is where the VM is that has said so last, within a
 * second, with a MAC address of its own or that of the VM; nobody else can move it.
 * Method: keepalived in two VMs on two hosts, pings from VMs on both while the master dies; frames
 * that announce the address where nobody may have it.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import { arp, neighbourAdvertisement } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import { Keepalived, VIRTUAL_MACS } from '../../lab/keepalived.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const ADDRESSES = ['10.0.0.200', 'fd00::100', 'fe80::100'] as const;
const PINGED = ADDRESSES.slice(0, 2);
const PAIRS = ADDRESSES.flatMap((ip_address) => [
  { ip_address },
  ...VIRTUAL_MACS.map((mac_address) => ({ ip_address, mac_address })),
]);
const MODES = [
  ['of its VM', false],
  ['of its own', true],
] as const;

labDescribe('a virtual address', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  let [one, two, near, far, mallory, theirs] = [] as Vm[] as [Vm, Vm, Vm, Vm, Vm, Vm];
  const routers = new Map<Vm, Keepalived>();

  useCloud({ hosts: 2 }, async (started, all) => {
    cloud = started;
    hosts = all;
    const cidrs = ['10.0.0.0/24', 'fd00::/64'];
    const subnet = { enable_dhcp: false };
    network = await cloud.network('red', { cidrs, subnet });
    const other = await cloud.network('blue', { cidrs, subnet });
    const paired = { attributes: { allowed_address_pairs: PAIRS } };
    one = await cloud.boot('one', network, at(hosts, 0), paired);
    two = await cloud.boot('two', network, at(hosts, 1), paired);
    near = await cloud.boot('near', network, at(hosts, 0));
    far = await cloud.boot('far', network, at(hosts, 1));
    mallory = await cloud.boot('mallory', network, at(hosts, 1));
    theirs = await cloud.boot('theirs', other, at(hosts, 0), paired);
    await admitVrrp(one);
    await cloud.realized(one, two, near, far, mallory, theirs);
  });

  beforeEach(() => routers.clear());
  afterEach(async () => {
    for (const router of routers.values()) await router.stop();
    for (const vm of [one, two]) await vm.namespace.ip('link set eth0 up');
    await cloud.realized();
  });

  /** Link-local addresses, which IPv6 routers announce themselves with, are no members of groups. */
  async function admitVrrp(vm: Vm): Promise<void> {
    const { rest } = cloud.controller;
    const path = `/v2.0/ports/${vm.ifaceId}`;
    const { port } = await rest.get<{ port: { security_groups: string[] } }>(path);
    const rule = {
      security_group_id: at(port.security_groups, 0),
      direction: 'ingress',
      ethertype: 'IPv6',
      protocol: 'vrrp',
      remote_ip_prefix: 'fe80::/10',
    };
    await rest.post('/v2.0/security-group-rules', { security_group_rule: rule });
  }

  async function route(vm: Vm, priority: number, hasVirtualMac: boolean): Promise<Keepalived> {
    const options = { labDir: cloud.labDir, priority, hasVirtualMac, addresses: ADDRESSES };
    const router = await Keepalived.start(vm, options);
    routers.set(vm, router);
    return router;
  }

  /** Frames of a VM that say that it has the addresses: gratuitous ARP and an advertisement. */
  function announcements(mac: string): Buffer[] {
    const [ipv4, ipv6] = ADDRESSES;
    const ends = {
      source: mac,
      destination: '33:33:00:00:00:01',
      sourceIp: ipv6,
      destinationIp: 'ff02::1',
    };
    return [
      arp({ operation: 'request', senderMac: mac, senderIp: ipv4, targetIp: ipv4 }),
      arp({ operation: 'reply', senderMac: mac, senderIp: ipv4, targetIp: ipv4 }),
      neighbourAdvertisement(ends, ipv6, mac),
    ];
  }

  /** Where a host sends what is for a virtual MAC address of the network; undefined: nowhere. */
  async function sentTo(host: Host, mac: string): Promise<string | undefined> {
    const match = `table=60,metadata=${network.vni},dl_dst=${mac}`;
    const flows = (await host.flows(match)).filter((flow) => flow.includes(mac));
    return flows.map((flow) => flow.slice(flow.indexOf('actions=') + 8))[0];
  }

  const [v4Mac, v6Mac] = VIRTUAL_MACS;

  async function followed(mac: string, vm: Vm): Promise<void> {
    const away = at(
      hosts.filter((host) => host !== vm.host),
      0,
    );
    await until(
      async () => (await sentTo(away, mac))?.includes(vm.host.underlayAddress) === true,
      `${away.name} to send what is for ${mac} to ${vm.name}`,
    );
    await until(
      async () => (await sentTo(vm.host, mac))?.includes('reg15') === true,
      `${vm.host.name} to send what is for ${mac} to ${vm.name}`,
    );
  }

  async function packetIns(): Promise<number> {
    return (await cloud.hosts()).reduce((sum, host) => sum + host.packet_ins, 0);
  }

  labTest.each(MODES)(
    'goes over within a second, with the MAC address %s',
    async (_, isVirtual) => {
      const first = await route(one, 200, isVirtual);
      await first.master();
      const second = await route(two, 100, isVirtual);
      await second.backup();
      if (isVirtual) for (const mac of VIRTUAL_MACS) await followed(mac, one);
      const pings = await Promise.all(
        [near, far].flatMap((vm) => PINGED.map((address) => ContinuousPing.start(vm, address))),
      );
      await one.namespace.ip('link set eth0 down');
      await second.master();
      for (const ping of pings) await ping.answers(50);
      if (isVirtual) for (const mac of VIRTUAL_MACS) await followed(mac, two);
      const reports = await Promise.all(pings.map((ping) => ping.stop()));
      for (const { longestGapMs } of reports) expect(longestGapMs).toBeLessThan(1_000);
      expect(reports.every(({ lost }) => lost > 0)).toBe(true);
    },
  );

  labTest('comes back when the first master does', async () => {
    await (await route(one, 200, true)).master();
    const second = await route(two, 100, true);
    await second.backup();
    for (const mac of VIRTUAL_MACS) await followed(mac, one);
    await one.namespace.ip('link set eth0 down');
    await second.master();
    for (const mac of VIRTUAL_MACS) await followed(mac, two);
    const pings = await Promise.all(PINGED.map((address) => ContinuousPing.start(far, address)));
    await one.namespace.ip('link set eth0 up');
    await second.backup();
    for (const mac of VIRTUAL_MACS) await followed(mac, one);
    for (const ping of pings) await ping.answers(50);
    for (const ping of pings) expect((await ping.stop()).longestGapMs).toBeLessThan(1_000);
  });

  labTest('stays when others announce it, and costs nothing when who has it does', async () => {
    await inject(two.namespace, 'eth0', VIRTUAL_MACS.flatMap(announcements));
    for (const mac of VIRTUAL_MACS) await followed(mac, two);
    const before = await packetIns();
    const flows = await Promise.all(hosts.map((host) => sentTo(host, v4Mac)));
    for (const mac of [v4Mac, v6Mac, mallory.mac]) {
      await inject(mallory.namespace, 'eth0', announcements(mac));
    }
    await inject(two.namespace, 'eth0', Array(20).fill(announcements(v4Mac)).flat());
    expect(await packetIns()).toBe(before);
    // Another tenant has the same addresses, and moves them in its own network.
    await inject(theirs.namespace, 'eth0', VIRTUAL_MACS.flatMap(announcements));
    await until(async () => (await packetIns()) > before, 'the other tenant to be heard');
    await cloud.realized(theirs);
    expect(await Promise.all(hosts.map((host) => sentTo(host, v4Mac)))).toEqual(flows);
  });

  labTest('is nowhere once the port that has it is unplugged or may not have it', async () => {
    await inject(two.namespace, 'eth0', announcements(v4Mac));
    await followed(v4Mac, two);
    await two.unplug();
    const gone = async () =>
      (await Promise.all(hosts.map((host) => sentTo(host, v4Mac)))).every(
        (sent) => sent === undefined,
      );
    await until(gone, 'nobody to have the address');
    await two.plug();
    await cloud.realized(two);
    expect(await gone()).toBe(true);
    await inject(two.namespace, 'eth0', announcements(v4Mac));
    await followed(v4Mac, two);
    await cloud.setPort(two, { allowed_address_pairs: [] });
    await cloud.realized(two);
    expect(await gone()).toBe(true);
    await cloud.setPort(two, { allowed_address_pairs: PAIRS });
    await cloud.realized(two);
    expect(await gone()).toBe(true);
  });

  labTest('is where it was after the controller has come again, without a write', async () => {
    await inject(one.namespace, 'eth0', announcements(v4Mac));
    await followed(v4Mac, one);
    await cloud.controller.restart();
    await cloud.hostsReady();
    await cloud.realized(one, two);
    expect(await cloud.modificationsSent()).toBe(0);
    await inject(two.namespace, 'eth0', announcements(v4Mac));
    await followed(v4Mac, two);
  });
});
