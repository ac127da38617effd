/**
 * Bindings as they will be after a commit that is being put together, and numbers for subports.
 *
 * A subport has no OpenFlow port, and yet needs a number on its host: for its conntrack zone, its
 * meters, its place in registers. It is chosen once, from the top of the numbers that have meters,
 * and kept in the binding, so that no restart and no other controller alters it. Open vSwitch
 * counts up from 1: where it comes to a number that was taken, the subport gets another in the same
 * commit. While its VM moves a subport has two places, as its parent, and a number at each.
 */
import { METERED_PORT_MAX } from '../compiler/index.ts';
import {
  type Binding,
  numberOn,
  type Plug,
  plugsOf,
  type Topology,
  type Wiring,
} from '../topology/index.ts';

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
    for (const { host_id, ofport } of plugs(before)) {
      this.#numbers.get(host_id)?.release(portId, ofport);
    }
    for (const { host_id, ofport } of plugs(after))
      this.#numbers.get(host_id)?.take(portId, ofport);
  }

  /** The subports that have a number of a port, where that is no subport. */
  *rivalsOf(portId: string): Generator<string> {
    for (const { host_id, ofport } of plugs(this.of(portId))) {
      const rivals = this.#topology.members('subportsByNumber', numberOn(host_id, ofport));
      for (const id of rivals.keys()) if (id !== portId) yield id;
    }
  }

  /** The binding of a subport: at each place of its parent, with a number of its own. */
  subportOf(portId: string, { parentId, vlan }: Wiring): Binding | undefined {
    const parent = this.of(parentId);
    if (parent === undefined) return undefined;
    const runs = this.#onWire(portId, parent, vlan);
    if (runs === undefined || parent.move === undefined)
      return runs && { port_id: portId, ...runs };
    const other = this.#onWire(portId, parent.move, vlan);
    const move = other && { ...other, state: parent.move.state };
    return { port_id: portId, ...runs, ...(move && { move }) };
  }

  #onWire(portId: string, parent: Plug, vlan: number): Plug | undefined {
    const { host_id, interface_name } = parent;
    const ofport = this.#numberFor(portId, host_id);
    if (ofport === undefined) return undefined;
    return { host_id, ofport, interface_name, wire: { ofport: parent.ofport, vlan } };
  }

  /** What a subport has on a host, or a number that is free there. */
  #numberFor(portId: string, hostId: string): number | undefined {
    const numbers = this.#numbersOn(hostId);
    const before = plugs(this.of(portId)).find(({ host_id }) => host_id === hostId);
    const isKept = before?.wire !== undefined && numbers.isAlone(portId, before.ofport);
    return isKept ? before.ofport : numbers.free();
  }

  #numbersOn(hostId: string): Numbers {
    const known = this.#numbers.get(hostId);
    if (known !== undefined) return known;
    const numbers = new Numbers();
    this.#numbers.set(hostId, numbers);
    const bound = this.#topology.members('bindingsOfHost', hostId).keys();
    for (const portId of new Set([...bound, ...this.#planned.keys()])) {
      for (const { host_id, ofport } of plugs(this.of(portId))) {
        if (host_id === hostId) numbers.take(portId, ofport);
      }
    }
    return numbers;
  }
}

function plugs(binding: Binding | undefined): readonly Plug[] {
  return binding === undefined ? [] : plugsOf(binding);
}

/** Who has which number on one host: nearly always one. */
class Numbers {
  readonly #owners = new Map<number, Set<string>>();
  #next = METERED_PORT_MAX;

  take(portId: string, number: number): void {
    const owners = this.#owners.get(number) ?? new Set();
    this.#owners.set(number, owners.add(portId));
  }

  release(portId: string, number: number): void {
    this.#owners.get(number)?.delete(portId);
  }

  isAlone(portId: string, number: number): boolean {
    const owners = this.#owners.get(number) ?? new Set();
    return owners.size === (owners.has(portId) ? 1 : 0);
  }

  /** Undefined when there is none. What was freed meanwhile is for the next commit. */
  free(): number | undefined {
    while (this.#next > 0 && (this.#owners.get(this.#next)?.size ?? 0) > 0) this.#next -= 1;
    return this.#next === 0 ? undefined : this.#next;
  }
}
