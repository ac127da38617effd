/** Why a commit was not done. Nothing refused leaves a trace. */
import type { RecordKey } from '../topology/index.ts';

/** The script refused the commit: nothing was written. */
export abstract class RefusedError extends Error {
  /** What the commit lost to others: a record's key, a claim or a lease. */
  readonly subject: string;

  constructor(subject: string, message: string) {
    super(message);
    this.subject = subject;
  }
}

/** A record was changed, or deleted, by somebody else since it was read; or it exists already. */
export class StaleError extends RefusedError {
  override readonly name = 'StaleError';
  readonly key: RecordKey;

  constructor(key: RecordKey) {
    super(key, `${key} has changed since it was read`);
    this.key = key;
  }
}

/** A unique claim is held by another owner. */
export class ClaimTakenError extends RefusedError {
  override readonly name = 'ClaimTakenError';
  readonly claim: string;
  readonly owner: string;

  constructor(claim: string, owner: string) {
    super(claim, `${claim} is taken by ${owner}`);
    this.claim = claim;
    this.owner = owner;
  }
}

/** A record cannot be deleted while others refer to it. */
export class InUseError extends RefusedError {
  override readonly name = 'InUseError';
  readonly key: RecordKey;

  constructor(key: RecordKey) {
    super(key, `${key} is in use`);
    this.key = key;
  }
}

/** A record that must exist does not. */
export class MissingError extends RefusedError {
  override readonly name = 'MissingError';
  readonly key: RecordKey;

  constructor(key: RecordKey) {
    super(key, `${key} does not exist`);
    this.key = key;
  }
}

/** Another process holds the lease by now. */
export class LeaseLostError extends RefusedError {
  override readonly name = 'LeaseLostError';
  readonly lease: string;

  constructor(lease: string) {
    super(lease, `lease ${lease} belongs to another process`);
    this.lease = lease;
  }
}

/** Redis is away, or sent an error of its own. The commit was certainly not applied. */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError';
}

/** Redis went away with the commit in flight and did not come back in time to be asked. */
export class OutcomeUnknownError extends StoreUnavailableError {
  override readonly name = 'OutcomeUnknownError';
}
