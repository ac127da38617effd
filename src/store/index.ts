/** Redis: atomic commits, the stream of changes, leases, and a private server of our own. */

export type { Notices } from './bulletin.ts';
export { COMMIT_RECORDS_MAX, type CommitRequest } from './commit.ts';
export type { Count, Counters, CountReport, HostCount } from './counters.ts';
export { EmbeddedRedis } from './embedded.ts';
export {
  ClaimTakenError,
  InUseError,
  LeaseLostError,
  MissingError,
  OutcomeUnknownError,
  RefusedError,
  StaleError,
  StoreUnavailableError,
} from './errors.ts';
export type { RedisAddress } from './session.ts';
export type { RewoundAlarm, Subscriber } from './store.ts';
export { Store } from './store.ts';
