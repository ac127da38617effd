/**
 * Goal: what is unusual about a packet gets it past no rule, and keeps no allowed packet out: fragments,
 * IPv6 extension headers, VLAN tags.
 * Method: as in security-rules.test.ts; one UDP port is open and another is not.
 */
import { expect } from 'vitest';
import { Conversation } from '../../lab/conversation.ts';
import { type Ends, udp } from '../../lab/frames.ts';
import { fragments, tagged, withOptions } from '../../lab/transport-frames.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { newPorts, openPorts, useSecurityWorld } from '../support/lab-security.ts';

const OPEN = 8000;
const SHUT = 8001;
/** Three fragments; Open vSwitch calls a first one below 1,200 bytes invalid. */
const BIG = Buffer.alloc(4_000);
const FRAGMENT_SIZE = 1_352;

labDescribe('unusual packets', () => {
  const world = useSecurityWorld();

  labTest('all fragments of an allowed datagram come, and none of another', async () => {
    await world().serve(openPorts('udp', OPEN));
    const came = await world().arrivals((ends) => ({
      ...inFragments(ends, 'open', OPEN),
      ...inFragments(ends, 'shut', SHUT),
    }));
    expect(came).toEqual(world().everywhere('open 0', 'open 1', 'open 2'));
  });

  labTest('a later fragment alone does not come', async () => {
    await world().serve(openPorts('udp', OPEN));
    const came = await world().arrivals((ends) => {
      const { 'open 0': first, ...later } = inFragments(ends, 'open', OPEN);
      expect(first).toBeDefined();
      return later;
    });
    expect(came).toEqual(world().everywhere());
  });

  labTest('large datagrams of a kernel go both ways, and stop when the rule goes', async () => {
    const { server, atServer } = world().parts;
    const group = await world().serve(openPorts('udp', OPEN), { isEgressFree: false });
    for (const { from, family } of world().paths) {
      // Switches query for multicast listeners meanwhile.
      const source = Buffer.from(from.mac.replaceAll(':', ''), 'hex');
      const sent = async () =>
        (await atServer.heard(from)).filter((frame) => source.equals(frame.subarray(6, 12)));
      const talk = await Conversation.open(from, server, { kind: 'udp', family, port: OPEN });
      await talk.passes('client', BIG.length);
      await talk.passes('server', BIG.length);
      const before = (await sent()).length;
      for (const id of group.rules) await world().removeRule(id);
      await world().realized();
      await talk.say('client', BIG.length);
      expect((await sent()).length).toBe(before);
      await talk.end();
      group.rules.splice(0, 2, ...(await world().addRules(group.id, openPorts('udp', OPEN))));
      await world().realized();
    }
  });

  labTest('IPv6 extension headers hide no port', async () => {
    await world().serve(openPorts('udp', OPEN));
    const came = await world().arrivals(
      (ends) => ({
        open: withOptions(udp(ends, newPorts(OPEN), Buffer.alloc(8))),
        shut: withOptions(udp(ends, newPorts(SHUT), Buffer.alloc(8))),
      }),
      world().paths.filter(({ family }) => family === 'ipv6'),
    );
    expect(came).toEqual({ 'near ipv6': ['open'], 'far ipv6': ['open'] });
  });

  labTest('a frame with a VLAN tag, or two, does not come', async () => {
    await world().serve(openPorts('udp', OPEN));
    const came = await world().arrivals((ends) => {
      const plain = udp(ends, newPorts(OPEN), Buffer.alloc(8));
      return { plain, zero: tagged(plain, 0), one: tagged(plain, 5), two: tagged(plain, 5, 6) };
    });
    expect(came).toEqual(world().everywhere('plain'));
  });
});

function inFragments(ends: Ends, name: string, port: number): Record<string, Buffer> {
  const ports = newPorts(port);
  // Later fragments of different datagrams differ by their id alone.
  const parts = fragments(udp(ends, ports, BIG), FRAGMENT_SIZE, ports.from);
  return Object.fromEntries(parts.map((part, index) => [`${name} ${index}`, part]));
}
