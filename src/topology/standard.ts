/** What every record has that counts its changes, beside the table rows of `STANDARD`. */
export interface Standard {
  readonly id: string;
  readonly project_id: string;
  readonly tags: readonly string[];
  readonly revision_number: number;
  /** As `timestamp` writes it, as is the next. */
  readonly created_at: string;
  readonly updated_at: string;
}
