/**
 * Goal: compiled flows do with a packet what the topology says about who may reach whom.
 * Method: random topologies and packets; the flows of all hosts in the simulator, joined by their
 * tunnels, against the oracle, which knows no flows. Packets from guests, honest and not, and
 * packets that somebody puts into the underlay.
 */
import { expect, test } from 'vitest';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, DesiredState } from '../../../src/compiler/index.ts';
import { defined } from '../../../src/lib/assert.ts';
import { TUNNEL_PORT } from '../../../src/pipeline/index.ts';
import {
  Conntrack,
  FleetSimulator,
  type FleetTrace,
  type Place,
  SwitchModel,
  sendFrom,
  vlanOf,
} from '../../../src/simulator/index.ts';
import { parseAddress, placesOf, type Topology } from '../../../src/topology/index.ts';
import { randomConversations } from '../../support/conversations.ts';
import { type Expectation, expectedFrom, expectedFromTunnel } from '../../support/oracle.ts';
import { Memory } from '../../support/oracle-security.ts';
import { boundPorts, placeOf, randomPacket } from '../../support/packets.ts';
import { changedPolicy, randomStates } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => 2000 + index);
const PACKETS = 100;
const TUNNEL_PACKETS = 40;
const CONVERSATIONS = 12;

test.each(SEEDS)('packets of guests go where the topology says (seed %i)', (seed) => {
  const random = new SeededRandom(seed);
  const topology = randomTopology(random);
  const fleet = simulate(topology);
  const hosts = new Set([...topology.list('host')].map((host) => host.id));
  const memory = new Memory();
  const senders = boundPorts(topology).filter(({ binding }) => hosts.has(binding.host_id));
  for (let i = 0; i < PACKETS && senders.length > 0; i++) {
    const { port, binding } = random.pick(senders);
    const packet = randomPacket(random, topology, port);
    const trace = sendFrom(fleet, placeOf(binding), packet);
    const actual = outcome(topology, trace, placeOf(binding));
    expect(actual, describe(port.id, packet)).toEqual(
      normal(expectedFrom(topology, port.id, packet, memory)),
    );
  }
});

test.each(SEEDS)(
  'packets from the underlay come in where a peer may send them (seed %i)',
  (seed) => {
    const random = new SeededRandom(seed);
    const topology = randomTopology(random);
    const hosts = [...topology.list('host')];
    const ports = [...topology.list('port')];
    for (let i = 0; i < TUNNEL_PACKETS && hosts.length > 0 && ports.length > 0; i++) {
      const hostId = random.pick(hosts).id;
      const vni = 100 + random.integer(8);
      const encaps = [...hosts.map((host) => host.encap_ip), '203.0.113.9'];
      const source = parseAddress(random.pick(encaps)) ?? 0;
      const packet = randomPacket(random, topology, random.pick(ports));
      const outer = typeof source === 'number' ? { tun_src: source } : { tun_ipv6_src: source };
      const model = new SwitchModel(stateOf(topology, hostId));
      // What is marked as a control packet arrives nowhere, whoever sent it.
      const tun_flags = random.chance(0.2) ? 1 : 0;
      const { outputs, punts } = model.run(
        { ...packet, ...outer, tun_id: BigInt(vni), tun_flags },
        TUNNEL_PORT,
      );
      const delivered = outputs.map((output) => ({ ...output, hostId }));
      const questions = punts.map((punt) => ({ ...punt, hostId }));
      const expected =
        tun_flags === 0
          ? expectedFromTunnel(topology, { hostId, source, vni }, packet)
          : { ports: [], copies: [], packet };
      const note = describe(`${hostId} vni ${vni}`, packet);
      expect(outcome(topology, { delivered, questions }), note).toEqual(normal(expected));
    }
  },
);

test.each(SEEDS)('conversations go on while the policy lets them (seed %i)', (seed) => {
  const random = new SeededRandom(seed);
  let state = randomStates(random, 10).at(-1) ?? new Map();
  let topology = topologyOf(state);
  const [trackers, memory] = [new Trackers(), new Memory()];
  let fleet = simulate(topology, trackers);
  const conversations = randomConversations(random, topology, CONVERSATIONS);
  for (let i = 0; i < PACKETS * 2 && conversations.length > 0; i++) {
    if (random.chance(0.1)) {
      state = changedPolicy(random, state);
      topology = topologyOf(state);
      fleet = simulate(topology, trackers);
    }
    const { from, packet } = random.pick(conversations).next();
    const place = placeOf(defined(topology.get('binding', from), from));
    const actual = outcome(topology, sendFrom(fleet, place, packet), place);
    const expected = normal(expectedFrom(topology, from, packet, memory));
    expect(actual, `packet ${i} of ${describe(from, packet)}`).toEqual(expected);
  }
});

function randomTopology(random: SeededRandom): Topology {
  const states = randomStates(random, 25);
  return topologyOf(states.at(-1) ?? new Map());
}

function simulate(topology: Topology, trackers = new Trackers()): FleetSimulator {
  return new FleetSimulator(
    [...topology.list('host')].map((host) => ({
      id: host.id,
      encap: parseAddress(host.encap_ip) ?? 0,
      state: stateOf(topology, host.id),
      conntrack: trackers.of(host.id),
    })),
  );
}

/** What hosts remember of connections, whatever becomes of their flows. */
class Trackers {
  readonly #trackers = new Map<string, Conntrack>();

  of(hostId: string): Conntrack {
    const tracker = this.#trackers.get(hostId) ?? new Conntrack();
    this.#trackers.set(hostId, tracker);
    return tracker;
  }
}

function stateOf(topology: Topology, hostId: string): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topology, hostId));
  return state;
}

interface Outcome {
  readonly copies: readonly string[];
  readonly packets: readonly object[];
  readonly services: readonly string[];
}

/** Who got it, with every copy counted, and what arrived; `sender` marks what comes back to it. */
function outcome(
  topology: Topology,
  { delivered, questions }: Pick<FleetTrace, 'delivered' | 'questions'>,
  sender?: Place,
): Outcome {
  const copies = delivered.map(({ hostId, port, packet }) => {
    const place = { hostId, ofport: port, vlan: vlanOf(packet) };
    return sender !== undefined && isSame(place, sender) ? 'reply' : portAt(topology, place);
  });
  return {
    copies: copies.sort(),
    packets: delivered.map(({ packet }) => nonZero({ ...packet, vlan_vid: 0 })),
    services: questions.map(({ service }) => service),
  };
}

function normal({ ports, packet, reply, service }: Expectation): Outcome {
  const services = service === undefined ? [] : [service];
  if (reply !== undefined) return { copies: ['reply'], packets: [nonZero(reply)], services };
  return { copies: ports, packets: ports.map(() => nonZero(packet)), services };
}

/** An option that turned from source to target leaves nothing of the source behind. */
function nonZero(packet: object): object {
  const members = Object.entries(packet).filter(
    ([name, value]) => value !== 0 && value !== 0n && name !== 'nd_sll',
  );
  return Object.fromEntries(members);
}

function portAt(topology: Topology, place: Place): string {
  const bindings = [...topology.members('bindingsOfHost', place.hostId).values()];
  const found = bindings.find((each) =>
    placesOf(each).some((plug) => isSame(placeOf(plug), place)),
  );
  return found?.port_id ?? JSON.stringify(place);
}

function isSame(one: Place, other: Place): boolean {
  return one.hostId === other.hostId && one.ofport === other.ofport && one.vlan === other.vlan;
}

function describe(from: string, packet: object): string {
  const members = Object.entries(packet).map(([name, value]) => `${name}=${value.toString(16)}`);
  return `${from}: ${members.join(' ')}`;
}
