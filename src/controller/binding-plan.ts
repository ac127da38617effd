/**
 * Bindings as they will be after a commit that is being put together, and numbers for subports.
 *
 * A subport has no OpenFlow port, and yet needs a number on its host: for its conntrack zone, its
 * meters, its place in registers. It is chosen once, from the top of the numbers that have meters,
 * and kept in the binding, so that no restart and no other controller alters it. Open vSwitch
 * counts up from 1: where it comes to a number that was taken, the subport gets another in the same
 * commit.
 */
import { METERED_PORT_MAX } from '../compiler/index.ts';
import { type Binding, numberOn, type Topology } from '../topology/index.ts';

export class BindingPlan {
  readonly #topology: Topology;
  readonly #planned = new Map<string, Binding | undefined>();
  /** By host; made when a number is asked for there. */
  readonly #numbers = new Map<string, Numbers>();

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  of(portId: string): Binding | undefined {
    if (this.#planned.has(portId)) return this.#planned.get(portId);
    return this.#topology.get('binding', portId);
  }

  set(portId: string, after: Binding | undefined): void {
    const before = this.of(portId);
    this.#planned.set(portId, after);
    if (before !== undefined) this.#numbers.get(before.host_id)?.release(before);
    if (after !== undefined) this.#numbers.get(after.host_id)?.take(after);
  }

  /** The subport that has the number of a binding, which is no subport's. */
  rivalOf({ port_id, host_id, ofport }: Binding): string | undefined {
    const rivals = this.#topology.members('subportsByNumber', numberOn(host_id, ofport));
    return [...rivals.keys()].find((portId) => portId !== port_id);
  }

  /** What a subport has on a host, or a number that is free there. */
  numberFor(portId: string, hostId: string): number | undefined {
    const numbers = this.#numbersOn(hostId);
    const before = this.of(portId);
    const isKept = before?.wire !== undefined && before.host_id === hostId;
    return isKept && numbers.isAlone(before) ? before.ofport : numbers.free();
  }

  #numbersOn(hostId: string): Numbers {
    const known = this.#numbers.get(hostId);
    if (known !== undefined) return known;
    const numbers = new Numbers();
    this.#numbers.set(hostId, numbers);
    for (const id of this.#topology.members('bindingsOfHost', hostId).keys()) {
      if (!this.#planned.has(id)) numbers.take(this.#topology.get('binding', id));
    }
    for (const each of this.#planned.values()) if (each?.host_id === hostId) numbers.take(each);
    return numbers;
  }
}

/** Who has which number on one host: nearly always one. */
class Numbers {
  readonly #owners = new Map<number, Set<string>>();
  #next = METERED_PORT_MAX;

  take(binding: Binding | undefined): void {
    if (binding === undefined) return;
    const owners = this.#owners.get(binding.ofport) ?? new Set();
    this.#owners.set(binding.ofport, owners.add(binding.port_id));
  }

  release({ ofport, port_id }: Binding): void {
    this.#owners.get(ofport)?.delete(port_id);
  }

  isAlone({ ofport, port_id }: Binding): boolean {
    const owners = this.#owners.get(ofport) ?? new Set();
    return owners.size === (owners.has(port_id) ? 1 : 0);
  }

  /** Undefined when there is none. What was freed meanwhile is for the next commit. */
  free(): number | undefined {
    while (this.#next > 0 && (this.#owners.get(this.#next)?.size ?? 0) > 0) this.#next -= 1;
    return this.#next === 0 ? undefined : this.#next;
  }
}
