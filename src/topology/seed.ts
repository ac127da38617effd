/**
 * Marks that a region has been given its first records of a kind: what people delete afterwards
 * stays deleted.
 */
export interface Seed {
  /** What was given, as `default_security_group_rule`. */
  readonly id: string;
  readonly at: string;
}
