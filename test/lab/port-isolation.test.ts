/**
 * Goal: isolated ports and those of communities reach promiscuous ports and their own community, and
 * nobody else, on one host and across two, whatever the packet is; a change counts on both.
 * Method: VMs of each kind on two hosts; frames to each neighbour, to everybody and to multicast
 * groups, captured at every VM up to a fence; pings of both IP versions after a port has changed.
 * Captures are those of the whole file, and what is sent for one test is sent at once.
 */
import { afterAll, expect } from 'vitest';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import {
  arp,
  ETHERTYPE,
  neighbourAdvertisement,
  neighbourSolicitation,
  udp,
} from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { Injector } from '../../lab/inject.ts';
import { Listener } from '../../lab/listener.ts';
import { datagramTo, GroupListener } from '../../lab/multicast.ts';
import { ping } from '../../lab/ping.ts';
import type { Json } from '../../lab/rest.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest, useCloud } from '../support/lab-cloud.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const KINDS: Readonly<Record<string, Json>> = {
  prom: {},
  iso: { isolation: 'isolated' },
  web: { isolation: 'community', isolation_community: 'web' },
  db: { isolation: 'community', isolation_community: 'db' },
};
/** By host. */
const NAMES = [
  ['prom1', 'iso1', 'web1'],
  ['iso2', 'iso3', 'web2', 'db1'],
] as const;
/** Who listens to multicast groups. */
const JOINERS = ['prom1', 'iso2', 'web1', 'web2', 'db1'] as const;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const MEMBERS_TABLE = 64;
const PING_S = 10;

const GROUPS = ['239.1.1.1', 'ff15::101'] as const;

interface Way {
  readonly from: string;
  readonly to: string;
}

interface Sent {
  readonly from: string;
  readonly frame: Buffer;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, make: (value: T) => U) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value)]));
}

const toGroup = (destination: string, destinationIp: string) => ({ destination, destinationIp });

labDescribe('ports that are set apart', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  const vms = new Map<string, Vm>();
  const listeners = new Map<string, Listener>();
  const injectors = new Map<string, Injector>();
  const joined: GroupListener[] = [];
  let passes = 0;

  useCloud({ hosts: 2 }, async (started, all) => {
    cloud = started;
    hosts = all;
    const cidrs = ['10.0.0.0/24', 'fd00::/64'];
    network = await cloud.network('red', { cidrs, subnet: { enable_dhcp: false } });
    for (const [index, names] of NAMES.entries()) {
      for (const name of names) {
        const attributes = KINDS[kindOf(name)] ?? {};
        vms.set(name, await cloud.boot(name, network, at(hosts, index), { attributes }));
      }
    }
    await cloud.realized(...vms.values());
    await Promise.all(
      [...vms].map(async ([name, each]) => {
        injectors.set(name, Injector.start(each.namespace, 'eth0'));
        listeners.set(name, await Listener.at(each, 'arp or udp or icmp6'));
      }),
    );
  });

  afterAll(async () => {
    await Promise.all([...listeners.values(), ...injectors.values()].map((each) => each.stop()));
    await Promise.all(joined.map((each) => each.leave()));
  });

  const vm = (name: string): Vm => vms.get(name) as Vm;

  function mayHear(one: string, other: string): boolean {
    const kinds = [kindOf(one), kindOf(other)];
    return kinds.includes('prom') || (kinds[0] === kinds[1] && kinds[0] !== 'iso');
  }

  /**
   * Sends frames of several VMs at once; gives, by name, the VMs that each comes to. The fence comes
   * last, from a VM that its listener hears: all else is there before.
   */
  async function hearers(
    sent: Readonly<Record<string, Sent>>,
    among: readonly string[] = [...vms.keys()],
  ): Promise<Record<string, string[]>> {
    await Promise.all(
      [...injectors].map(([from, injector]) =>
        injector.send(
          Object.values(sent).flatMap((each) => (each.from === from ? each.frame : [])),
        ),
      ),
    );
    const captures = await Promise.all(
      among.map(async (name) => {
        const listener = listeners.get(name) as Listener;
        const fencer = vm(name === 'prom1' ? 'iso2' : 'prom1');
        const frames = (await listener.heard(fencer)).map((frame) => frame.toString('latin1'));
        return { name, frames: new Set(frames) };
      }),
    );
    return mapValues(sent, ({ from, frame }) =>
      captures
        .filter(({ name, frames }) => name !== from && frames.has(frame.toString('latin1')))
        .map(({ name }) => name)
        .sort(),
    );
  }

  const hearersOf = (from: string): string[] =>
    [...vms.keys()].filter((name) => name !== from && mayHear(from, name)).sort();

  /** Frames from one VM to another, in both IP versions: where they arrive. */
  async function passing(ways: readonly Way[]): Promise<string[]> {
    passes += 1;
    const data = Buffer.from(`straight ${passes}`);
    const frames = ways.flatMap(({ from, to }) =>
      FAMILIES.map((family): [string, Sent] => {
        const frame = udp(honest(vm(from), vm(to), family), { from: 9, to: 9 }, data);
        return [`${from} > ${to} ${family}`, { from, frame }];
      }),
    );
    const among = new Set(ways.flatMap(({ from, to }) => [from, to]));
    const came = Object.entries(await hearers(Object.fromEntries(frames), [...among]));
    return came.flatMap(([way, names]) => names.map((name) => `${way}: ${name}`)).sort();
  }

  labTest('get what is sent to them alone, as they may hear', async () => {
    const ways = waysAmong([...vms.keys()]);
    const open = ways.filter(({ from, to }) => mayHear(from, to));
    expect(await passing(ways)).toEqual(arriving(open));
  });

  labTest('hear floods as they may', async () => {
    const floods = ['iso1', 'web1', 'db1', 'prom1'].flatMap((from) => {
      const sender = vm(from);
      const frames = {
        datagram: udp(
          { ...honest(sender, sender), ...toGroup(BROADCAST, '255.255.255.255') },
          { from: 9, to: 9 },
          Buffer.from(`everybody hears ${from}`),
        ),
        announcement: arp({
          operation: 'request',
          senderMac: sender.mac,
          senderIp: sender.address('ipv4'),
          targetIp: sender.address('ipv4'),
        }),
        link: datagramTo(sender, 'ff02::fb', `everybody on the link hears ${from}`),
        advertisement: neighbourAdvertisement(
          { ...honest(sender, sender, 'ipv6'), ...toGroup('33:33:00:00:00:01', 'ff02::1') },
          sender.address('ipv6'),
          sender.mac,
        ),
      };
      return Object.entries(frames).map(([name, frame]) => [`${name} of ${from}`, { from, frame }]);
    });
    const sent: Record<string, Sent> = Object.fromEntries(floods);
    expect(await hearers(sent)).toEqual(mapValues(sent, ({ from }) => hearersOf(from)));
  });

  labTest('hear streams as they may', async () => {
    const joins = JOINERS.flatMap((name) => GROUPS.map((group) => ({ name, group })));
    await Promise.all(
      joins.map(async ({ name, group }) => joined.push(await GroupListener.join(vm(name), group))),
    );
    const most = joins.length;
    await until(async () => (await copiesMade()) === most, `${most} copies`, 30_000);
    await cloud.realized();
    await Promise.all(hosts.map((host) => host.settled()));
    const streams = ['iso1', 'web1', 'prom1', 'iso2'].flatMap((from) =>
      GROUPS.map((group): [string, Sent] => [
        `${from} to ${group}`,
        { from, frame: datagramTo(vm(from), group, `who listens to ${from}`) },
      ]),
    );
    // What ports are let in unasked, as a stream.
    const ends = {
      ...honest(vm('web1'), vm('web1'), 'ipv6'),
      ...toGroup('33:33:00:00:01:01', GROUPS[1]),
    };
    const frame = neighbourAdvertisement(ends, vm('web1').address('ipv6'), vm('web1').mac);
    const sent: Record<string, Sent> = {
      ...Object.fromEntries(streams),
      advertisement: { from: 'web1', frame },
    };
    const isJoiner = (name: string) => JOINERS.some((joiner) => joiner === name);
    expect(await hearers(sent)).toEqual(
      mapValues(sent, ({ from }) => hearersOf(from).filter(isJoiner)),
    );
  });

  /** Of streams, to ports of either host. */
  async function copiesMade(): Promise<number> {
    const flows = await Promise.all(hosts.map((host) => host.flows(`table=${MEMBERS_TABLE}`)));
    return flows.flat().join().split('reg15').length - 1;
  }

  labTest('are told of nobody whom they may not reach', async () => {
    const asker = vm('iso1');
    const others = [...vms.keys()].filter((name) => name !== 'iso1');
    const answers = listeners.get('iso1') as Listener;
    const before = (await answers.heard(vm('prom1'))).length;
    const six = others.map((name) => {
      const target = vm(name).address('ipv6');
      const last = target.slice(target.lastIndexOf(':') + 1);
      const solicited = toGroup(
        `33:33:ff:00:${last.padStart(4, '0').replace(/^(..)/, '$1:')}`,
        `ff02::1:ff00:${last}`,
      );
      const ends = { ...honest(asker, asker, 'ipv6'), ...solicited };
      return neighbourSolicitation(ends, target, asker.mac);
    });
    const four = others.map((name) =>
      arp({
        operation: 'request',
        senderMac: asker.mac,
        senderIp: asker.address('ipv4'),
        targetIp: vm(name).address('ipv4'),
      }),
    );
    await injectors.get('iso1')?.send([...four, ...six]);
    const all = (await answers.heard(vm('prom1'))).slice(before);
    const told = (at: number, bytes: number, type: number) =>
      all
        .filter((frame) => frame.readUInt16BE(12) === type)
        .map((frame) => frame.subarray(at, at + bytes).toString('hex'))
        .filter((address, index, list) => list.indexOf(address) === index)
        .sort();
    const macs = [vm('prom1').mac.replaceAll(':', '')];
    expect(told(22, 6, ETHERTYPE.arp)).toEqual(macs);
    expect(told(6, 6, ETHERTYPE.ipv6)).toEqual(macs);
  });

  labTest('change live, and what they change to counts on both hosts', async () => {
    const ways = ['iso2', 'db1', 'prom1'].flatMap((name) => waysAmong(['iso1', name]));
    const open = (...names: readonly string[]) =>
      arriving(names.flatMap((name) => waysAmong(['iso1', name])));
    const become = async (isolation: Json) => {
      await cloud.setPort(vm('iso1'), isolation);
      await cloud.realized(vm('iso1'));
      await Promise.all(hosts.map((host) => host.settled()));
      return passing(ways);
    };
    expect(await become({ isolation: null })).toEqual(open('iso2', 'db1', 'prom1'));
    const pings = ['iso2', 'db1', 'prom1'].flatMap((name) =>
      FAMILIES.map((family) => ping(vm('iso1'), vm(name).address(family), PING_S)),
    );
    expect((await Promise.all(pings)).map(({ answered }) => answered)).not.toContain(false);
    expect(await become(KINDS['db'] as Json)).toEqual(open('db1', 'prom1'));
    const isolated = { isolation: 'isolated', isolation_community: null };
    expect(await become(isolated)).toEqual(open('prom1'));
  });
});

/** Both ways between any two of them. */
function waysAmong(names: readonly string[]): Way[] {
  return names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
}

function arriving(ways: readonly Way[]): string[] {
  return ways
    .flatMap(({ from, to }) => FAMILIES.map((family) => `${from} > ${to} ${family}: ${to}`))
    .sort();
}

function kindOf(name: string): string {
  return name.slice(0, -1);
}
