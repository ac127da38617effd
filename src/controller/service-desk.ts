/**
 * Where the packets of guests come that ask for a service: who asks is found by host and port
 * number, the service answers, and the answer goes back to the asking port alone.
 *
 * A packet is a question of a stranger: one that cannot be served costs a count and no more.
 */
import type { Service, ServicePacket } from '../fleet/index.ts';
import type { Logger } from '../lib/log.ts';
import { PASSED_ON } from '../services/index.ts';
import { type PluggedPort, placeOn, pluggedPort, type Topology } from '../topology/index.ts';

/**
 * What a service makes of a packet: frames to send back, or why there are none, in a few words, or
 * that it is somebody else's to answer.
 */
export type Answer = readonly Buffer[] | string | typeof PASSED_ON;

/** Answers a packet of a port. Pure, and quick: everything else waits meanwhile. */
export type ServiceHandler = (asker: PluggedPort, packet: ServicePacket) => Answer;

export interface ServiceDeskOptions {
  readonly topology: Topology;
  /** Never waits. */
  readonly send: (hostId: string, ofport: number, frame: Buffer) => void;
  /** Lets a packet go on to where it was sent. Never waits. */
  readonly passOn: (packet: ServicePacket) => void;
  readonly handlers: Readonly<Partial<Record<Service, ServiceHandler>>>;
  readonly log: Logger;
}

export class ServiceDesk {
  readonly #options: ServiceDeskOptions;
  /** How often each reason came for which there was no answer. Services know few. */
  readonly #counts = new Map<string, number>();

  constructor(options: ServiceDeskOptions) {
    this.#options = options;
  }

  take(packet: ServicePacket): void {
    const answer = this.#answer(packet);
    if (answer === PASSED_ON) {
      this.#options.passOn(packet);
      return;
    }
    if (typeof answer === 'string') {
      this.#count(packet, answer);
      return;
    }
    for (const frame of answer) this.#options.send(packet.hostId, packet.ofport, frame);
  }

  #answer(packet: ServicePacket): Answer {
    const asker = this.#askerOf(packet);
    if (asker === undefined) return 'no such port';
    const handler = this.#options.handlers[packet.service];
    return handler === undefined ? 'no such service' : handler(asker, packet);
  }

  /** The switch may be a moment behind, or ahead: only what both say is a port that asks. */
  #askerOf({ hostId, ofport, vni }: ServicePacket): PluggedPort | undefined {
    const { topology } = this.#options;
    for (const binding of topology.members('bindingsOfHost', hostId).values()) {
      if (placeOn(binding, hostId)?.ofport !== ofport) continue;
      const plugged = pluggedPort(topology, binding.port_id);
      if (plugged?.network.vni === vni) return plugged;
    }
    return undefined;
  }

  /** Logs the 1st, 2nd, 4th, 8th … of a kind: a guest cannot fill the log. */
  #count({ hostId, service, ofport }: ServicePacket, outcome: string): void {
    const key = `${service}: ${outcome}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if ((count & (count - 1)) !== 0) return;
    const fields = { host: hostId, ofport, service, outcome, count };
    this.#options.log.info('A packet of a guest was not answered.', fields);
  }
}
