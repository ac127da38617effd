/**
 * Goal: a rule or member that goes cuts the connections that it allowed, at once and both ways, and no
 * others; put back, they flow again.
 * Method: conversations between kernels that are told when to speak; frames counted at the side that
 * may not hear any; streams counted to the last frame where nothing may be lost.
 */
import { expect } from 'vitest';
import { Conversation } from '../../lab/conversation.ts';
import { type Ends, icmpError, udp } from '../../lab/frames.ts';
import { Listener } from '../../lab/listener.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import { FrameStream } from '../../lab/stream.ts';
import { TCP_FLAG, type TcpFields, tcp } from '../../lab/transport-frames.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { honest } from '../support/lab-cloud.ts';
import {
  bothVersions,
  newPorts,
  openPorts,
  type Path,
  type Rule,
  useSecurityWorld,
} from '../support/lab-security.ts';

const PORT = 8000;
const ROUNDS = 20;

labDescribe('connections and the rules that they stand on', () => {
  const world = useSecurityWorld();

  labTest('a rule removed cuts its TCP connections both ways; put back they flow', async () => {
    const group = await world().serve(openPorts('tcp', PORT), { isEgressFree: false });
    await eachCut({
      cut: async () => {
        for (const id of group.rules) await world().removeRule(id);
      },
      mend: async () => {
        group.rules.splice(0, 2, ...(await world().addRules(group.id, openPorts('tcp', PORT))));
      },
    });
  });

  labTest('a member that leaves a remote group is cut the same way', async () => {
    const { near, far } = world().parts;
    const friends = await world().group([]);
    const rules = openPorts('tcp', PORT).map((rule) => ({ ...rule, remote_group_id: friends.id }));
    const others = await world().group([]);
    for (const vm of [near, far]) await world().regroup(vm, friends);
    await world().serve(rules, { isEgressFree: false });
    await eachCut({
      cut: ({ from }) => world().regroup(from, others),
      mend: ({ from }) => world().regroup(from, friends),
    });
  });

  labTest('a rule that goes is not missed where another allows the same', async () => {
    const { near, far, server, atServer } = world().parts;
    const kinds = [...openPorts('udp', PORT), ...bothVersions({ protocol: 'icmp' })];
    const group = await world().serve(kinds);
    const prefixes: Rule[] = [
      { protocol: 'icmp', remote_ip_prefix: '10.0.0.0/24' },
      { ethertype: 'IPv6', protocol: 'ipv6-icmp', remote_ip_prefix: 'fd00:1::/64' },
    ];
    const pings = await Promise.all(
      world().paths.map(({ from, family }) => ContinuousPing.start(from, server.address(family))),
    );
    const streams = world().paths.map(({ ends }) => udp(ends, newPorts(PORT), Buffer.alloc(8)));
    const before = (await atServer.heard(near)).length;
    const running = [
      await FrameStream.start(near, streams.slice(0, 2), 10),
      await FrameStream.start(far, streams.slice(2), 10),
    ];
    const others = [...bothVersions({ protocol: 'udp' }), ...prefixes];
    for (let round = 0; round < ROUNDS; round += 1) {
      const added = await world().addRules(group.id, round % 2 === 0 ? others : kinds);
      await world().realized();
      for (const id of group.rules.splice(0)) await world().removeRule(id);
      await world().realized();
      group.rules.push(...added);
    }
    let sent = 0;
    for (const stream of running) sent += await stream.stop();
    const lost = await Promise.all(pings.map((one) => one.stop()));
    await atServer.heard(far);
    const came = (await atServer.heard(near)).slice(before);
    expect(lost.map((report) => report.lost)).toEqual([0, 0, 0, 0]);
    expect(came.filter((frame) => streams.some((one) => one.equals(frame))).length).toBe(sent);
  });

  labTest('nothing that looks like a part of a cut connection comes', async () => {
    const { server, atServer } = world().parts;
    const group = await world().serve(openPorts('tcp', PORT), { isEgressFree: false });
    const talks = new Map<Path, Conversation>();
    for (const path of world().paths) {
      const { from, family } = path;
      const talk = await Conversation.open(from, server, { family, port: PORT });
      await talk.passes('client');
      talks.set(path, talk);
    }
    for (const id of group.rules) await world().removeRule(id);
    await world().realized();
    for (const [{ from, family, ends, name }, talk] of talks) {
      const ports = { from: talk.clientPort, to: PORT };
      expect(await atServer.arrived(from, segments(ends, ports)), name).toEqual([]);
      const listener = await Listener.at(from, 'tcp or icmp or icmp6');
      const back = honest(server, from, family);
      const expired = { type: family === 'ipv4' ? 11 : 3, code: 0 };
      const answers = {
        ...segments(back, { from: PORT, to: talk.clientPort }),
        error: icmpError(back, expired, tcp(ends, ports)),
      };
      expect(await listener.arrived(server, answers), name).toEqual([]);
      await listener.stop();
      await talk.end();
    }
  });

  interface Fault {
    readonly cut: (path: Path) => Promise<void>;
    readonly mend: (path: Path) => Promise<void>;
  }

  /** Cuts a conversation on every path: neither side hears the other until it is mended. */
  async function eachCut({ cut, mend }: Fault): Promise<void> {
    const { server } = world().parts;
    const atServer = await Listener.at(server, `tcp port ${PORT}`);
    for (const path of world().paths) {
      const { from, family, name } = path;
      const talk = await Conversation.open(from, server, { family, port: PORT });
      const atClient = await Listener.at(from, `tcp port ${PORT}`);
      await talk.passes('client');
      await talk.passes('server');
      await cut(path);
      await world().realized();
      const heard = async (): Promise<string[][]> => [
        (await atClient.heard(server)).map((frame) => frame.toString('hex')),
        (await atServer.heard(from)).map((frame) => frame.toString('hex')),
      ];
      const before = await heard();
      const fromServer = await talk.say('server');
      expect(await heard(), `${name}, the server speaks`).toEqual(before);
      const fromClient = await talk.say('client');
      expect(await heard(), `${name}, the client speaks`).toEqual(before);
      await mend(path);
      await world().realized();
      await talk.hears('client', fromServer);
      await talk.hears('server', fromClient);
      await atClient.stop();
      await talk.end();
    }
    await atServer.stop();
  }
});

/** Of every kind that a guest could think of. */
function segments(ends: Ends, ports: { from: number; to: number }): Record<string, Buffer> {
  const { syn, ack, psh, rst, fin } = TCP_FLAG;
  const kinds: Record<string, TcpFields> = {
    opening: { flags: syn },
    accepting: { flags: syn | ack, acknowledged: 2 },
    data: { flags: ack | psh, sequence: 1_000, acknowledged: 1_000, data: Buffer.from('spoofed') },
    ending: { flags: fin | ack, sequence: 2_000 },
    reset: { flags: rst, sequence: 3_000 },
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([name, fields]) => [name, tcp(ends, ports, fields)]),
  );
}
