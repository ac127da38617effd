/**
 * Calls that are under way at a time: so many of one port, so many in all. What is too much waits;
 * whose turn it is goes by who came first among the ports that may.
 */
interface Waiting {
  readonly portId: string;
  readonly start: () => void;
}

export interface TurnLimits {
  readonly ofPort: number;
  readonly inAll: number;
}

export class Turns {
  readonly #limits: TurnLimits;
  readonly #underWay = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #count = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Calls `start` when it is its turn; that must end in one call of `done`. */
  wait(portId: string, start: () => void): void {
    this.#waiting.push({ portId, start });
    this.#next();
  }

  done(portId: string): void {
    const left = this.#ofPort(portId) - 1;
    if (left > 0) this.#underWay.set(portId, left);
    else this.#underWay.delete(portId);
    this.#count -= 1;
    this.#next();
  }

  #next(): void {
    if (this.#count >= this.#limits.inAll) return;
    const at = this.#waiting.findIndex(({ portId }) => this.#ofPort(portId) < this.#limits.ofPort);
    const [turn] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (turn === undefined) return;
    this.#count += 1;
    this.#underWay.set(turn.portId, this.#ofPort(turn.portId) + 1);
    turn.start();
  }

  #ofPort(portId: string): number {
    return this.#underWay.get(portId) ?? 0;
  }
}
