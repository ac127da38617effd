/**
 * One bundle, all or nothing. Open, adds and close go out in one stream of bytes; the commit
 * follows when the close is answered, because a switch that refuses an added message only leaves
 * it out: a commit sent blindly would do the rest (§7.3.9.4; Open vSwitch does). A bundle of which
 * anything was refused is discarded.
 *
 *     open ── add 0 ── add 1 ── … ── close ──▶
 *              ◀── error of add 1 ── close reply      → discard, reject (member 1)
 *              ◀── close reply                        → commit
 *              ◀── error of add 0 ── commit error     → nothing was done, reject (member 0)
 *              ◀── commit reply                       → resolve
 *
 * What it may refuse in an added message is its form (form.ts), and the forms are few. A short
 * bundle of messages of which the switch has taken every form before, on the same channel, needs no
 * such question, and costs both sides one turn in place of two:
 *
 *     add 0 ── add 1 ── … ── commit ──▶
 *              ◀── commit reply                       → resolve
 *              ◀── error of add 0 ── commit error     → nothing was done, reject (member 0)
 *
 * Should it refuse a form that it took before, it has done the rest: that rejects, too, and no form
 * counts as taken any more. Whoever is rejected compares the switch anew in any case.
 */
import {
  type BundleControl,
  type ErrorMessage,
  encodeBundle,
  encodeKnownBundle,
  formOf,
  OFPBF,
} from '../messages/index.ts';
import { OpenFlowError } from './errors.ts';
import type { Exchange } from './exchanges.ts';

/** What a bundle needs from its channel. */
export interface BundleCarrier {
  takeXids(count: number): number;
  open(exchange: Exchange, firstXid: number, count: number): void;
  close(firstXid: number): void;
  write(chunks: Iterable<Buffer>, byteLength: number): Promise<void>;
  control(message: BundleControl): Promise<BundleControl>;
  /** Forms of messages that the switch has taken into a bundle. */
  readonly takenForms: Set<number>;
}

/** In order, and all or nothing. */
const BUNDLE_FLAGS = OFPBF.ATOMIC | OFPBF.ORDERED;

/** Frames beside the members: open and close. */
const FRAMES = 2;

/** Longer ones gain little by a turn that is saved. */
const KNOWN_MEMBERS_MAX = 1024;

/** So many forms are not kept: ours are some hundreds. */
const FORMS_MAX = 16_384;

/** Does `members`, encoded messages, as one. Rejects with OpenFlowError; then nothing is done. */
export async function runBundle(
  carrier: BundleCarrier,
  bundleId: number,
  members: readonly Buffer[],
): Promise<void> {
  const forms = new Set(members.map(formOf));
  if (members.length <= KNOWN_MEMBERS_MAX && areTaken(carrier, forms)) {
    await runKnown(carrier, bundleId, members);
    return;
  }
  await runUnknown(carrier, bundleId, members);
  if (carrier.takenForms.size > FORMS_MAX) carrier.takenForms.clear();
  for (const form of forms) if (form !== undefined) carrier.takenForms.add(form);
}

function areTaken({ takenForms }: BundleCarrier, forms: Iterable<number | undefined>): boolean {
  for (const form of forms) if (form === undefined || !takenForms.has(form)) return false;
  return true;
}

async function runKnown(
  carrier: BundleCarrier,
  bundleId: number,
  members: readonly Buffer[],
): Promise<void> {
  const count = members.length + 1;
  const firstXid = carrier.takeXids(count);
  const refusals = new Refusals({ firstXid, count, framesBefore: 0 });
  carrier.open(refusals, firstXid, count);
  try {
    const frames = encodeKnownBundle({ bundleId, members, firstXid, flags: BUNDLE_FLAGS });
    await Promise.all([carrier.write(frames, lengthOf(members)), refusals.closed]);
  } finally {
    carrier.close(firstXid);
  }
  const refused = refusals.first();
  if (refused === undefined) return;
  carrier.takenForms.clear();
  throw refused;
}

async function runUnknown(
  carrier: BundleCarrier,
  bundleId: number,
  members: readonly Buffer[],
): Promise<void> {
  const count = members.length + FRAMES;
  const openXid = carrier.takeXids(count);
  const refusals = new Refusals({ firstXid: openXid, count, framesBefore: 1 });
  carrier.open(refusals, openXid, count);
  try {
    await stage(carrier, refusals, { bundleId, members, firstXid: openXid + 1 });
    await commit(carrier, refusals, bundleId);
  } finally {
    carrier.close(openXid);
  }
}

function lengthOf(members: readonly Buffer[]): number {
  return members.reduce((sum, member) => sum + member.length, 0);
}

interface Stage {
  readonly bundleId: number;
  readonly members: readonly Buffer[];
  readonly firstXid: number;
}

/** Brings the members to the switch; once this resolves, the switch has taken them all. */
async function stage(carrier: BundleCarrier, refusals: Refusals, bundle: Stage): Promise<void> {
  const frames = encodeBundle({ ...bundle, flags: BUNDLE_FLAGS });
  const sent = carrier.write(frames, lengthOf(bundle.members));
  await Promise.all([sent, refusals.closed]);
  const refused = refusals.first();
  if (refused === undefined) return;
  await carrier.control(request(bundle.bundleId, 'OFPBCT_DISCARD_REQUEST')).catch(ignoreRefusal);
  throw refused;
}

async function commit(carrier: BundleCarrier, refusals: Refusals, bundleId: number): Promise<void> {
  try {
    await carrier.control(request(bundleId, 'OFPBCT_COMMIT_REQUEST'));
  } catch (error) {
    throw refusals.first() ?? error;
  }
}

function request(bundleId: number, control: BundleControl['control']): BundleControl {
  const flags = BUNDLE_FLAGS;
  return { type: 'OFPT_BUNDLE_CONTROL', bundleId, control, flags, properties: [] };
}

/** A bundle that could not be opened cannot be discarded either: it is gone in any case. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof OpenFlowError)) throw error;
}

export interface Run {
  readonly firstXid: number;
  readonly count: number;
  /** Frames before the first member; one frame is behind the last. */
  readonly framesBefore: number;
}

/** The exchange of a run of xids: keeps the refusal of the first member, and no more. */
export class Refusals implements Exchange {
  readonly name = 'bundle';
  /** Resolves when the last frame is answered, whatever the answer. */
  readonly closed: Promise<void>;
  readonly #firstMember: number;
  readonly #lastXid: number;
  #resolveClosed: () => void = () => {};
  #rejectClosed: (error: Error) => void = () => {};
  #xid: number | undefined;
  #error: ErrorMessage | undefined;

  constructor({ firstXid, count, framesBefore }: Run) {
    this.#firstMember = firstXid + framesBefore;
    this.#lastXid = firstXid + count - 1;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
  }

  answer(_message: unknown, xid: number): void {
    if (xid === this.#lastXid) this.#resolveClosed();
  }

  refuse(error: ErrorMessage, xid: number): void {
    if (this.#xid === undefined || xid < this.#xid) {
      this.#xid = xid;
      this.#error = error;
    }
    if (xid === this.#lastXid) this.#resolveClosed();
  }

  fail(error: Error): void {
    this.#rejectClosed(error);
  }

  first(): OpenFlowError | undefined {
    if (this.#xid === undefined || this.#error === undefined) return undefined;
    const index = this.#xid - this.#firstMember;
    const isMember = index >= 0 && this.#xid !== this.#lastXid;
    return new OpenFlowError(this.#error, this.#xid, isMember ? index : undefined);
  }
}
