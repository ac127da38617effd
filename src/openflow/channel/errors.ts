/** What can go wrong on a channel. Nonsense from the peer is a DecodeError. */
import { errorName, errorRow } from '../error-codes.ts';
import type { ErrorMessage } from '../messages/index.ts';

/** The switch refused something: an OFPT_ERROR with the xid of what we sent. */
export class OpenFlowError extends Error {
  override readonly name = 'OpenFlowError';
  /** The specification's name, as `OFPRRFC_STALE`; the numbers where there is none. */
  readonly errorName: string;
  readonly errorType: number;
  readonly code: number;
  /** Whether the same request may succeed later (no room, busy), as opposed to never. */
  readonly retriable: boolean;
  readonly xid: number;
  /** The first bytes of the offending message, as the switch repeated them. */
  readonly offending: Buffer;
  /** Which member of a bundle was refused; undefined when it was none of them. */
  readonly memberIndex: number | undefined;

  constructor(message: ErrorMessage, xid: number, memberIndex?: number) {
    const where = memberIndex === undefined ? '' : ` (member ${memberIndex} of the bundle)`;
    super(`${errorName(message)}: ${errorRow(message)?.text ?? 'unknown error'}${where}`);
    this.errorName = errorName(message);
    this.errorType = message.errorType;
    this.code = message.code;
    this.retriable = errorRow(message)?.retriable ?? false;
    this.xid = xid;
    this.offending = message.data;
    this.memberIndex = memberIndex;
  }
}

/** The channel is closed: what was pending may or may not have been done. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError';
  readonly reason: string;

  constructor(reason: string) {
    super(`OpenFlow channel closed: ${reason}`);
    this.reason = reason;
  }
}

/** The peer answered, in messages that are well formed, something that is no answer. */
export class UnexpectedReplyError extends Error {
  override readonly name = 'UnexpectedReplyError';
}
