/**
 * What may become of a packet while a fleet is on its way between topologies, and what must: from
 * the topologies alone. Each port is judged by one of them; which one it is may differ from port to
 * port, for hosts are written one after the other. What all of them let through must get through.
 */
import type { PacketFields, Place } from '../../src/simulator/index.ts';
import { type Port, placesOf, type Topology } from '../../src/topology/index.ts';
import { expectedFrom, knownBySource, mayGet, maySend, type Origin } from './oracle.ts';
import { Memory } from './oracle-security.ts';
import { placeOf } from './packets.ts';

/** A packet that comes in at a place; and what was said before, if it goes on with that. */
export interface Probe {
  readonly from: Place;
  readonly packet: PacketFields;
  readonly after?: readonly Said[];
}

interface Said {
  readonly from: string;
  readonly packet: PacketFields;
}

/** What a packet has ahead of it, whatever the fleet has reached. */
export type Outlook = 'arrives' | 'may arrive' | 'arrives nowhere';

/** Who sends a packet, as one of the topologies has it. */
interface Sender {
  readonly portId: string;
  readonly networkId: string;
}

type Found = Origin & { readonly sender: Port };

export class TransitionOracle {
  readonly #topologies: readonly Topology[];
  readonly #ports: readonly ReadonlyMap<string, string>[];
  readonly #places: ReadonlySet<string>;

  /** The first is where all began, and where anything was said. */
  constructor(topologies: readonly Topology[]) {
    this.#topologies = topologies;
    this.#ports = topologies.map(portsByPlace);
    this.#places = new Set(this.#ports.flatMap((ports) => [...ports.keys()]));
  }

  outlook(probe: Probe): Outlook {
    if (this.#must(probe).size > 0) return 'arrives';
    const from = placeName(probe.from);
    const origins = this.#origins(probe);
    const open = [...this.#places].some((to) => to !== from && this.#may(probe, origins, to));
    return open ? 'may arrive' : 'arrives nowhere';
  }

  /** What is wrong about the places at which a packet came out; undefined when nothing is. */
  fault(probe: Probe, delivered: ReadonlySet<string>): string | undefined {
    const from = placeName(probe.from);
    const origins = this.#origins(probe);
    for (const to of delivered) {
      if (to !== from && !this.#may(probe, origins, to)) return `opens ${from} > ${to}`;
    }
    for (const to of this.#must(probe)) {
      if (!delivered.has(to)) return `loses ${from} > ${to}`;
    }
    return undefined;
  }

  /** By topology: whose packet it is there, if that port may send it. */
  #senders(probe: Probe): (Sender | undefined)[] {
    const from = placeName(probe.from);
    return this.#topologies.map((topology, index) => {
      const portId = this.#ports[index]?.get(from);
      const networkId = topology.get('port', portId ?? '')?.network_id;
      if (portId === undefined || networkId === undefined) return undefined;
      const at = { portId, hostId: probe.from.hostId };
      const sends = maySend(topology, at, probe.packet, this.#memory(probe));
      return sends ? { portId, networkId } : undefined;
    });
  }

  /** Ports that have the place at some time and may send it, as any host knows them at some time. */
  #origins({ from, packet, ...probe }: Probe): Found[] {
    const { hostId } = from;
    return this.#pairs(placeName(from)).flatMap(([topology, sender]) => {
      const at = { portId: sender.id, hostId };
      if (!maySend(topology, at, packet, this.#memory(probe))) return [];
      return this.#topologies.map((each) => {
        const known = knownBySource(each, sender.network_id, packet);
        return { hostId, sender, known };
      });
    });
  }

  #may(probe: Probe, origins: readonly Found[], to: string): boolean {
    const hostId = to.slice(0, to.indexOf(' '));
    return this.#pairs(to).some(([topology, port]) =>
      origins.some(
        (origin) =>
          origin.sender.network_id === port.network_id &&
          mayGet(topology, { portId: port.id, hostId }, probe.packet, {
            origin,
            memory: this.#memory(probe),
          }),
      ),
    );
  }

  /** Ports that have a place in any of the topologies, as each of these has them. */
  #pairs(place: string): [Topology, Port][] {
    const ids = new Set(this.#ports.map((ports) => ports.get(place)));
    return this.#topologies.flatMap((topology) =>
      [...ids].flatMap((id): [Topology, Port][] => {
        const port = topology.get('port', id ?? '');
        return port === undefined ? [] : [[topology, port]];
      }),
    );
  }

  /** Places that get the packet from the same port, and have the same port, in all topologies. */
  #must(probe: Probe): Set<string> {
    const senders = this.#senders(probe);
    const vnis = this.#topologies.map(
      (topology, index) => topology.get('network', senders[index]?.networkId ?? '')?.vni,
    );
    const ids = senders.map((sender) => sender?.portId);
    if (!isOne(ids) || !isOne(vnis)) return new Set();
    const receivers = this.#topologies.map((topology) => this.#receivers(topology, probe, ids[0]));
    const [first = new Set<string>(), ...others] = receivers;
    return new Set(
      [...first]
        .filter((receiver) => others.every((each) => each.has(receiver)))
        .map((receiver) => receiver.slice(receiver.indexOf('@') + 1)),
    );
  }

  /** Ports that get the packet, with their places. */
  #receivers(topology: Topology, probe: Probe, from = ''): Set<string> {
    const at = { portId: from, hostId: probe.from.hostId };
    const { copies } = expectedFrom(topology, at, probe.packet, this.#memory(probe));
    return new Set(copies.map((copy) => `${copy.portId}@${placeName(copy)}`));
  }

  #memory({ after = [] }: Pick<Probe, 'after'>): Memory {
    const memory = new Memory();
    const [first] = this.#topologies;
    for (const { from, packet } of first === undefined ? [] : after) {
      expectedFrom(first as Topology, from, packet, memory);
    }
    return memory;
  }
}

/** Of a port of a switch, or a VLAN there, whoever is behind it. */
export function placeName({ hostId, ofport, vlan }: Place): string {
  return `${hostId} ${ofport} ${vlan}`;
}

function isOne(list: readonly unknown[]): boolean {
  return list[0] !== undefined && list.every((item) => item === list[0]);
}

/** Where two ports have one place, the switch shows one of them only. */
function portsByPlace(topology: Topology): Map<string, string> {
  return new Map(
    [...topology.list('binding')].flatMap((binding) =>
      placesOf(binding).map((plug): [string, string] => [
        placeName(placeOf(plug)),
        binding.port_id,
      ]),
    ),
  );
}
