/**
 * Goal: while policies, ports, bindings and hosts change, no packet gets through that neither the
 * old topology nor the new one lets through, and none is lost that both let through.
 * Method: random changes go to switches in memory the way the fleet sends them. After each bundle
 * hostile packets are sent, packets that open connections, and packets of connections that were
 * open before. A long push is many bundles: here most are of a few messages, down to one. Hosts
 * come back with what they held long ago, and connections are cut in the middle. What fails is
 * made smaller.
 */
import { expect, test } from 'vitest';
import { topologyOf } from '../../../lab/topology.ts';
import { type PacketFields, sendFrom, vlanOf } from '../../../src/simulator/index.ts';
import type { Binding, Port, SecurityGroup, Topology } from '../../../src/topology/index.ts';
import { randomConversations, type Said, turned } from '../../support/conversations.ts';
import { expectedFrom } from '../../support/oracle.ts';
import { Memory } from '../../support/oracle-security.ts';
import { boundPorts, placeOf, randomPacket } from '../../support/packets.ts';
import { shrink } from '../../support/shrink.ts';
import { TransitionFleet } from '../../support/transition-fleet.ts';
import {
  type Outlook,
  type Probe,
  placeName,
  TransitionOracle,
} from '../../support/transition-oracle.ts';
import { randomStates, type State } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';

const HOSTS = ['host-1', 'host-2', 'host-3', 'host-4', 'host-5'];
/** In the last one a stream's copies go to a number that changes hands. */
const SEEDS = [...Array.from({ length: 8 }, (_, index) => 500 + index), 531];
/** Of one seed; and edits between two states of one. */
const CHANGES = 5;
const EDITS = 4;
/** Packets to choose from, and those that are chosen. */
const HOSTILE = 60;
const OPENINGS = 20;
const CONVERSATIONS = 10;
const CHOSEN: Readonly<Record<Outlook, number>> = {
  arrives: 12,
  'may arrive': 4,
  'arrives nowhere': 16,
};
/** Of these, after one bundle; and so many times after the last. */
const AT_ONCE = 10;
const LAST = 3;
/** Milliseconds: a failure is played many times. */
const SHRINKING = 600_000;

/** One way from a first state to a last one. */
interface Case {
  readonly way: Way;
  readonly states: readonly State[];
  readonly stepsMax: number;
  readonly seed: number;
  readonly probes: readonly Probe[];
}

/**
 * update: each state is pushed as it comes. reconnect: hosts are away, and are compared with the
 * last one. cut: the push of the second ends in the middle, then hosts come back to the last.
 */
type Way = 'update' | 'reconnect' | 'cut';

/** How many packets got through on the way. */
let delivered = 0;

test.each(
  SEEDS.flatMap((seed) =>
    (['update', 'reconnect', 'cut'] as const).map((way) => [way, seed] as const),
  ),
)(
  'nothing opens and nothing is lost on the way: %s (seed %i)',
  { timeout: SHRINKING },
  async (way, seed) => {
    for (const each of randomCases(way, new SeededRandom(seed))) {
      const fault = await play(each);
      if (fault !== undefined) expect.fail(await smallest(each));
    }
  },
);

test('some packets get through', () => {
  expect(delivered).toBeGreaterThan(1000);
});

function* randomCases(way: Way, random: SeededRandom): Generator<Case> {
  const states = randomStates(random, CHANGES * EDITS);
  for (let at = 0; at + 2 * EDITS < states.length; at += EDITS) {
    const [first, second, last] = [at, at + EDITS, at + 2 * EDITS].map((index) =>
      exchanged(random, states[index] as State),
    ) as [State, State, State];
    const path = way === 'cut' ? [first, second, last] : [first, second];
    if (!path.every((state) => sameUnderlay(first, state))) continue;
    const stepsMax = random.pick([1, 3, 3, 10, 30, 20_000]);
    const probes = chosen(random, path.map(topologyOf));
    yield { way, states: path, stepsMax, seed: random.integer(1e6), probes };
  }
}

/** Some ports have changed places: what a port number meant it means no more. */
function exchanged(random: SeededRandom, state: State): State {
  const draft = new Map(state);
  for (let i = random.integer(3); i > 0; i--) {
    const all = [...draft.values()].filter((record): record is Binding => 'ofport' in record);
    if (all.length < 2) break;
    const [one, other] = [random.pick(all), random.pick(all)];
    draft.set(`binding/${one.port_id}`, { ...other, port_id: one.port_id });
    draft.set(`binding/${other.port_id}`, { ...one, port_id: other.port_id });
  }
  return draft;
}

/** Few of many: what nobody lets through, what all do, and connections that are open. */
function chosen(random: SeededRandom, topologies: readonly Topology[]): Probe[] {
  const oracle = new TransitionOracle(topologies);
  const all = [...hostilePackets(random, topologies), ...openings(random, topologies)];
  const byOutlook = new Map<Outlook, Probe[]>();
  for (const probe of random.shuffle(all)) {
    const outlook = oracle.outlook(probe);
    byOutlook.set(outlook, [...(byOutlook.get(outlook) ?? []), probe]);
  }
  return [
    ...[...byOutlook].flatMap(([outlook, probes]) => probes.slice(0, CHOSEN[outlook])),
    ...openConnections(random, topologies),
  ];
}

/** Says what went wrong first, if anything did. */
async function play({ way, states, stepsMax, seed, probes }: Case): Promise<string | undefined> {
  const random = new SeededRandom(seed);
  const topologies = states.map(topologyOf);
  const fleet = new TransitionFleet(HOSTS, stepsMax);
  const [first, second = first, last = second] = topologies as [Topology, Topology?, Topology?];
  await fleet.connect(first);
  openBefore(fleet, first, probes);
  let fault: string | undefined;
  let bundles = 0;
  const watching = (among: readonly Topology[]) => {
    const oracle = new TransitionOracle(among);
    return () => {
      bundles += 1;
      const some = probes.length > AT_ONCE ? random.shuffle(probes).slice(0, AT_ONCE) : probes;
      fault ??= faultOf(fleet, oracle, some, bundles);
    };
  };
  switch (way) {
    case 'update':
      await fleet.update(last, watching([first, last]), random);
      break;
    case 'reconnect':
      await fleet.reconnect(last, watching([first, last]), random);
      break;
    case 'cut':
      await fleet.updateCut(second, watching([first, second]), random.integer(6));
      await fleet.reconnect(last, watching([first, second, last]), random);
  }
  for (let again = 0; again < LAST; again++) watching([last])();
  return fault;
}

/** Says what probes go on with. */
function openBefore(fleet: TransitionFleet, first: Topology, probes: readonly Probe[]): void {
  const simulator = fleet.simulator();
  for (const { from, packet } of probes.flatMap(({ after = [] }) => after)) {
    // Of a smaller case the sender may be no part.
    const binding = first.get('binding', from);
    if (binding !== undefined) sendFrom(simulator, placeOf(binding), packet);
  }
}

function faultOf(
  fleet: TransitionFleet,
  oracle: TransitionOracle,
  probes: readonly Probe[],
  bundles: number,
): string | undefined {
  const simulator = fleet.simulator();
  for (const probe of probes) {
    const packet = fresh(probe, bundles);
    const places = sendFrom(simulator, probe.from, packet).delivered.map((copy) =>
      placeName({ hostId: copy.hostId, ofport: copy.port, vlan: vlanOf(copy.packet) }),
    );
    delivered += places.length;
    const fault = oracle.fault({ ...probe, packet }, new Set(places));
    if (fault !== undefined) return `bundle ${bundles} ${fault}: ${textOf(packet)}`;
  }
  return undefined;
}

/** A packet that opens a connection opens another one each time: no switch knows it yet. */
function fresh({ packet, after }: Probe, bundles: number): PacketFields {
  if (after !== undefined) return packet;
  const number = 10_000 + bundles;
  return {
    ...packet,
    ...('tcp_src' in packet ? { tcp_src: number } : {}),
    ...('udp_src' in packet && !isDhcp(packet) ? { udp_src: number } : {}),
    ...('icmp_id' in packet ? { icmp_id: number } : {}),
  };
}

function isDhcp({ udp_src: port = 0 }: PacketFields): boolean {
  return [67, 68, 546, 547].includes(port);
}

/** Of ports as they are or will be, and of others in their places. */
function hostilePackets(random: SeededRandom, topologies: readonly Topology[]): Probe[] {
  const senders = topologies.flatMap((topology) =>
    boundPorts(topology).map(({ port, binding }) => ({ topology, port, binding })),
  );
  if (senders.length === 0) return [];
  return Array.from({ length: HOSTILE }, () => {
    const { topology, port } = random.pick(senders);
    const here = senders.filter((sender) => sender.port.id === port.id);
    const { binding } = random.pick(random.chance(0.7) ? here : senders);
    const from = placeOf(binding);
    const own = randomPacket(random, topology, port);
    const other = random.pick(senders).port.mac_address.replaceAll(':', '');
    const packet = random.chance(0.3) ? { ...own, eth_dst: Number.parseInt(other, 16) } : own;
    return { from, packet };
  }).filter(({ packet }) => hasNumber(packet) || !isTracked(packet));
}

/** Whether packets of the same ends are one connection, whoever began it. */
function isTracked({ ip_proto }: PacketFields): boolean {
  return ip_proto === 47 || ip_proto === 132;
}

function openings(random: SeededRandom, topologies: readonly Topology[]): Probe[] {
  return topologies.flatMap((topology) =>
    randomConversations(random, topology, OPENINGS).flatMap((conversation) => {
      const { from, packet } = conversation.next();
      const binding = topology.get('binding', from);
      if (binding === undefined || !hasNumber(packet)) return [];
      return [{ from: placeOf(binding), packet }];
    }),
  );
}

/** Whether a packet says which connection it belongs to: of other protocols there is one a pair. */
function hasNumber(packet: PacketFields): boolean {
  return 'tcp_src' in packet || 'udp_src' in packet || 'icmp_id' in packet;
}

/** Both sides of connections that the first topology lets open, between ports that stay. */
function openConnections(random: SeededRandom, topologies: readonly Topology[]): Probe[] {
  const [first] = topologies;
  if (first === undefined) return [];
  return randomConversations(random, first, CONVERSATIONS).flatMap((conversation) => {
    const { from, packet } = conversation.next();
    if (!hasNumber(packet)) return [];
    const to = boundPorts(first).find(({ port }) => isAddressedTo(first, { from, packet }, port));
    const staying = (id: string): boolean => isStateful(topologies, id) && stays(topologies, id);
    if (to === undefined || ![from, to.port.id].every(staying)) return [];
    const answer = { from: to.port.id, packet: { ...turned(packet), ...flags(packet, 0x12) } };
    const after = [{ from, packet }, answer];
    if (!isOpen(first, after)) return [];
    return [
      { from, packet: { ...packet, ...flags(packet, 0x10) } },
      { ...answer, packet: { ...answer.packet, ...flags(packet, 0x10) } },
    ].flatMap((said) => {
      const binding = first.get('binding', said.from);
      if (binding === undefined) return [];
      return [{ from: placeOf(binding), packet: said.packet, after }];
    });
  });
}

/** Whether a packet and its answer arrive. */
function isOpen(topology: Topology, said: readonly Said[]): boolean {
  const memory = new Memory();
  return said.every(
    ({ from, packet }) => expectedFrom(topology, from, packet, memory).ports.length > 0,
  );
}

function isAddressedTo(
  topology: Topology,
  { from, packet }: { from: string; packet: PacketFields },
  port: Port,
): boolean {
  const mac = Number.parseInt(port.mac_address.replaceAll(':', ''), 16);
  return port.network_id === topology.get('port', from)?.network_id && mac === packet.eth_dst;
}

/** Whether a port is plugged in at one place: connections do not move with it (docs/pipeline.md). */
function stays([first, ...others]: readonly Topology[], portId: string): boolean {
  const before = first?.get('binding', portId);
  return others.every((topology) => {
    const after = topology.get('binding', portId);
    return JSON.stringify(after) === JSON.stringify(before);
  });
}

/** Whether all that is said of a port is remembered, in all topologies. */
function isStateful(topologies: readonly Topology[], portId: string): boolean {
  return topologies.every((topology) => {
    const port = topology.get('port', portId);
    return (
      port?.port_security_enabled &&
      port.security_groups.every((id) => {
        const group: SecurityGroup | undefined = topology.get('security_group', id);
        return group?.stateful !== false;
      })
    );
  });
}

function flags({ ip_proto }: PacketFields, tcp_flags: number): PacketFields {
  return ip_proto === 6 ? { tcp_flags } : {};
}

/** Whether hosts receive tunnel packets where they did. */
function sameUnderlay(one: State, other: State): boolean {
  return HOSTS.every((id) => {
    const [a, b] = [one, other].map((state) => state.get(`host/${id}`));
    return a === undefined || b === undefined || encapOf(a) === encapOf(b);
  });
}

function encapOf(record: object): unknown {
  return 'encap_ip' in record ? record.encap_ip : undefined;
}

async function smallest(found: Case): Promise<string> {
  const fails = async (some: Case) => (await play(some)) !== undefined;
  const probes = await shrink(found.probes, (some) => fails({ ...found, probes: some }));
  const keys = [...new Set(found.states.flatMap((state) => [...state.keys()]))];
  const only = (some: readonly string[]) => ({
    ...found,
    probes,
    states: found.states.map(
      (state) => new Map([...state].filter(([key]) => some.includes(key))) as State,
    ),
  });
  const needed = only(await shrink(keys, (some) => fails(only(some))));
  const { way, stepsMax, seed } = needed;
  const states = needed.states.map((state) => textOf(Object.fromEntries(state)));
  const said = needed.probes.map(textOf);
  const how = `${way}, ${stepsMax} steps a bundle, order ${seed}`;
  return [await play(needed), how, ...states, ...said].join('\n');
}

function textOf(value: object): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? each.toString(16) : each));
}
