/**
 * Goal: a rule of a security group lets in what it says and nothing beside it: protocol, ports, ICMP
 * types and codes, and every kind of remote.
 * Method: frames from a client beside the server and from one on another host, in IPv4 and IPv6, counted
 * at the server; a fence that nothing holds up says when all would have come.
 */
import { expect } from 'vitest';
import { echoRequest, icmp, ipFrame, udp } from '../../lab/frames.ts';
import { sctp, tcp } from '../../lab/transport-frames.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { honest } from '../support/lab-cloud.ts';
import {
  bothVersions,
  newPorts,
  openPorts,
  toPorts,
  useSecurityWorld,
} from '../support/lab-security.ts';

const AROUND = [7999, 8000, 8004, 8009, 8010];
const NOTHING = Buffer.alloc(0);
const GRE = 47;
const ESP = 50;

labDescribe('what a rule lets in', () => {
  const world = useSecurityWorld();

  labTest('a range of TCP ports is let in from its first to its last', async () => {
    await world().serve(openPorts('tcp', 8000, 8009));
    const came = await world().arrivals((ends) => ({
      ...toPorts(AROUND, (ports) => tcp(ends, ports)),
      udp: udp(ends, newPorts(8000), NOTHING),
    }));
    expect(came).toEqual(world().everywhere('8000', '8004', '8009'));
  });

  labTest('a range of UDP ports is let in from its first to its last', async () => {
    await world().serve(openPorts('udp', 8000, 8009));
    const came = await world().arrivals((ends) => ({
      ...toPorts(AROUND, (ports) => udp(ends, ports, NOTHING)),
      tcp: tcp(ends, newPorts(8000)),
    }));
    expect(came).toEqual(world().everywhere('8000', '8004', '8009'));
  });

  /** Open vSwitch 3.1 and its userspace datapath do not read the ports of SCTP: none may be guessed. */
  labTest('SCTP is let in as a protocol; a rule for ports of it lets in nothing', async () => {
    const packets = world().arrivals.bind(world(), (ends) => ({
      ...toPorts(AROUND, (ports) => sctp(ends, ports)),
      tcp: tcp(ends, newPorts(8000)),
    }));
    await world().serve(openPorts('sctp', 8000, 8009));
    expect(await packets()).toEqual(world().everywhere());
    await world().serve(bothVersions({ protocol: 'sctp' }));
    expect(await packets()).toEqual(world().everywhere(...AROUND.map(String)));
  });

  labTest('an ICMP type and code are let in, and no others', async () => {
    const typeOnly = [
      { protocol: 'icmp', port_range_min: 8 },
      { ethertype: 'IPv6', protocol: 'ipv6-icmp', port_range_min: 128 },
    ] as const;
    const messages = world().arrivals.bind(world(), (ends, { family }) => ({
      echo: echoRequest(ends),
      other: icmp(ends, family === 'ipv4' ? 13 : 144, 0),
      udp: udp(ends, newPorts(8), NOTHING),
    }));
    await world().serve(typeOnly);
    expect(await messages()).toEqual(world().everywhere('echo'));
    await world().serve(typeOnly.map((rule) => ({ ...rule, port_range_max: 0 })));
    expect(await messages()).toEqual(world().everywhere('echo'));
    await world().serve(typeOnly.map((rule) => ({ ...rule, port_range_max: 1 })));
    expect(await messages()).toEqual(world().everywhere());
    await world().serve([{ protocol: 'icmp', port_range_min: 13 }]);
    const timestamps = { 'near ipv4': ['other'], 'far ipv4': ['other'] };
    expect(await messages()).toEqual({ ...world().everywhere(), ...timestamps });
  });

  labTest('another protocol is let in by its number', async () => {
    await world().serve(bothVersions({ protocol: String(GRE) }));
    const came = await world().arrivals((ends) => ({
      gre: ipFrame(ends, GRE, Buffer.alloc(8)),
      esp: ipFrame(ends, ESP, Buffer.alloc(16)),
    }));
    expect(came).toEqual(world().everywhere('gre'));
  });

  labTest('a remote prefix lets in those whose addresses lie in it', async () => {
    const { near } = world().parts;
    await world().serve([
      { remote_ip_prefix: `${near.address('ipv4')}/32` },
      { ethertype: 'IPv6', remote_ip_prefix: `${near.address('ipv6')}/128` },
    ]);
    const ping = world().arrivals.bind(world(), (ends) => ({ ping: echoRequest(ends) }));
    const fromNear = { 'near ipv4': ['ping'], 'near ipv6': ['ping'] };
    expect(await ping()).toEqual({ ...world().everywhere(), ...fromNear });
    await world().serve([
      { remote_ip_prefix: '10.0.0.0/24' },
      { ethertype: 'IPv6', remote_ip_prefix: 'fd00:1::/64' },
    ]);
    expect(await ping()).toEqual(world().everywhere('ping'));
  });

  labTest('a remote group lets in its members, and follows who they are', async () => {
    const { near, far } = world().parts;
    const friends = await world().group([]);
    await world().serve(bothVersions({ remote_group_id: friends.id }));
    const ping = world().arrivals.bind(world(), (ends) => ({ ping: echoRequest(ends) }));
    expect(await ping()).toEqual(world().everywhere());
    await world().regroup(far, friends);
    await world().realized();
    const fromFar = { 'far ipv4': ['ping'], 'far ipv6': ['ping'] };
    expect(await ping()).toEqual({ ...world().everywhere(), ...fromFar });
    await world().regroup(near, friends);
    await world().realized();
    expect(await ping()).toEqual(world().everywhere('ping'));
  });

  labTest('a remote address group lets in its addresses, and follows them', async () => {
    const { far, cloud } = world().parts;
    const addresses = [`${far.address('ipv4')}/32`, `${far.address('ipv6')}/128`];
    const id = await world().addressGroup(addresses);
    await world().serve(bothVersions({ remote_address_group_id: id }));
    const ping = world().arrivals.bind(world(), (ends) => ({ ping: echoRequest(ends) }));
    const fromFar = { 'far ipv4': ['ping'], 'far ipv6': ['ping'] };
    expect(await ping()).toEqual({ ...world().everywhere(), ...fromFar });
    const path = `/v2.0/address-groups/${id}/remove_addresses`;
    await cloud.controller.rest.put(path, { addresses });
    await world().realized();
    expect(await ping()).toEqual(world().everywhere());
  });

  labTest('allowed address pairs are members as well, prefixes too', async () => {
    const { near, far, server, cloud } = world().parts;
    const ranges = ['10.0.0.192/28', 'fd00:1::aa00/120'];
    const pairs = ranges.map((ip_address) => ({ ip_address }));
    for (const vm of [near, far]) await cloud.setPort(vm, { allowed_address_pairs: pairs });
    const friends = await world().group([]);
    await world().serve(bothVersions({ remote_group_id: friends.id }));
    const virtual = world().arrivals.bind(world(), (_, { from, family }) => ({
      pair: echoRequest({
        ...honest(from, server, family),
        sourceIp: family === 'ipv4' ? '10.0.0.205' : 'fd00:1::aa55',
      }),
    }));
    expect(await virtual()).toEqual(world().everywhere());
    for (const vm of [near, far]) await world().regroup(vm, friends);
    await world().realized();
    expect(await virtual()).toEqual(world().everywhere('pair'));
  });

  labTest('egress rules let out what they say, and nothing beside it', async () => {
    const restricted = await world().group(
      openPorts('udp', 8000, 8009).map((rule) => ({ ...rule, direction: 'egress' as const })),
      { isEgressFree: false },
    );
    for (const vm of [world().parts.near, world().parts.far]) await world().regroup(vm, restricted);
    await world().serve(bothVersions({}));
    const came = await world().arrivals((ends) => ({
      ...toPorts(AROUND, (ports) => udp(ends, ports, NOTHING)),
      tcp: tcp(ends, newPorts(8000)),
      ping: echoRequest(ends),
    }));
    expect(came).toEqual(world().everywhere('8000', '8004', '8009'));
  });
});
