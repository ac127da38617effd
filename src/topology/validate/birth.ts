/** What a record gets from its creation rather than from the request. */

export interface Birth {
  readonly id: string;
  /** Owner when the request names none. */
  readonly projectId: string;
  /** As `timestamp` writes it. */
  readonly at: string;
}

const NO_TAGS: readonly string[] = [];

interface Given {
  readonly project_id?: string;
  readonly tags?: readonly string[];
}

/** The part of a fresh record that is the same for every kind. */
export function born(birth: Birth, given: Given) {
  return {
    id: birth.id,
    project_id: given.project_id ?? birth.projectId,
    tags: given.tags ?? NO_TAGS,
    ...stamped(birth),
  };
}

/** The part of a fresh record that counts and dates its changes. */
export function stamped({ at }: Birth) {
  return { revision_number: 1, created_at: at, updated_at: at };
}

/** The part of an updated record that is the same for every kind. */
export function touched(record: { readonly revision_number: number }, at: string) {
  return { revision_number: record.revision_number + 1, updated_at: at };
}
