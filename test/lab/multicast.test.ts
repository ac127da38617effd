/**
 * Goal: what is sent to a multicast group comes to those VMs that listen to it, on every host, from
 * when they join until they leave, fall silent, or move, and then where they are; what stays on one
 * link comes to all; what a guest makes up harms nobody.
 * Method: programs that join groups, whose kernels tell and answer by IGMPv3 and MLDv2; datagrams to
 * groups, captured at every VM up to a fence behind them; made-up reports.
 */
import { afterEach, expect } from 'vitest';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import { type Ends, ipFrame } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import { Listener } from '../../lab/listener.ts';
import { Migration } from '../../lab/migration.ts';
import { datagramTo, GroupListener } from '../../lab/multicast.ts';
import { FrameStream } from '../../lab/stream.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

/** So listeners that are silent are forgotten after 5 s. */
const QUERY_MS = 2_000;
const WAIT_MS = 40_000;
const FAMILIES = [
  ['IPv4', '239.1.1.1', 'nw_dst'],
  ['IPv6', 'ff15::101', 'ipv6_dst'],
] as const;
/** Whose listeners may tell nobody, as mDNS. */
const LINK_GROUPS = ['224.0.0.251', 'ff02::fb'] as const;
/** The address of services, which asks. */
const QUERIER = '02:48:44:00:00:01';
const STREAMS_TABLE = 63;
const MEMBERS_TABLE = 64;

labDescribe('multicast', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  let source: Vm;
  let near: Vm;
  let far: Vm;
  let idle: Vm;
  let distant: Vm;
  const listeners: GroupListener[] = [];

  useCloud(
    { hosts: 2, env: { HEDDLE_MULTICAST_QUERY_MS: String(QUERY_MS) } },
    async (made, all) => {
      [cloud, hosts] = [made, all];
      network = await cloud.network('blue', { cidrs: ['10.0.0.0/24', 'fd00:1::/64'] });
      source = await cloud.boot('source', network, at(hosts, 0));
      near = await cloud.boot('near', network, at(hosts, 0));
      idle = await cloud.boot('idle', network, at(hosts, 0));
      far = await cloud.boot('far', network, at(hosts, 1));
      distant = await cloud.boot('distant', network, at(hosts, 1));
      await cloud.realized(source, near, idle, far, distant);
    },
  );

  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.leave();
    for (const host of hosts) await followed(host, 0);
  });

  async function join(vm: Vm, group: string): Promise<GroupListener> {
    const listener = await GroupListener.join(vm, group);
    listeners.push(listener);
    return listener;
  }

  /** Waits until a host sends what is for so many groups to ports of its own. */
  async function followed(host: Host, count: number, match = ''): Promise<void> {
    const filter = [`table=${MEMBERS_TABLE}`, ...(match === '' ? [] : [match])].join(',');
    await until(
      async () => {
        const flows = await host.flows(filter);
        return flows.filter((flow) => flow.includes('_dst=')).length === count;
      },
      `${count} groups with listeners on ${host.name}`,
      WAIT_MS,
    );
    await cloud.realized();
  }

  /** The VMs besides the sender that a datagram to a group comes to. */
  async function reached(group: string, from = source): Promise<string[]> {
    const others = [near, idle, far, distant].filter((vm) => vm !== from);
    const captures = await Promise.all(others.map((vm) => Listener.at(vm, 'udp')));
    const frames = { datagram: datagramTo(from, group, 'who is there') };
    const names: string[] = [];
    for (const capture of captures) {
      // Each capture hears what was sent for the one before it, too.
      const came = await capture.arrived(from, frames);
      if (came.length > 0) names.push(capture.vm.name);
    }
    await Promise.all(captures.map((capture) => capture.stop()));
    return names;
  }

  labTest.each(FAMILIES)('of %s comes to those who join, and to nobody else', async (_, group) => {
    expect(await reached(group)).toEqual([]);
    const here = await join(near, group);
    const there = await join(far, group);
    await followed(at(hosts, 0), 1);
    await followed(at(hosts, 1), 1);
    expect(await reached(group)).toEqual(['near', 'far']);
    expect(await reached(group, distant)).toEqual(['near', 'far']);
    await inject(source.namespace, 'eth0', [datagramTo(source, group, 'hello')]);
    await here.hears('hello');
    await there.hears('hello');
    await there.leave();
    await followed(at(hosts, 1), 0);
    expect(await reached(group)).toEqual(['near']);
    // A listener alone answers queries, and so stays for longer than silence is borne.
    const flows = await at(hosts, 0).flows(`table=${MEMBERS_TABLE}`);
    expect(flows.some((flow) => flow.includes(group))).toBe(true);
  });

  labTest.each(LINK_GROUPS)('to %s comes to all, whether or not they listen', async (group) => {
    expect(await reached(group)).toEqual(['near', 'idle', 'far', 'distant']);
  });

  labTest('of both versions ends when their listener is silent', async () => {
    for (const [, group] of FAMILIES) await join(far, group);
    await followed(at(hosts, 1), FAMILIES.length);
    await far.run(['ip', 'link', 'set', 'eth0', 'down']);
    await followed(at(hosts, 1), 0);
    const copies = await at(hosts, 0).flows(`table=${STREAMS_TABLE}`);
    expect(copies.some((flow) => flow.includes('clone'))).toBe(false);
    await far.namespace.ip('link set eth0 up');
    const six = far.address('ipv6');
    // The kernel takes IPv6 addresses away with the link.
    await far.namespace.ip(`addr replace ${six}/64 dev eth0 nodad`);
  });

  labTest('goes with a VM that moves', { timeout: 120_000 }, async () => {
    const attributes = { 'binding:host_id': '' };
    const mover = await cloud.boot('mover', network, at(hosts, 0), { attributes });
    await cloud.realized(mover);
    const move = await Migration.prepare(mover, hosts.slice(0, 2));
    await cloud.realized(mover);
    const [[, group]] = FAMILIES;
    const listener = await join(mover, group);
    await followed(at(hosts, 0), 1);
    await move.plug(at(hosts, 1));
    await followed(at(hosts, 1), 1);
    await move.go(at(hosts, 1));
    await inject(distant.namespace, 'eth0', [datagramTo(distant, group, 'still there')]);
    await listener.hears('still there');
    await move.unplug(at(hosts, 0));
    await followed(at(hosts, 0), 0);
    await inject(source.namespace, 'eth0', [datagramTo(source, group, 'and now')]);
    await listener.hears('and now');
    await listener.leave();
    await move.unplug(at(hosts, 1));
    await move.end();
  });

  labTest('is not moved by what a guest makes up', async () => {
    const witness = await Listener.at(near, `ip proto 2 and not ether src ${QUERIER}`);
    const own: Ends = {
      source: idle.mac,
      sourceIp: idle.address('ipv4'),
      destination: '01:00:5e:00:00:16',
      destinationIp: '224.0.0.22',
    };
    const report = (...groups: readonly string[]) => {
      const count = groups.length.toString(16).padStart(4, '0');
      const records = groups.map((group) => `04000000${group}`).join('');
      return Buffer.from(`220000000000${count}${records}`, 'hex');
    };
    const spoofed = { ...own, sourceIp: near.address('ipv4') };
    const foreign = { ...own, source: near.mac };
    await inject(idle.namespace, 'eth0', [
      ipFrame(spoofed, 2, report('ef020201')),
      ipFrame(foreign, 2, report('ef020202')),
      ipFrame(own, 2, report('ef020203').subarray(0, 12)),
      ipFrame(own, 2, Buffer.from('220000000000ffff', 'hex')),
      ipFrame(own, 2, report('e00000fb', '0a000001')),
      ipFrame(own, 2, report('ef020204')),
    ]);
    await followed(at(hosts, 0), 1, 'ip');
    // Thousands of groups, over and over: it is one guest that is heard no further.
    const many = Array.from({ length: 40 }, (_, batch) =>
      ipFrame(
        own,
        2,
        report(...Array.from({ length: 100 }, (__, index) => `ef03${word(100 * batch + index)}`)),
      ),
    );
    const flood = await FrameStream.start(idle, many, 20);
    await followed(at(hosts, 0), 64);
    const [, [, group]] = FAMILIES;
    await join(far, group);
    await followed(at(hosts, 1), 1);
    expect(await reached(group)).toEqual(['far']);
    await flood.stop();
    expect(await witness.heard(idle)).toEqual([]);
    await witness.stop();
  });

  labTest('comes to all again where nobody follows listeners', { timeout: 120_000 }, async () => {
    await cloud.controller.restart({ HEDDLE_MULTICAST_SNOOPING: 'off' });
    await cloud.hostsReady();
    await cloud.realized();
    for (const [, group] of FAMILIES) {
      expect(await reached(group)).toEqual(['near', 'idle', 'far', 'distant']);
    }
  });
});

function word(number: number): string {
  return number.toString(16).padStart(4, '0');
}
