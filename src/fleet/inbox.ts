/**
 * Packets of guests on their way to the services: a short queue a host, emptied in turns, so that
 * neither a host that floods nor all of them together keep this process from anything else.
 */
import type { Clock } from '../lib/clock.ts';
import { fieldIn, InPort, readUserdata } from '../pipeline/index.ts';
import type { PuntedPacket } from './ports.ts';
import type { ServicePacket } from './types.ts';

export interface InboxOptions {
  readonly clock: Clock;
  readonly deliver: (packet: ServicePacket) => void;
}

/** Packets of one host that may wait: as many as its switch sends at once. */
export const WAITING_MAX = 1000;
/** Packets of all hosts that may wait, beside one of each. */
export const ALL_WAITING_MAX = 16_384;
/** Packets that are delivered before everything else has its turn. */
const TURN_PACKETS = 64;

/** What a packet of a host asks for; undefined when its flow names no service of ours. */
export function readQuestion(hostId: string, packet: PuntedPacket): ServicePacket | undefined {
  const { cookie, metadata, data } = packet;
  const asked = readUserdata(packet.userdata);
  if (asked === undefined) return undefined;
  const ofport = fieldIn(metadata, InPort);
  return { ...asked, hostId, ofport, vni: Number(metadata.metadata ?? 0), cookie, metadata, data };
}

export class Inbox {
  readonly #options: InboxOptions;
  /** By host; the first is the next to be served. */
  readonly #queues = new Map<string, ServicePacket[]>();
  #waiting = 0;
  #isScheduled = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** False: too many of that host wait already, or of all hosts, and the packet is dropped. */
  add(packet: ServicePacket): boolean {
    const queue = this.#queues.get(packet.hostId);
    if (queue === undefined) this.#queues.set(packet.hostId, [packet]);
    else if (queue.length >= WAITING_MAX || this.#waiting >= ALL_WAITING_MAX) return false;
    else queue.push(packet);
    this.#waiting++;
    this.#schedule();
    return true;
  }

  /** What waits is dropped. */
  clear(): void {
    this.#queues.clear();
    this.#waiting = 0;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queues.size === 0) return;
    this.#isScheduled = true;
    this.#options.clock.setTimer(0, () => {
      this.#isScheduled = false;
      this.#turn();
      this.#schedule();
    });
  }

  /** One packet a host, round and round. */
  #turn(): void {
    for (let left = TURN_PACKETS; left > 0; left--) {
      const [next] = this.#queues;
      if (next === undefined) return;
      const [hostId, queue] = next;
      this.#queues.delete(hostId);
      const packet = queue.shift();
      if (queue.length > 0) this.#queues.set(hostId, queue);
      if (packet === undefined) continue;
      this.#waiting--;
      this.#options.deliver(packet);
    }
  }
}
