/**
 * Goal: who is in which group decides who hears whom, as Neutron's users expect: default groups,
 * ports without rules, without port security or switched off; answers, errors, stateless groups.
 * Method: as in security-rules.test.ts; every "nothing" is a count at the receiver.
 */
import { expect } from 'vitest';
import { Capture } from '../../lab/capture.ts';
import { Conversation } from '../../lab/conversation.ts';
import {
  arp,
  echoRequest,
  icmpError,
  neighbourSolicitation,
  routerAdvertisement,
  udp,
} from '../../lab/frames.ts';
import { inject } from '../../lab/inject.ts';
import { Listener } from '../../lab/listener.ts';
import { ping, pingMatrix, unanswered } from '../../lab/ping.ts';
import { tcp } from '../../lab/transport-frames.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';
import {
  bothVersions,
  FAMILIES,
  newPorts,
  openPorts,
  useSecurityWorld,
} from '../support/lab-security.ts';

const NOTHING = Buffer.alloc(0);
const BROADCAST = { destination: 'ff:ff:ff:ff:ff:ff', destinationIp: '255.255.255.255' };
const ALL_NODES = { destination: '33:33:00:00:00:01', destinationIp: 'ff02::1' };
/** Of one link: such go to everybody, whoever listens. */
const GROUP_V4 = { destination: '01:00:5e:00:00:4d', destinationIp: '224.0.0.77' };
const GROUP_V6 = { destination: '33:33:00:00:12:34', destinationIp: 'ff02::1234' };

labDescribe('who hears whom', () => {
  const world = useSecurityWorld();

  labTest('members of a default group hear each other and may send anything', async () => {
    const { near, far, server } = world().parts;
    for (const family of FAMILIES) {
      expect(unanswered(await pingMatrix([near, far, server], { family }))).toEqual([]);
    }
  });

  labTest('strangers are not heard by a default group, nor is their broadcast', async () => {
    const { near, far, server } = world().parts;
    await world().serve(bothVersions({}));
    for (const family of FAMILIES) {
      expect((await ping(near, server.address(family))).answered).toBe(true);
    }
    for (const to of [near, far]) {
      const listener = await Listener.at(to);
      const frames = { ping: echoRequest(honest(server, to)), cast: broadcast(server, 9) };
      expect(await listener.arrived(server, frames)).toEqual([]);
      const ipv6 = { ping: echoRequest(honest(server, to, 'ipv6')) };
      expect(await listener.arrived(server, ipv6)).toEqual([]);
      await listener.stop();
    }
    expect(await world().arrivals((ends) => ({ ping: echoRequest(ends) }))).toEqual(
      world().everywhere('ping'),
    );
  });

  labTest('a port without rules sends what it needs to find its address, and no more', async () => {
    const { near, far, server } = world().parts;
    const silent = await world().group([], { isEgressFree: false });
    for (const vm of [near, far]) await world().regroup(vm, silent);
    await world().serve(bothVersions({}));
    const sent = world().arrivals.bind(world(), (ends, { family, from }) => ({
      ping: echoRequest(ends),
      udp: udp(ends, newPorts(53), NOTHING),
      tcp: tcp(ends, newPorts(80)),
      ...(family === 'ipv4'
        ? { arp: arpRequest(from), dhcp: dhcpDiscover(from) }
        : { nd: neighbourSolicitation(ends, server.address('ipv6'), from.mac) }),
    }));
    const came = await sent();
    for (const { name, family } of world().paths) {
      expect(came[name], name).toEqual(family === 'ipv4' ? ['arp', 'dhcp'] : ['nd']);
    }
    for (const vm of [near, far]) await world().regroup(vm);
    await world().realized();
    expect(await sent()).toEqual(came);
  });

  labTest('a port without port security hears everything and says everything', async () => {
    const { cloud, server, near, far } = world().parts;
    const open = { port_security_enabled: false, security_groups: [] };
    for (const vm of [server, near, far]) await cloud.setPort(vm, open);
    await world().realized();
    const forged = '10.0.0.177';
    const came = await world().arrivals((ends, { family }) => ({
      ping: echoRequest(ends),
      ...(family === 'ipv4' ? { lie: echoRequest({ ...ends, sourceIp: forged }) } : {}),
    }));
    for (const { name, family } of world().paths) {
      expect(came[name], name).toEqual(family === 'ipv4' ? ['ping', 'lie'] : ['ping']);
    }
    const ra = { ra: routerAdvertisement({ ...honest(far, server, 'ipv6'), ...ALL_NODES }) };
    for (const vm of [server, near, far]) await cloud.setPort(vm, { port_security_enabled: true });
    await cloud.setPort(far, open);
    await world().serve([], { isEgressFree: false });
    expect(await world().parts.atServer.arrived(far, ra)).toEqual(['ra']);
    await restore();
  });

  labTest('a port that is switched off neither sends nor hears', async () => {
    const { cloud, server, near, far } = world().parts;
    await world().serve(bothVersions({}));
    await cloud.setPort(server, { admin_state_up: false });
    await world().realized();
    for (const [from, to] of [
      [near, server],
      [server, near],
      [server, far],
    ] as const) {
      expect((await ping(from, to.address('ipv4'), 0.3)).answered).toBe(false);
    }
    const before = await Capture.start(near.namespace, 'eth0', `ether src ${server.mac}`);
    await inject(server.namespace, 'eth0', [arpRequest(server), broadcast(server, 9)]);
    expect(await before.count()).toBe(0);
    await before.stop();
    await cloud.setPort(server, { admin_state_up: true });
    await world().realized(server);
    // A guest that has asked for a neighbour in vain asks again when its own timer says so.
    for (const vm of [near, server]) {
      await vm.run(['ip', 'neigh', 'flush', 'nud', 'all', 'dev', 'eth0']);
    }
    expect((await ping(near, server.address('ipv4'))).answered).toBe(true);
  });

  labTest('answers need no rule of their own', async () => {
    await world().serve(openPorts('tcp', 8000), { isEgressFree: false });
    for (const { from, family } of world().paths) {
      const talk = await Conversation.open(from, world().parts.server, { family, port: 8000 });
      await talk.passes('client', 5_000);
      await talk.passes('server', 5_000);
      await talk.end();
    }
  });

  labTest('an ICMP error about a connection comes back, one about nothing does not', async () => {
    const { server } = world().parts;
    await world().serve(openPorts('udp', 8000), { isEgressFree: false });
    for (const { from, family, ends, name } of world().paths) {
      const filter = family === 'ipv4' ? 'icmp[0] == 3 or icmp[0] == 11' : 'ip6[40] < 128';
      const listener = await Listener.at(from, filter);
      const datagram = udp(ends, newPorts(8000), NOTHING);
      // Nobody listens there: the server's kernel says so.
      await world().parts.atServer.arrived(from, { datagram });
      expect((await listener.heard(server)).length, name).toBe(1);
      const expired = { type: family === 'ipv4' ? 11 : 3, code: 0 };
      const back = honest(server, from, family);
      const strange = udp(ends, newPorts(8000), NOTHING);
      expect(
        await listener.arrived(server, {
          about: icmpError(back, expired, datagram),
          strange: icmpError(back, expired, strange),
        }),
        name,
      ).toEqual(['about']);
      await listener.stop();
    }
  });

  labTest('in a stateless group answers need a rule of their own', async () => {
    const { server, near, atServer } = world().parts;
    const group = await world().serve(openPorts('tcp', 8000), {
      stateful: false,
      isEgressFree: false,
    });
    const listener = await Listener.at(near, 'tcp');
    const answersTo = async (family: 'ipv4' | 'ipv6'): Promise<number> => {
      const before = (await listener.heard(server)).length;
      const syn = tcp(honest(near, server, family), newPorts(8000));
      expect(await atServer.arrived(near, { syn })).toEqual(['syn']);
      return (await listener.heard(server)).length - before;
    };
    for (const family of FAMILIES) expect(await answersTo(family)).toBe(0);
    for (const rule of bothVersions({ direction: 'egress', protocol: 'tcp' })) {
      await world().addRule(group.id, rule);
    }
    await world().realized();
    for (const family of FAMILIES) expect(await answersTo(family)).toBe(1);
    await listener.stop();
  });

  labTest('broadcast and multicast obey the rules of each receiver', async () => {
    await world().serve(openPorts('udp', 5000));
    const { near, far, atServer } = world().parts;
    for (const from of [near, far]) {
      const [v4, v6] = [honest(from, near), honest(from, near, 'ipv6')];
      const came = await atServer.arrived(from, {
        cast: broadcast(from, 5000),
        other: broadcast(from, 5001),
        group: udp({ ...v4, ...GROUP_V4 }, newPorts(5000), NOTHING),
        otherGroup: udp({ ...v4, ...GROUP_V4 }, newPorts(5001), NOTHING),
        group6: udp({ ...v6, ...GROUP_V6 }, newPorts(5000), NOTHING),
        otherGroup6: udp({ ...v6, ...GROUP_V6 }, newPorts(5001), NOTHING),
        arp: arpRequest(from),
      });
      expect(came, from.name).toEqual(['cast', 'group', 'group6', 'arp']);
    }
  });

  labTest('nobody hears himself', async () => {
    const { near } = world().parts;
    const all = await Capture.start(near.namespace, 'eth0', 'udp port 9');
    const own = udp(honest(near, near), { from: 9, to: 9 }, NOTHING);
    await inject(near.namespace, 'eth0', [own, broadcast(near, 9)]);
    // A capture sees what leaves the interface as well: once each, and nothing comes back.
    expect(await all.count()).toBe(2);
    await all.stop();
  });

  labTest('a conversation goes on when its server moves to another host', async () => {
    const { cloud, hosts, server } = world().parts;
    await world().serve(openPorts('tcp', 8000));
    for (const { from, family } of world().paths) {
      const talk = await Conversation.open(from, server, { family, port: 8000 });
      await talk.passes('client');
      await cloud.move(server, server.host === at(hosts, 0) ? at(hosts, 1) : at(hosts, 0));
      await world().realized(server);
      await talk.passes('client', 5_000);
      await talk.passes('server', 5_000);
      await talk.end();
    }
  });

  /** Everybody secured and in the default group again. */
  async function restore(): Promise<void> {
    const { cloud, network, near, far } = world().parts;
    const { rest } = cloud.controller;
    const path = `/v2.0/security-groups?name=default&project_id=${network.projectId}`;
    const { security_groups: found } = await rest.get<{ security_groups: { id: string }[] }>(path);
    const secured = { port_security_enabled: true, security_groups: found.map(({ id }) => id) };
    for (const vm of [near, far]) await cloud.setPort(vm, secured);
    await world().realized();
  }
});

function broadcast(from: Vm, port: number): Buffer {
  return udp({ ...honest(from, from), ...BROADCAST }, newPorts(port), NOTHING);
}

/** For an address that nobody has: no switch answers it. */
function arpRequest(from: Vm): Buffer {
  return arp({
    operation: 'request',
    senderMac: from.mac,
    senderIp: from.address('ipv4'),
    targetIp: '10.0.0.254',
  });
}

function dhcpDiscover(from: Vm): Buffer {
  const ends = { ...honest(from, from), ...BROADCAST, sourceIp: '0.0.0.0' };
  return udp(ends, { from: 68, to: 67 }, Buffer.alloc(244));
}
