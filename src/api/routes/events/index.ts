/**
 * `GET /v1/events?since=REVISION`: what is committed, as server-sent events (HTML Standard 9.2),
 * one event a revision, whose id it is: `Last-Event-ID` resumes, as browsers do by themselves.
 *
 *     id: 17
 *     data: {"revision": 17, "at": "…", "changes": [{"type": "put", "kind": "port", "port": {…}},
 *            {"type": "delete", "kind": "network", "id": "…"}]}
 *
 * 410 says that the revision is too old, or of a history that was lost: list the resources, and
 * watch from the `x-heddle-revision` of that answer.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../lib/clock.ts';
import type { ApiBackend } from '../../backend.ts';
import { badRequest, HttpError } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import { wholeNumber } from '../../query.ts';
import { EventStream } from './event-stream.ts';

/** Connections; each costs a socket and what its client has not read yet. */
const WATCHERS_MAX = 1_000;

export function registerEvents(app: FastifyInstance, backend: ApiBackend, clock: Clock): void {
  const open = new Set<EventStream>();
  app.addHook('preClose', (done) => {
    for (const stream of open) stream.end();
    done();
  });
  app.get('/v1/events', (request, reply) => {
    if (open.size >= WATCHERS_MAX) {
      throw new HttpError('TooManyWatchers', `${WATCHERS_MAX} clients watch already.`);
    }
    const stream = new EventStream(backend, clock);
    if (!stream.begin(sinceOf(request, backend))) {
      throw new HttpError('RevisionGone', 'So old a revision is not kept: list, then watch anew.');
    }
    open.add(stream);
    stream.body.once('close', () => open.delete(stream));
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(stream.body);
  });
}

/** The revision after which the client wants to know: by default, what comes from now on. */
function sinceOf(request: FastifyRequest, { operations }: ApiBackend): number {
  const { revision } = operations.health();
  const resumed = request.headers['last-event-id'];
  const query: RawQuery = resumed === undefined ? (request.query as RawQuery) : { since: resumed };
  const since = wholeNumber(query, 'since') ?? revision;
  if (since > revision) throw badRequest(`since is beyond the present revision, ${revision}`);
  return since;
}
