/**
 * What ports have said that is not written down yet: of each address the port that said so last.
 * A port has so many in here, so that no guest fills the memory while the store is away.
 */
import { LEARNED_OF_PORT_MAX, type LearnedMac } from '../topology/index.ts';

export class Announced {
  /** By id of the record. */
  readonly #said = new Map<string, LearnedMac>();
  readonly #counts = new Map<string, number>();

  get(id: string): LearnedMac | undefined {
    return this.#said.get(id);
  }

  has(id: string): boolean {
    return this.#said.has(id);
  }

  /** Whether there was room for it. */
  add(id: string, said: LearnedMac): boolean {
    const before = this.#said.get(id);
    const others = this.countOf(said.port_id) - (before?.port_id === said.port_id ? 1 : 0);
    if (others >= LEARNED_OF_PORT_MAX) return false;
    this.delete(id);
    this.#said.set(id, said);
    this.#counts.set(said.port_id, others + 1);
    return true;
  }

  delete(id: string): void {
    const said = this.#said.get(id);
    if (said === undefined) return;
    this.#said.delete(id);
    const left = this.countOf(said.port_id) - 1;
    if (left === 0) this.#counts.delete(said.port_id);
    else this.#counts.set(said.port_id, left);
  }

  countOf(portId: string): number {
    return this.#counts.get(portId) ?? 0;
  }
}
