/**
 * Which frames arrive at a VM: all that comes is captured, and a fence of ours, which nothing may
 * hold up, says when all that was sent before it would have come.
 */
import { type Capture, captureIncoming } from './capture.ts';
import { until } from './exec.ts';
import { arp } from './frames.ts';
import { Injector } from './inject.ts';
import type { Vm } from './vm.ts';

/** What fences look like: no other ARP packet of the lab carries this behind its body. */
const FENCE = Buffer.from('heddle-fence');
const ARP_LENGTH = 42;
/** Fences in the words of pcap-filter(7), so that a filter is not told of a kernel's own ARP. */
const FENCES_ONLY = `arp and ether[${ARP_LENGTH}:4] = ${FENCE.readUInt32BE()}`;
/** One, and one more for each of two switches. */
const FENCES = 3;
/** Counted for all listeners together: one hears the fences of others at its VM. */
let lastFence = 0;

export class Listener {
  readonly vm: Vm;
  readonly #capture: Capture;
  readonly #injectors = new Map<Vm, Injector>();

  private constructor(vm: Vm, capture: Capture) {
    this.vm = vm;
    this.#capture = capture;
  }

  static async at(vm: Vm, filter = ''): Promise<Listener> {
    const expression = filter === '' ? '' : `(${FENCES_ONLY}) or (${filter})`;
    return new Listener(vm, await captureIncoming(vm, expression));
  }

  /**
   * Sends frames from a VM of the same network; gives the names of those that arrived, in the order
   * of sending and as often as they came.
   */
  async arrived(from: Vm, frames: Readonly<Record<string, Buffer>>): Promise<string[]> {
    const before = this.#capture.seen.length;
    await this.#injector(from).send(Object.values(frames));
    const came = (await this.#heard(from)).slice(before);
    return Object.entries(frames).flatMap(([name, frame]) =>
      came.filter((one) => frame.equals(one)).map(() => name),
    );
  }

  /** Every frame that has come, with all that a VM had sent before this was called. */
  async heard(from: Vm): Promise<readonly Buffer[]> {
    return (await this.#heard(from)).filter((frame) => !isFence(frame));
  }

  async stop(): Promise<void> {
    for (const injector of this.#injectors.values()) await injector.stop();
    await this.#capture.stop();
  }

  #injector(from: Vm): Injector {
    const known = this.#injectors.get(from);
    if (known !== undefined) return known;
    const injector = Injector.start(from.namespace, 'eth0');
    this.#injectors.set(from, injector);
    return injector;
  }

  /**
   * Everything that came until the last fence did. Within a batch that a switch has read, a frame
   * overtakes one whose flow is not cached yet: each switch on the way needs a fence more.
   */
  async #heard(from: Vm): Promise<readonly Buffer[]> {
    let end = 0;
    for (let fences = 0; fences < FENCES; fences += 1) {
      lastFence += 1;
      const fence = this.#fence(from, lastFence);
      await this.#injector(from).send([fence]);
      end = await until(
        () => this.#capture.seen.findIndex((frame) => frame.equals(fence)) + 1,
        `the fence of ${from.name} at ${this.vm.name}`,
      );
    }
    return this.#capture.seen.slice(0, end);
  }

  /** A true answer to nobody's question, from one VM to the other. */
  #fence(from: Vm, number: number): Buffer {
    const frame = arp({
      operation: 'reply',
      senderMac: from.mac,
      senderIp: from.address('ipv4'),
      targetIp: this.vm.address('ipv4'),
      targetMac: this.vm.mac,
      destination: this.vm.mac,
    });
    FENCE.copy(frame, ARP_LENGTH);
    frame.writeUInt32BE(number, ARP_LENGTH + FENCE.length);
    return frame;
  }
}

function isFence(frame: Buffer): boolean {
  return frame.subarray(ARP_LENGTH, ARP_LENGTH + FENCE.length).equals(FENCE);
}
