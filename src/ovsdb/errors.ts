/**
 * What can go wrong between us and an OVSDB server.
 *
 * - `OvsdbError` and its classes: the server refused. One row a tag below.
 * - `ConnectionError`: there is no connection (any more), or it has no room.
 * - `DecodeError`: the peer does not speak RFC 7047; its connection is closed for it.
 */
import { isObject, type JsonObject, member } from './json.ts';

/** `<error>` of RFC 7047 3.1, and which of our operations brought it about. */
export interface Refusal {
  /** The tag, as in the table below. */
  readonly error: string;
  readonly details?: string | undefined;
  /** The operation that failed; absent when the request or the commit as a whole did. */
  readonly operation?: JsonObject | undefined;
  /** The position of the operation; the number of operations when the commit failed. */
  readonly index?: number | undefined;
}

/** A refusal by the server. Its class says which; a tag that we do not know has this class. */
export class OvsdbError extends Error {
  override readonly name: string;
  readonly error: string;
  readonly details: string | undefined;
  readonly operation: JsonObject | undefined;
  readonly index: number | undefined;
  /** True when the same request may succeed later without anybody changing anything for it. */
  readonly retriable: boolean;

  constructor(refusal: Refusal) {
    super(describe(refusal));
    this.name = new.target.name;
    this.error = refusal.error;
    this.details = refusal.details;
    this.operation = refusal.operation;
    this.index = refusal.index;
    this.retriable = ERRORS.get(refusal.error)?.retriable ?? false;
  }
}

/** No connection to ask on: it was lost, closed by us, or has too many requests waiting. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

export class DuplicateUuidNameError extends OvsdbError {}
export class DuplicateUuidError extends OvsdbError {}
export class ConstraintViolationError extends OvsdbError {}
export class ReferentialIntegrityError extends OvsdbError {}
export class DomainError extends OvsdbError {}
export class RangeViolationError extends OvsdbError {}
export class TimedOutError extends OvsdbError {}
export class NotSupportedError extends OvsdbError {}
export class AbortedError extends OvsdbError {}
export class NotOwnerError extends OvsdbError {}
export class ResourcesExhaustedError extends OvsdbError {}
export class IoError extends OvsdbError {}
export class CanceledError extends OvsdbError {}
export class UnknownDatabaseError extends OvsdbError {}
export class UnknownMonitorError extends OvsdbError {}
export class UnknownMethodError extends OvsdbError {}
export class UnknownTableError extends OvsdbError {}
export class UnknownColumnError extends OvsdbError {}
export class UnknownFunctionError extends OvsdbError {}
export class UnknownMutatorError extends OvsdbError {}
export class SyntaxViolationError extends OvsdbError {}
export class InvalidParametersError extends OvsdbError {}
export class PermissionError extends OvsdbError {}
export class NotAllowedError extends OvsdbError {}
export class DatabaseNotAvailableError extends OvsdbError {}
export class ClusterError extends OvsdbError {}
export class InternalError extends OvsdbError {}

interface ErrorRow {
  readonly class: typeof OvsdbError;
  readonly retriable: boolean;
}

const PERMANENT = false;
const RETRIABLE = true;

/** Every tag of RFC 7047 and of ovsdb-server, in the server's own spelling. */
const ERRORS: ReadonlyMap<string, ErrorRow> = new Map([
  // RFC 7047, sections 3.1, 4.1 and 5.2.
  row('duplicate uuid-name', DuplicateUuidNameError, PERMANENT),
  row('constraint violation', ConstraintViolationError, PERMANENT),
  row('referential integrity violation', ReferentialIntegrityError, PERMANENT),
  row('domain error', DomainError, PERMANENT),
  row('range error', RangeViolationError, PERMANENT),
  row('timed out', TimedOutError, RETRIABLE),
  row('not supported', NotSupportedError, PERMANENT),
  row('aborted', AbortedError, PERMANENT),
  row('not owner', NotOwnerError, PERMANENT),
  row('resources exhausted', ResourcesExhaustedError, RETRIABLE),
  row('I/O error', IoError, RETRIABLE),
  row('canceled', CanceledError, RETRIABLE),
  row('unknown database', UnknownDatabaseError, PERMANENT),
  row('unknown monitor', UnknownMonitorError, PERMANENT),
  // ovsdb-server(7) and the tags that ovsdb-server uses beyond it.
  row('unknown method', UnknownMethodError, PERMANENT),
  row('unknown table', UnknownTableError, PERMANENT),
  row('unknown column', UnknownColumnError, PERMANENT),
  row('unknown function', UnknownFunctionError, PERMANENT),
  row('unknown mutator', UnknownMutatorError, PERMANENT),
  row('duplicate uuid', DuplicateUuidError, PERMANENT),
  row('syntax error', SyntaxViolationError, PERMANENT),
  row('invalid parameters', InvalidParametersError, PERMANENT),
  row('permission error', PermissionError, PERMANENT),
  row('not allowed', NotAllowedError, PERMANENT),
  row('database not available', DatabaseNotAvailableError, RETRIABLE),
  row('cluster error', ClusterError, RETRIABLE),
  row('internal error', InternalError, PERMANENT),
]);

/** The tags that have a class of their own. */
export const ERROR_TAGS: readonly string[] = [...ERRORS.keys()];

/** Longer words than these are no server's; a log must not repeat megabytes of a peer's. */
const SHOWN_CHARACTERS = 1000;

/** The error of a reply: `<error>`, or a bare string, as ovsdb-server has `unknown method`. */
export function refusalOf(json: unknown, context: Omit<Refusal, 'error' | 'details'>): OvsdbError {
  const tag = isObject(json) ? member(json, 'error') : json;
  const details = isObject(json) ? member(json, 'details') : undefined;
  const refusal: Refusal = {
    ...context,
    error: shorten(typeof tag === 'string' ? tag : JSON.stringify(json)),
    details: typeof details === 'string' ? shorten(details) : undefined,
  };
  const Class = ERRORS.get(refusal.error)?.class ?? OvsdbError;
  return new Class(refusal);
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function row(tag: string, errorClass: typeof OvsdbError, retriable: boolean): [string, ErrorRow] {
  return [tag, { class: errorClass, retriable }];
}

function describe({ error, details, operation, index }: Refusal): string {
  const what = details === undefined ? error : `${error}: ${details}`;
  if (operation !== undefined)
    return `operation ${index} (${JSON.stringify(operation['op'])}): ${what}`;
  return index === undefined ? what : `commit: ${what}`;
}
