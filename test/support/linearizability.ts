/**
 * Judges what clients were told about one thing that exists at most once at a time: an address, a
 * number, a name. A history is right when some order of its operations explains every answer, each
 * operation taking effect at one moment between its call and its answer (Herlihy and Wing, 1990).
 *
 * The search is Wing and Gong's, with the states remembered that led nowhere (Lowe, 2017).
 */

/**
 * One call. `made` gives the thing to `owner`; `taken`: it was refused because somebody has it.
 * `freed`: the owner gave it up; `absent`: the owner did not have it (any more).
 * `unknown`: nobody can tell whether it took effect; it may do so at any time after the call.
 */
export interface Operation {
  readonly kind: 'make' | 'free';
  readonly owner: string;
  readonly start: number;
  /** Infinity for what has no answer. */
  readonly end: number;
  readonly outcome: 'made' | 'taken' | 'freed' | 'absent' | 'unknown';
}

/** The owner at the end, undefined for nobody, of every order that explains the history. */
export function finalOwners(operations: readonly Operation[]): ReadonlySet<string | undefined> {
  const finals = new Set<string | undefined>();
  explore(
    operations.toSorted((one, other) => one.start - other.start),
    undefined,
    { finals, seen: new Set() },
  );
  return finals;
}

interface Search {
  readonly finals: Set<string | undefined>;
  /** What is left, and the state: explored already. */
  readonly seen: Set<string>;
}

function explore(left: readonly Operation[], owner: string | undefined, search: Search): void {
  const rest = left.map(({ start, kind, owner: whose }) => `${start}${kind}${whose}`).join();
  const mark = `${owner} ${rest}`;
  if (search.seen.has(mark)) return;
  search.seen.add(mark);
  // What has no answer need not have happened.
  if (left.every(({ outcome }) => outcome === 'unknown')) search.finals.add(owner);
  const firstEnd = Math.min(...left.map(({ end }) => end));
  for (const [index, operation] of left.entries()) {
    if (operation.start > firstEnd) break;
    for (const next of effects(operation, owner)) {
      explore(left.toSpliced(index, 1), next.owner, search);
    }
  }
}

/** The states that an operation may lead to from this one; none when its answer were a lie. */
function effects(
  { kind, owner: whose, outcome }: Operation,
  owner: string | undefined,
): { readonly owner: string | undefined }[] {
  const isPossible = kind === 'make' ? owner === undefined : owner === whose;
  switch (outcome) {
    case 'made':
      return isPossible ? [{ owner: whose }] : [];
    case 'freed':
      return isPossible ? [{ owner: undefined }] : [];
    case 'taken':
    case 'absent':
      return isPossible ? [] : [{ owner }];
    case 'unknown':
      return isPossible ? [{ owner: kind === 'make' ? whose : undefined }] : [{ owner }];
  }
}
