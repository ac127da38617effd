/** The two plain exchanges: one request with one reply, and one with a reply in many parts. */
import type {
  ErrorMessage,
  KnownMultipartReply,
  KnownMultipartRequest,
  Message,
} from '../messages/index.ts';
import { OpenFlowError, UnexpectedReplyError } from './errors.ts';
import type { Exchange } from './exchanges.ts';

/** Requests that have exactly one reply, and its type. */
const REPLY_TYPES = {
  OFPT_ECHO_REQUEST: 'OFPT_ECHO_REPLY',
  OFPT_FEATURES_REQUEST: 'OFPT_FEATURES_REPLY',
  OFPT_GET_CONFIG_REQUEST: 'OFPT_GET_CONFIG_REPLY',
  OFPT_BARRIER_REQUEST: 'OFPT_BARRIER_REPLY',
  OFPT_ROLE_REQUEST: 'OFPT_ROLE_REPLY',
  OFPT_GET_ASYNC_REQUEST: 'OFPT_GET_ASYNC_REPLY',
  OFPT_BUNDLE_CONTROL: 'OFPT_BUNDLE_CONTROL',
} as const;

type RequestType = keyof typeof REPLY_TYPES;

export type Request = Extract<Message, { type: RequestType }>;
export type ReplyOf<R extends Request> = Extract<
  Message,
  { type: (typeof REPLY_TYPES)[R['type']] }
>;
export type PartOf<R extends KnownMultipartRequest> = Extract<
  KnownMultipartReply,
  { type: R['type'] }
>;

/** How an exchange ends; both also take it out of the xid table. */
export interface Outcome<V> {
  readonly resolve: (value: V) => void;
  readonly reject: (error: Error) => void;
}

export function singleExchange<R extends Request>(
  request: R,
  outcome: Outcome<ReplyOf<R>>,
): Exchange {
  const expected = REPLY_TYPES[request.type];
  return {
    name: request.type,
    answer: (message) => {
      if (message.type === expected) outcome.resolve(message as ReplyOf<R>);
      else outcome.reject(unexpected(request.type, message.type));
    },
    refuse: (error, xid) => outcome.reject(new OpenFlowError(error, xid)),
    fail: outcome.reject,
  };
}

/** Collects parts until the last, at most `bytesMax` bytes of them. */
export function multipartExchange<R extends KnownMultipartRequest>(
  request: R,
  bytesMax: number,
  outcome: Outcome<PartOf<R>[]>,
): Exchange {
  const parts: PartOf<R>[] = [];
  let bytes = 0;
  return {
    name: request.type,
    answer: (message, _xid, byteLength) => {
      bytes += byteLength;
      const problem = partProblem(request, message);
      if (problem !== undefined) outcome.reject(unexpected(request.type, problem));
      else if (bytes > bytesMax) outcome.reject(tooLong(request.type, bytesMax));
      else if (message.type === 'OFPT_MULTIPART_REPLY') {
        parts.push(message.body as PartOf<R>);
        if (!message.more) outcome.resolve(parts);
      }
    },
    refuse: (error: ErrorMessage, xid) => outcome.reject(new OpenFlowError(error, xid)),
    fail: outcome.reject,
  };
}

function partProblem(request: KnownMultipartRequest, message: Message): string | undefined {
  if (message.type !== 'OFPT_MULTIPART_REPLY') return message.type;
  return message.body.type === request.type ? undefined : message.body.type;
}

function unexpected(asked: string, got: string): UnexpectedReplyError {
  return new UnexpectedReplyError(`asked with ${asked}, answered with ${got}`);
}

function tooLong(asked: string, bytesMax: number): UnexpectedReplyError {
  return new UnexpectedReplyError(`the reply to ${asked} is longer than ${bytesMax} bytes`);
}
