/**
 * Claims that commits under way in this process are about to take. The replica learns of a claim
 * when its commit is done; until then this keeps two requests from choosing the same value.
 */
export class Reservations {
  readonly #claims = new Set<string>();

  has(claim: string): boolean {
    return this.#claims.has(claim);
  }

  /** False when the claim was reserved already, by somebody else who will free it. */
  add(claim: string): boolean {
    if (this.#claims.has(claim)) return false;
    this.#claims.add(claim);
    return true;
  }

  free(claims: Iterable<string>): void {
    for (const claim of claims) this.#claims.delete(claim);
  }
}
