/** The token of a request: `X-Auth-Token`, or another header that holds one. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../error-table.ts';

/** Printable ASCII without spaces: what can be sent on in a header. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** Undefined: there is none, or none that could be one. */
export function tokenIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const token = typeof value === 'string' ? value.trim() : '';
  return TOKEN.test(token) ? token : undefined;
}

/** The refusal of a request of which it is not known who sends it. */
export function unauthorized(challenge: string): HttpError {
  const message = 'The request you have made requires authentication.';
  return new HttpError('HTTPUnauthorized', message, { challenge });
}
