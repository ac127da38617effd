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
import { arp, echoRequest, geneve, neighbourAdvertisement, udp } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import type { Namespace } from '../../lab/namespace.ts';
import { overflowed } from '../../lab/overflow.ts';
import { ContinuousPing, type Family } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';
import { type MigrationWorld, SERVICE_PORT, useMigrationWorld } from '../support/lab-migration.ts';

const MOVES = 20;
const PAUSE_MS = 100;

labDescribe('a VM that moves', () => {
  const world = useMigrationWorld();

  /** Both ways and in both IP versions, with each peer and between them. */
  function pingsOf({ parts: { mover, near, beside, far } }: MigrationWorld) {
    const pairs: readonly (readonly [from: Vm, to: Vm, family: Family])[] = [
      [near, mover, 'ipv4'],
      [mover, near, 'ipv6'],
      [beside, mover, 'ipv6'],
      [mover, beside, 'ipv4'],
      [far, mover, 'ipv4'],
      [far, mover, 'ipv6'],
      [mover, far, 'ipv4'],
      [mover, far, 'ipv6'],
    ];
    return Promise.all(
      pairs.map(async ([from, to, family]) => {
        const ping = await ContinuousPing.start(from, to.address(family));
        return { name: `${from.name} > ${to.name} ${family}`, ping };
      }),
    );
  }

  type Pings = Awaited<ReturnType<typeof pingsOf>>;

  /** What was lost, by who pinged whom; nothing at all is an empty list. */
  async function lostOf(running: Pings): Promise<string[]> {
    const lost: string[] = [];
    for (const { name, ping } of running) {
      const report = await ping.stop();
      if (report.lost > 0) lost.push(`${name}: ${report.lost} of ${report.sent}`);
    }
    return lost;
  }

  function lostIn(text: string): number {
    return Number(/: (\d+) of/.exec(text)?.[1]);
  }

  function full({ parts: { hosts } }: MigrationWorld): Promise<number> {
    return overflowed(
      'ovs-vswitchd',
      hosts.map(({ namespace }) => namespace),
    );
  }

  /** Moves to and fro with pings under way. */
  async function moveToAndFro(): Promise<{ lost: string[]; starved: number }> {
    const { move, mover, stranger } = world().parts;
    const running = await pingsOf(world());
    const shut = (['ipv4', 'ipv6'] as const).map((family) =>
      ContinuousPing.begin(stranger, mover.address(family)),
    );
    let starved = 0;
    for (let count = 0; count < MOVES; count += 1) {
      const before = move.host;
      await world().arrive();
      await move.go(world().otherHost, PAUSE_MS);
      await move.announce(world().rarp());
      await world().sentTo(move.host);
      // A socket that goes takes along what it has counted.
      starved = Math.max(starved, await full(world()));
      await move.unplug(before);
      await world().sentTo(move.host);
    }
    const lost = await lostOf(running);
    for (const each of shut) expect((await each.stop()).answered).toBe(0);
    return { lost, starved };
  }

  labTest(
    `loses no packet of a third host in ${MOVES} moves to and fro`,
    { timeout: 600_000 },
    async () => {
      let measured = await moveToAndFro();
      // On a machine without a processor for its switches they lose packets, moves or not.
      for (let again = 0; again < 2 && measured.starved > 0; again += 1) {
        measured = await moveToAndFro();
      }
      const note = `${measured.starved} frames came to a full socket: ${measured.lost.join('; ')}`;
      expect(
        measured.lost.filter((each) => each.includes('far')),
        note,
      ).toEqual([]);
      // A switch that adds or deletes a port drops what it sends to other hosts for a moment, moves or
      // not (docs/pipeline.md): the peers are behind such a switch.
      for (const each of measured.lost) expect(lostIn(each), note).toBeLessThanOrEqual(MOVES);
    },
  );

  function garp(): Buffer {
    const { mover } = world().parts;
    const ip = mover.address('ipv4');
    return arp({ operation: 'request', senderMac: mover.mac, senderIp: ip, targetIp: ip });
  }

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
    ['a gratuitous ARP', garp],
    ['an unsolicited neighbour advertisement', unsolicited],
  ] as const)('has arrived with %s', async (_, frame) => {
    await world().arrive();
    await world().goOver(0, frame());
  });

  labTest('has arrived when the other host lets go, as XenServer does it', async () => {
    const { move } = world().parts;
    const before = move.host;
    await world().arrive();
    await move.go(world().otherHost);
    await move.unplug(before);
    await world().sentTo(move.host);
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
    const { move } = world().parts;
    const running = await pingsOf(world());
    const other = world().otherHost;
    await world().arrive();
    const starved = await full(world());
    await move.unplug(other);
    await world().sentTo(move.host);
    const lost = await lostOf(running);
    const ofThird = lost.filter((each) => each.includes('far'));
    if (starved === 0) expect(ofThird, lost.join('; ')).toEqual([]);
  });

  labTest.each(
    (['ipv4', 'ipv6'] as const).flatMap((family) =>
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

  labTest('is held to its rules at both places meanwhile', async () => {
    const { mover, far, stranger, move } = world().parts;
    const incoming = await captureIncoming(mover, 'icmp or icmp6 or udp');
    const forbid = async (): Promise<void> => {
      for (const family of ['ipv4', 'ipv6'] as const) {
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
