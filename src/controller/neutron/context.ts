/** What every use case works on, and the loop that drafts against the replica and commits. */
import type { Clock, Random } from '../../lib/clock.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  OutcomeUnknownError,
  RefusedError,
  StoreUnavailableError,
} from '../../store/index.ts';
import {
  type Binding,
  claimConflict,
  type HostLimits,
  IntentError,
  intentError,
  type Port,
  type RecordKey,
  type Topology,
  timestamp,
} from '../../topology/index.ts';
import { Draft } from './draft.ts';
import type { QuotaDefaults } from './quotas.ts';
import type { Requester } from './requester.ts';
import type { Reservations } from './reservations.ts';
import type { Turns } from './turns.ts';
import type { UnderWay } from './under-way.ts';

/** The part of the store that use cases need. */
interface Committer {
  commit(request: CommitRequest): Promise<number>;
  /** Resolves when the replica has all that was committed before the call. */
  catchUp(): Promise<void>;
}

export interface NeutronContext {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly random: Random;
  readonly quotaDefaults: QuotaDefaults;
  /** The domain that ports have their names in, with its final dot; or none. */
  readonly dnsDomain: string;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
  /** Where a port that is about to be made is plugged in by now; absent: nobody knows. */
  readonly foreseen?: ((port: Port) => Binding | undefined) | undefined;
  /** Shared by all use cases of one process, as are the turns and what is under way. */
  readonly reservations: Reservations;
  readonly turns: Turns;
  readonly underWay: UnderWay;
}

/** What a write gave, and the revision of the commit that made it. */
export interface Written<T> {
  readonly revision: number;
  readonly value: T;
}

/**
 * Attempts before we give up on others who keep changing what we read. Each may be lost to them as
 * likely as not while another controller writes the same record without a break.
 */
const STALE_MAX = 32;

/** Attempts that may be lost to other controllers choosing the same values; a bulk makes many. */
const LOST_CHOICES_MAX = 100;

/** Commits of our own that one request waits for, one after the other. */
const WAITS_MAX = 1_000;

/** Drafts that stand on each other at most: reading through the last passes all of them. */
const CHAIN_MAX = 8;

/** The first pause; each later one is twice as long, up to the most: half a second all together. */
const PAUSE_MS = 2;
const PAUSE_MAX_MS = 16;

/**
 * Commits what `write` drafts. `write` reads the replica, may throw `IntentError` and returns what
 * makes the result once the replica has the commit; it is called anew when the commit shows that
 * the replica was behind, or that another controller was faster with a value that we chose. What it
 * refuses was decided on the replica alone, so the refusal counts once the replica is not behind.
 */
export async function commitDraft<T>(
  context: NeutronContext,
  requester: Requester,
  write: (draft: Draft) => () => T,
): Promise<Written<T>> {
  const avoided: string[] = [];
  const avoid = (claim: string): boolean => {
    const isNew = context.reservations.add(claim);
    if (isNew) avoided.push(claim);
    return isNew;
  };
  let endTurn = (): void => {};
  try {
    let [stale, lost, waits] = [0, 0, 0];
    while (stale < STALE_MAX && lost < LOST_CHOICES_MAX && waits < WAITS_MAX) {
      const outcome = await decideUpToDate(context, () => attemptBehind(context, requester, write));
      endTurn();
      if (outcome instanceof Occupied) {
        endTurn = await context.turns.take(outcome.key);
        await context.underWay.ended(outcome.key);
        waits += 1;
        continue;
      }
      if (!(outcome instanceof RefusedError)) return outcome;
      // Our replica will learn of that claim soon; the next attempt must know now. A claim that was
      // chosen all the same has no alternative: then there is nothing but to wait for the replica.
      if (outcome instanceof ClaimTakenError && avoid(outcome.claim)) {
        lost += 1;
      } else {
        endTurn = await context.turns.take(outcome.subject);
        await pause(context.clock, Math.min(PAUSE_MS * 2 ** stale, PAUSE_MAX_MS));
        stale += 1;
      }
    }
  } catch (error) {
    throw translateOutage(error);
  } finally {
    endTurn();
    context.reservations.free(avoided);
  }
  throw intentError('ConcurrentUpdate', {});
}

/**
 * What `decide` gives; when it refuses, and the replica turns out to lack what others committed
 * before, it is asked again on the state of now.
 * @throws IntentError, StoreUnavailableError when nobody can tell whether the refusal is right
 */
export async function decideUpToDate<T>(
  { store, topology }: Pick<NeutronContext, 'store' | 'topology'>,
  decide: () => T | Promise<T>,
): Promise<T> {
  const { revision } = topology;
  try {
    return await decide();
  } catch (error) {
    if (!(error instanceof IntentError)) throw error;
    await store.catchUp();
    if (topology.revision === revision) throw error;
    return decide();
  }
}

/** What `show` gives, or refuses once the replica is not behind. */
export async function showUpToDate<T>(
  context: Pick<NeutronContext, 'store' | 'topology'>,
  show: () => T,
): Promise<T> {
  try {
    return await decideUpToDate(context, show);
  } catch (error) {
    // Without the store, what the replica holds is what there is to be shown.
    if (error instanceof StoreUnavailableError) return show();
    throw error;
  }
}

/** What a commit would give, or be refused for, as far as the replica knows: none is made. */
export function draftOnly<T>(
  context: NeutronContext,
  requester: Requester,
  write: (draft: Draft) => () => T,
): T {
  const draft = draftFor(context, requester);
  try {
    const result = write(draft);
    draft.check();
    return result();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw namedConflict(draft, error) ?? intentError('ConcurrentUpdate', {});
  } finally {
    draft.end();
  }
}

/** Resolves when the replica has all that was committed before the call. */
export async function catchUp({ store }: Pick<NeutronContext, 'store'>): Promise<void> {
  try {
    await store.catchUp();
  } catch (error) {
    throw translateOutage(error);
  }
}

/**
 * One attempt, and where a commit of our own is in its way another on what that one will leave; or,
 * where others stand on that one by now, on the last of them.
 */
async function attemptBehind<T>(
  context: NeutronContext,
  requester: Requester,
  write: (draft: Draft) => () => T,
): Promise<Written<T> | RefusedError | Occupied> {
  let outcome = await attempt(context, requester, write);
  let tried = 0;
  while (outcome instanceof Occupied) {
    const { size } = outcome.by.chain;
    // As long as before: on what its last will leave, this cannot be decided yet.
    if (size <= tried || size >= CHAIN_MAX) break;
    tried = size;
    outcome = await attempt(context, requester, write, outcome);
  }
  return outcome;
}

async function attempt<T>(
  context: NeutronContext,
  requester: Requester,
  write: (draft: Draft) => () => T,
  occupied?: Occupied,
): Promise<Written<T> | RefusedError | Occupied> {
  const { foreseen, store, topology, underWay } = context;
  const draft = draftFor(context, requester, occupied?.by);
  try {
    const result = write(draft);
    if (draft.size === 0) {
      // What writes nothing makes no revision, and has nothing that the store could refuse.
      return occupied ?? { revision: topology.revision, value: result() };
    }
    if (foreseen !== undefined) draft.bindNewPorts(foreseen);
    const inWay = underWay.inWay(draft);
    if (inWay !== undefined) return new Occupied(inWay.key, inWay.by);
    const request = draft.request();
    const revision = await underWay.during(draft, () => store.commit(request));
    return { revision, value: result() };
  } catch (error) {
    // Decided on a commit that may itself be refused.
    if (error instanceof IntentError && occupied !== undefined) return occupied;
    if (!(error instanceof RefusedError)) throw error;
    const conflict = namedConflict(draft, error);
    if (conflict !== undefined) throw conflict;
    return error;
  } finally {
    draft.end();
  }
}

/** Not tried, because a commit of our own that writes the record is under way. */
class Occupied {
  readonly key: RecordKey;
  readonly by: Draft;

  constructor(key: RecordKey, by: Draft) {
    this.key = key;
    this.by = by;
  }
}

function draftFor(context: NeutronContext, requester: Requester, over?: Draft): Draft {
  return new Draft({ ...context, requester, at: timestamp(context.clock.wallTimeMs()), over });
}

/** The refusal when another has what the client itself named. */
function namedConflict(draft: Draft, error: RefusedError): IntentError | undefined {
  if (!(error instanceof ClaimTakenError) || !draft.isNamed(error.claim)) return undefined;
  return claimConflict(error.claim, error.owner);
}

/** What the store answers while it is away, as a refusal. */
export function translateOutage(error: unknown): unknown {
  if (error instanceof OutcomeUnknownError) {
    return intentError('ServiceUnavailable', {
      msg: 'The store went away while this request was served; it may or may not have been done.',
    });
  }
  if (error instanceof StoreUnavailableError) {
    return intentError('ServiceUnavailable', {
      msg: 'The store cannot be reached, so nothing was changed. Reads are still served.',
    });
  }
  return error;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
}
