/**
 * What one host has been handed and what it has acknowledged, as revisions.
 *
 * `advance` of the fleet moves every host that has nothing outstanding without touching it: the
 * fleet's own revision is an argument here, read only when somebody asks or something settles.
 */
export class Progress {
  #acknowledged = 0;
  #handed = 0;
  /** Whether the switch was last seen to hold everything that had been handed over by then. */
  #synced = false;
  #waiting = 0;
  #waitingSince = 0;
  #inFlight = 0;
  #inFlightSince = 0;
  #inFlightRevision = 0;

  get pending(): number {
    return this.#waiting + this.#inFlight;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** The revision that the switch holds, given how far the fleet has come. */
  realized(fleetRevision: number): number {
    const settled = this.#synced && this.pending === 0;
    return settled ? Math.max(this.#acknowledged, fleetRevision) : this.#acknowledged;
  }

  /** Milliseconds since the oldest outstanding update was handed over; 0 when there is none. */
  lagMs(now: number): number {
    if (this.#inFlight > 0) return now - this.#inFlightSince;
    return this.#waiting > 0 ? now - this.#waitingSince : 0;
  }

  /** An update that the switch must acknowledge. */
  hand(revision: number, fleetRevision: number, now: number): void {
    this.#acknowledged = this.realized(fleetRevision);
    this.#handed = Math.max(this.#handed, revision);
    if (this.#waiting === 0) this.#waitingSince = now;
    this.#waiting += 1;
  }

  /** Everything handed over so far is on its way. */
  begin(): void {
    if (this.#inFlight === 0) this.#inFlightSince = this.#waitingSince;
    this.#inFlight += this.#waiting;
    this.#waiting = 0;
    this.#inFlightRevision = this.#handed;
  }

  /** What was on its way has arrived; gives the revision that the switch now holds. */
  acknowledge(fleetRevision: number): number {
    this.#inFlight = 0;
    this.#synced = true;
    this.#acknowledged = Math.max(this.#acknowledged, this.#inFlightRevision);
    this.#acknowledged = this.realized(fleetRevision);
    return this.#acknowledged;
  }

  /**
   * Another term of ownership, or another history, in which a revision may be another commit:
   * nothing that was acknowledged counts any more.
   */
  restart(now: number): void {
    this.#unsettle(now);
    this.#acknowledged = 0;
    this.#handed = 0;
  }

  /** The switch went away or refused: what it holds is unknown, and everything is outstanding. */
  lose(fleetRevision: number, now: number): void {
    this.#acknowledged = this.realized(fleetRevision);
    this.#unsettle(now);
  }

  #unsettle(now: number): void {
    this.#synced = false;
    if (this.#inFlight === 0) return;
    this.#waitingSince = this.#waiting === 0 ? this.#inFlightSince : this.#waitingSince;
    this.#waitingSince = Math.min(this.#waitingSince, this.#inFlightSince, now);
    this.#waiting += this.#inFlight;
    this.#inFlight = 0;
  }
}
