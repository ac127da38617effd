/** What stands between a request and its requester. There is one a mode of `--auth`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Requester } from '../backend.ts';

export interface Authenticator {
  /** Who asks; throws HttpError (401) when that is nobody. */
  authenticate(headers: IncomingHttpHeaders): Requester | Promise<Requester>;
}
