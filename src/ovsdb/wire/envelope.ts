/**
 * OVSDB's messages are JSON-RPC 1.0 (RFC 7047 4); jsonrpc-lite knows 2.0. This file stands between.
 *
 * Outbound the member `jsonrpc` must go: ovsdb-server drops a connection over any member that it
 * does not know. Inbound each message carries nulls that 2.0 forbids or reads another way: an error
 * reply (`result: null`) would pass for a success, and a notification (`id: null`) for nothing.
 *
 *   1.0 on the wire                                    2.0 for jsonrpc-lite
 *   {"id":1,"method":"echo","params":[]}               the same
 *   {"id":null,"method":"update","params":[…]}         without id
 *   {"id":1,"result":{…},"error":null}                 without error
 *   {"id":1,"result":null,"error":"unknown method"}    without result; error as its `data`
 */
import {
  ErrorObject,
  JsonRpcError,
  NotificationObject,
  parseObject,
  RequestObject,
  SuccessObject,
} from 'jsonrpc-lite';
import { defined } from '../../lib/assert.ts';
import { DecodeError } from '../decode-error.ts';
import { isObject, type Json, member } from '../json.ts';

export type MessageId = string | number;

export type Envelope =
  | { readonly kind: 'request'; readonly id: MessageId; readonly call: Call }
  | { readonly kind: 'notification'; readonly call: Call }
  | { readonly kind: 'success'; readonly id: MessageId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: MessageId; readonly error: unknown };

/** Its params are always an array (RFC 7047 4.1). */
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** An envelope of ours: what a peer sends is `unknown`, what we send is JSON. */
export type OutboundEnvelope =
  | { readonly kind: 'request'; readonly id: MessageId; readonly call: OutboundCall }
  | { readonly kind: 'notification'; readonly call: OutboundCall }
  | { readonly kind: 'success'; readonly id: MessageId; readonly result: Json }
  | { readonly kind: 'error'; readonly id: MessageId; readonly error: Json };

export interface OutboundCall {
  readonly method: string;
  readonly params: readonly Json[];
}

/** What 1.0 wants to see as null, where 2.0 leaves it out. */
const NULLS = {
  request: {},
  notification: { id: null },
  success: { error: null },
  error: { result: null },
} as const;

/** The JSON text of a message. */
export function encodeEnvelope(envelope: OutboundEnvelope): string {
  const { jsonrpc: _version, ...members } = toMessage(envelope);
  return JSON.stringify({ ...members, ...NULLS[envelope.kind], ...errorMember(envelope) });
}

/** Classifies a message of a peer. Throws DecodeError. */
export function decodeEnvelope(message: unknown): Envelope {
  if (!isObject(message)) throw new DecodeError('a JSON-RPC message', message);
  const { payload } = parseObject(fromVersion1(message));
  if (payload instanceof RequestObject) {
    return { kind: 'request', id: idOf(payload), call: decodeCall(payload.method, message) };
  }
  if (payload instanceof NotificationObject) {
    return { kind: 'notification', call: decodeCall(payload.method, message) };
  }
  if (payload instanceof SuccessObject) {
    return { kind: 'success', id: idOf(payload), result: payload.result };
  }
  if (payload instanceof ErrorObject) {
    return { kind: 'error', id: idOf(payload), error: payload.error.data };
  }
  throw new DecodeError('a JSON-RPC message', message);
}

/**
 * The message as 2.0 has it: no nulls, a version, and an error that jsonrpc-lite recognises as one.
 * The params stay behind: jsonrpc-lite would write them out again only to see that it can.
 */
function fromVersion1(message: Readonly<Record<string, unknown>>): object {
  const method = member(message, 'method') ?? undefined;
  const result = member(message, 'result') ?? undefined;
  const error = member(message, 'error') ?? undefined;
  const id = member(message, 'id') ?? undefined;
  if ([method, result, error].filter((part) => part !== undefined).length !== 1) {
    throw new DecodeError('one of method, result and error in a message', message);
  }
  return {
    jsonrpc: RequestObject.VERSION,
    ...(id === undefined ? {} : { id }),
    ...(method === undefined ? {} : { method }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: new JsonRpcError('OVSDB error', 0, error) }),
  };
}

function toMessage(envelope: OutboundEnvelope): { readonly jsonrpc: string } {
  switch (envelope.kind) {
    case 'request':
      return new RequestObject(envelope.id, envelope.call.method, [...envelope.call.params]);
    case 'notification':
      return new NotificationObject(envelope.call.method, [...envelope.call.params]);
    case 'success':
      return new SuccessObject(envelope.id, envelope.result);
    case 'error':
      return new ErrorObject(envelope.id, new JsonRpcError('OVSDB error', 0));
  }
}

/** An error of 1.0 is any JSON value; 2.0 knows only its own kind of object. */
function errorMember(envelope: OutboundEnvelope): { readonly error?: Json } {
  return envelope.kind === 'error' ? { error: envelope.error } : {};
}

function decodeCall(method: string, message: Readonly<Record<string, unknown>>): Call {
  const params = member(message, 'params');
  if (!Array.isArray(params)) throw new DecodeError(`an array as params of ${method}`, params);
  return { method, params };
}

/** A null was left out above, and without an id jsonrpc-lite sees a notification. */
function idOf({ id }: { readonly id: MessageId | null }): MessageId {
  return defined(id, 'the id of a request or reply');
}
