/**
 * Hosts joined by their tunnels: what one packet of one port becomes, everywhere. The product's
 * trace, and one of the three answers that tests compare (ARCHITECTURE.md, decision 12).
 */
import { assert } from '../lib/assert.ts';
import { TUNNEL_PORT } from '../pipeline/index.ts';
import type { Conntrack } from './conntrack.ts';
import type { PacketFields } from './packet.ts';
import { type SwitchContent, SwitchModel } from './switch-model.ts';
import type { Emission, Punt, Step } from './translation.ts';

export interface SimulatedHost {
  readonly id: string;
  /** Where it receives tunnel packets. */
  readonly encap: number | bigint;
  readonly state: SwitchContent;
  /** Its connections, where they outlive this simulator. */
  readonly conntrack?: Conntrack;
}

/** A packet that left the fleet through a port of a host. */
export interface Delivery {
  readonly hostId: string;
  readonly port: number;
  readonly packet: PacketFields;
}

/** The part of a packet's way that lies on one host. */
export interface Hop {
  readonly hostId: string;
  readonly inPort: number;
  readonly steps: readonly Step[];
  /** OpenFlow ports that a copy left through. */
  readonly outPorts: readonly number[];
}

/** A packet that the owner of a host gets, to answer the port that it came from. */
export interface Question extends Punt {
  readonly hostId: string;
}

export interface FleetTrace {
  readonly delivered: readonly Delivery[];
  readonly questions: readonly Question[];
  readonly hops: readonly Hop[];
}

/** More would be a loop between hosts, which the split horizon rules out. */
const HOPS_MAX = 10_000;

interface Arrival {
  readonly hostId: string;
  readonly inPort: number;
  readonly packet: PacketFields;
}

export class FleetSimulator {
  readonly #hosts: ReadonlyMap<string, SimulatedHost>;
  readonly #models = new Map<string, SwitchModel>();
  readonly #byEncap: ReadonlyMap<number | bigint, string>;

  constructor(hosts: readonly SimulatedHost[]) {
    this.#hosts = new Map(hosts.map((host) => [host.id, host]));
    this.#byEncap = new Map(hosts.map((host) => [host.encap, host.id]));
  }

  /** Sends a packet from a port of a host and follows every copy to its end. */
  trace(hostId: string, ofport: number, packet: PacketFields): FleetTrace {
    const delivered: Delivery[] = [];
    const questions: Question[] = [];
    const hops: Hop[] = [];
    const arrivals: Arrival[] = [{ hostId, inPort: ofport, packet }];
    for (let next = arrivals.shift(); next !== undefined; next = arrivals.shift()) {
      assert(hops.length < HOPS_MAX, 'a packet does not go round in circles');
      const { outputs, punts, steps } = this.#model(next.hostId).run(next.packet, next.inPort);
      questions.push(...punts.map((punt) => ({ ...punt, hostId: next.hostId })));
      const outPorts = outputs.map(({ port }) => port);
      hops.push({ hostId: next.hostId, inPort: next.inPort, steps, outPorts });
      for (const output of outputs) {
        const arrival = this.#throughTunnel(next.hostId, output);
        if (arrival !== undefined) arrivals.push(arrival);
        if (output.port === TUNNEL_PORT) continue;
        delivered.push({ hostId: next.hostId, port: output.port, packet: output.packet });
      }
    }
    return { delivered, questions, hops };
  }

  /** What the other end of the tunnel gets; undefined when the packet goes to no host. */
  #throughTunnel(from: string, { port, packet, tunnel }: Emission): Arrival | undefined {
    const hostId = this.#byEncap.get(tunnel.destination);
    const source = this.#hosts.get(from)?.encap;
    if (port !== TUNNEL_PORT || hostId === undefined || source === undefined) return undefined;
    const outer = typeof source === 'number' ? { tun_src: source } : { tun_ipv6_src: source };
    return {
      hostId,
      inPort: TUNNEL_PORT,
      packet: { ...packet, ...outer, tun_id: tunnel.key, tun_flags: tunnel.flags },
    };
  }

  #model(hostId: string): SwitchModel {
    let model = this.#models.get(hostId);
    const host = this.#hosts.get(hostId);
    assert(host !== undefined, `${hostId} is a host of the fleet`);
    if (model === undefined) {
      model = new SwitchModel(host.state, host.conntrack);
      this.#models.set(hostId, model);
    }
    return model;
  }
}
