/** `transact` (RFC 7047 4.1.3): all operations, or none and the error of the one that failed. */
import { DecodeError } from '../decode-error.ts';
import { type OvsdbError, refusalOf } from '../errors.ts';
import { isObject, member } from '../json.ts';
import type { Operation } from '../operations.ts';
import type { PeerRequest } from '../wire/peer.ts';

/** What a transaction came to. A refusal is no fault of the peer, and therefore not thrown here. */
export type Outcome = { readonly results: readonly unknown[] } | { readonly refusal: OvsdbError };

export function transact(database: string, operations: readonly Operation[]): PeerRequest<Outcome> {
  return {
    method: 'transact',
    params: [database, ...operations.map(({ wire }) => wire)],
    decode: (result) => decodeOutcome(operations, result),
  };
}

/**
 * One element an operation. The first that failed has an error and all after it are null; when
 * only the commit failed there is one element more, with its error. A request that the server
 * could not even read has a bare error for its result.
 */
function decodeOutcome(operations: readonly Operation[], result: unknown): Outcome {
  if (isError(result)) return { refusal: refusalOf(result, {}) };
  const count = operations.length;
  if (!Array.isArray(result) || result.length < count || result.length > count + 1) {
    throw new DecodeError(`the results of ${count} operations`, result);
  }
  const elements: readonly unknown[] = result;
  const index = elements.findIndex(isError);
  if (index >= 0) {
    const context = { operation: operations[index]?.wire, index };
    return { refusal: refusalOf(elements[index], context) };
  }
  if (elements.length > count) throw new DecodeError('the error of a commit', elements[count]);
  return { results: operations.map(({ decode }, at) => decode(object(elements[at]))) };
}

function isError(result: unknown): boolean {
  return isObject(result) && typeof member(result, 'error') === 'string';
}

function object(result: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(result)) throw new DecodeError('the result of an operation', result);
  return result;
}
