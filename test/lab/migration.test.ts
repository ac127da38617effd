/**
 * Goal: a VM that moves to another host loses no packet by its move, keeps its connections,
 * whoever opened them, and is never without its filters; so does one whose move is called off.
 * Method: the VM goes over from the interface of one host to that of the other, with a pause, while
 * both have the port plugged in; pings each 10 ms, both ways, between it and peers on the host that it
 * leaves, on the one that it comes to and on a third one. What comes in its pause waits for it, as in
 * a tap that QEMU does not read yet, so that there is nothing to take off what was lost.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Conversation } from '../../lab/conversation.ts';
import { until } from '../../lab/exec.ts';
import { echoRequest, geneve, neighbourAdvertisement, udp } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import { IperfServer } from '../../lab/iperf.ts';
import type { Namespace } from '../../lab/namespace.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import { tcp } from '../../lab/transport-frames.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';
import { LossCount, type Pair } from '../support/lab-losses.ts';
import { PAUSE_MS, SERVICE_PORT, useMigrationWorld } from '../support/lab-migration.ts';

const MOVES = 20;
/** What neighbours ask one another, everybody may. */
const ECHO_OF_IPV6 = '(icmp6 and ip6[40] == 128)';
const FAMILIES = ['ipv4', 'ipv6'] as const;
/**
 * Of each of four; little enough for a busy machine: they are to go on, not to be fast. A tracker of
 * the userspace datapath loses a stream of which it sees 65 KB of one side alone: 1.3 s of it.
 */
const STREAM_KBPS = 400;
/**
 * Each by the port that a stranger knocks from. TCP may be silent for a second after one: on a busy
 * machine its first packet is lost, and it waits twice as long each time before it sends it again.
 */
const MOVES_OF_STREAMS = [3001, 3002];

labDescribe('a VM that moves', () => {
  const world = useMigrationWorld();

  /** Both ways and in both IP versions, with each peer; and between the peers. */
  function everybody(): Pair[] {
    const { mover, near, beside, far } = world().parts;
    const withMover = [near, beside, far].flatMap((peer) =>
      FAMILIES.flatMap((family): Pair[] => [
        [peer, mover, family],
        [mover, peer, family],
      ]),
    );
    return [...withMover, [near, beside, 'ipv4'], [beside, far, 'ipv6'], [far, near, 'ipv4']];
  }

  labTest(`loses no packet in ${MOVES} moves to and fro`, { timeout: 600_000 }, async () => {
    const { hosts, mover, stranger } = world().parts;
    const losses = await LossCount.start(hosts, everybody());
    const shut = FAMILIES.map((family) => ContinuousPing.begin(stranger, mover.address(family)));
    await world().toAndFro(MOVES, losses);
    const { lost, unexplained } = await losses.stop();
    for (const each of shut) expect((await each.stop()).answered).toBe(0);
    expect(unexplained, lost.join('; ')).toBe(0);
  });

  function unsolicited(): Buffer {
    const { mover } = world().parts;
    const address = mover.address('ipv6');
    const ends = {
      source: mover.mac,
      destination: '33:33:00:00:00:01',
      sourceIp: address,
      destinationIp: 'ff02::1',
    };
    return neighbourAdvertisement(ends, address, mover.mac);
  }

  labTest.each([
    ['a RARP of its hypervisor', () => world().rarp()],
    ['a gratuitous ARP', () => world().gratuitousArp()],
    ['an unsolicited neighbour advertisement', unsolicited],
  ] as const)('has arrived with %s', async (_, frame) => {
    await world().arrive();
    await world().goOver({ frame: frame() });
  });

  labTest('moves as Nova moves it: bound to both hosts, activated, bound to one', async () => {
    const { cloud, mover, move } = world().parts;
    const { rest } = cloud.controller;
    const [from, to] = [move.host, world().otherHost];
    const bindings = `/v2.0/ports/${mover.ifaceId}/bindings`;
    await cloud.setPort(mover, {
      device_owner: 'compute:nova',
      'binding:host_id': from.ovs.systemId,
    });
    await rest.post(bindings, { binding: { host: to.ovs.systemId } });
    await world().arrive();
    await move.go(to, PAUSE_MS);
    await rest.put(`${bindings}/${to.ovs.systemId}/activate`, {});
    await world().sentTo(to);
    await move.unplug(from);
    await rest.delete(`${bindings}/${from.ovs.systemId}`);
    await world().sentTo(to);
    await cloud.setPort(mover, { 'binding:host_id': '' });
  });

  labTest('is served by no host that it does not name', async () => {
    const { cloud, mover, move } = world().parts;
    await cloud.setPort(mover, { 'binding:host_id': move.host.ovs.systemId });
    const other = world().otherHost;
    await move.plug(other);
    await cloud.realized(mover);
    await world().sentTo(move.host);
    expect(await other.flows(`table=0,in_port=${await portNumber(other)}`)).toEqual([]);
    await move.unplug(other);
    await cloud.setPort(mover, { 'binding:host_id': '' });
  });

  async function portNumber(host: Host): Promise<string> {
    const { mover } = world().parts;
    return (await host.ovs.vsctl('get', 'Interface', mover.interfaceName, 'ofport')).trim();
  }

  labTest('stays and loses no packet when the move is called off', async () => {
    const { hosts, move } = world().parts;
    const losses = await LossCount.start(hosts, everybody());
    const other = world().otherHost;
    await world().arrive();
    await losses.look();
    await move.unplug(other);
    await world().sentTo(move.host);
    const { lost, unexplained } = await losses.stop();
    expect(unexplained, lost.join('; ')).toBe(0);
  });

  labTest.each(
    FAMILIES.flatMap((family) =>
      (['others', 'the VM'] as const).flatMap((opener) =>
        (['client', 'server'] as const).map((first) => [opener, family, first] as const),
      ),
    ),
  )(
    'keeps connections that %s opened over %s, the %s speaks first',
    async (opener, family, first) => {
      const { mover, far } = world().parts;
      const [client, server] = opener === 'the VM' ? [mover, far] : [far, mover];
      const talk = await Conversation.open(client, server, { family, port: SERVICE_PORT });
      await world().arrive();
      await talk.passes('client');
      await talk.passes('server');
      await world().goOver();
      await talk.passes(first);
      await talk.passes(first === 'client' ? 'server' : 'client');
      await talk.end();
    },
  );

  interface Stream {
    readonly name: string;
    readonly receiver: IperfServer;
  }

  /** Streams that others opened, and that the VM did, in both IP versions. */
  async function openStreams(): Promise<Stream[]> {
    const { mover, far } = world().parts;
    const streams: Stream[] = [];
    for (const family of FAMILIES) {
      for (const [opener, client, server] of [
        ['others', far, mover],
        ['the VM', mover, far],
      ] as const) {
        const receiver = await IperfServer.start(server, { port: SERVICE_PORT, family });
        await receiver.flood(client, family, STREAM_KBPS);
        streams.push({ name: `opened by ${opener} over ${family}`, receiver });
      }
    }
    return streams;
  }

  labTest('carries on streams of TCP, whoever opened them', async () => {
    const { mover, stranger } = world().parts;
    const asked = `ether src ${stranger.mac} and (tcp or icmp or ${ECHO_OF_IPV6})`;
    const incoming = await captureIncoming(mover, asked);
    const shut = FAMILIES.map((family) => ContinuousPing.begin(stranger, mover.address(family)));
    const streams = await openStreams();
    const knock = async (from: number): Promise<void> => {
      const openings = FAMILIES.map((family) =>
        tcp(honest(stranger, mover, family), { from, to: SERVICE_PORT }),
      );
      await inject(stranger.namespace, 'eth0', openings);
    };
    for (const port of MOVES_OF_STREAMS) {
      await world().arrive();
      await knock(port);
      await world().goOver({ pauseMs: PAUSE_MS });
      await knock(port);
      await Promise.all(streams.map(({ receiver }) => receiver.counts(2)));
    }
    for (const { name, receiver } of streams) {
      expect(receiver.connections, name).toBe(1);
      const silent = receiver.seconds.filter((kbps) => kbps === 0).length;
      expect(silent, name).toBeLessThanOrEqual(MOVES_OF_STREAMS.length);
      await receiver.stop();
    }
    for (const each of shut) expect((await each.stop()).answered).toBe(0);
    expect(await incoming.count()).toBe(0);
    await incoming.stop();
  });

  labTest('is held to its rules at both places meanwhile', async () => {
    const { mover, far, stranger, move } = world().parts;
    const incoming = await captureIncoming(mover, `icmp or ${ECHO_OF_IPV6} or udp`);
    const forbid = async (): Promise<void> => {
      for (const family of FAMILIES) {
        const shut = udp(honest(far, mover, family), { from: 9, to: 9 }, Buffer.from('shut'));
        await inject(far.namespace, 'eth0', [shut]);
        await inject(stranger.namespace, 'eth0', [echoRequest(honest(stranger, mover, family))]);
      }
    };
    await world().arrive();
    await forbid();
    const before = move.host;
    await move.go(world().otherHost);
    await forbid();
    await move.announce(world().rarp());
    await forbid();
    await world().sentTo(move.host);
    await move.unplug(before);
    const asked = await incoming.count();
    await inject(far.namespace, 'eth0', [echoRequest(honest(far, mover))]);
    await incoming.waitFor(asked + 1);
    expect(asked).toBe(0);
    await incoming.stop();
  });

  labTest('is shown to its new host by its old one alone', async () => {
    const { hosts, network, mover, far, move } = world().parts;
    await world().arrive();
    const to = world().otherHost;
    const third = at(hosts, 2);
    /** Sent by the third host's wire, or by a guest, as if the VM had sent to a peer. */
    const forge = async (from: Namespace, device: string, sourceIp: string, port: number) => {
      const outer = {
        source: third.underlayMac,
        destination: to.underlayMac,
        sourceIp,
        destinationIp: to.underlayAddress,
      };
      const inner = udp(honest(mover, far), { from: port, to: 9 }, Buffer.from('forged'));
      await inject(from, device, [geneve(outer, network.vni, inner, { isControl: true })]);
    };
    await forge(third.namespace, 'phy0', third.underlayAddress, 3001);
    await forge(third.namespace, 'phy0', '198.18.255.1', 3002);
    await forge(far.namespace, 'eth0', move.host.underlayAddress, 3003);
    await forge(mover.namespace, 'eth0', move.host.underlayAddress, 3004);
    await forge(third.namespace, 'phy0', move.host.underlayAddress, 3005);
    const known = async (port: number) =>
      (await to.ovs.appctl('dpctl/dump-conntrack')).includes(`sport=${port},`);
    await until(() => known(3005), 'a perfect forgery to be heard');
    for (const port of [3001, 3002, 3003, 3004]) expect(await known(port), `${port}`).toBe(false);
    await move.unplug(to);
    await world().sentTo(move.host);
  });
});
