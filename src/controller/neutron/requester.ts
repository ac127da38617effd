/** Who asks, as far as use cases must know. */
export interface Requester {
  readonly userId: string;
  /** New resources belong to this project when their body names none. */
  readonly projectId: string;
  /** May see and change what belongs to others, and the attributes that only operators have. */
  readonly isAdmin: boolean;
  /** May look at what it sees, and change nothing; an operator as well as others. */
  readonly isReadOnly?: boolean;
}
