/**
 * `GET /v1/events?since=REVISION`: what is committed, as server-sent events (HTML Standard 9.2),
 * one event a revision, whose id it is: `Last-Event-ID` resumes, as browsers do by themselves.
 *
 *     id: 17
 *     data: {"revision": 17, "at": "…", "changes": [{"type": "put", "kind": "port", "port": {…}},
 *            {"type": "delete", "kind": "network", "id": "…"}]}
 *
 * What logs tell (Neutron's `logging`) comes between, as events of the type `connection` and
 * without an id; those that a client reads too slowly are left out.
 *
 *     event: connection
 *     data: {"time": "…", "verdict": "DROP", "direction": "ingress", "src": "…", "dst": "…", …}
 *
 * 410 says that the revision is too old, or of a history that was lost: list the resources, and
 * watch from the `x-heddle-revision` of that answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../lib/clock.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { ApiBackend, Requester } from '../../backend.ts';
import { HttpError } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import type { Operation } from '../../openapi/operation.ts';
import { wholeNumber } from '../../query.ts';
import { EventStream } from './event-stream.ts';

/** Connections; each costs a socket and what its client has not read yet. */
const WATCHERS_MAX = 1_000;

interface EventOptions {
  readonly backend: ApiBackend;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
}

const EVENTS: Operation = {
  summary: 'Watches every commit from a revision on, as server-sent events',
  tag: 'operator',
  query: [{ name: 'since', schema: { type: 'integer', minimum: 0 } }],
  media: 'text/event-stream',
  answer: { type: 'string' },
  refusals: [410],
};

export function registerEvents(app: FastifyInstance, options: EventOptions): void {
  const { backend, clock, authenticator } = options;
  const open = new Set<EventStream>();
  app.addHook('preClose', (done) => {
    for (const stream of open) stream.end();
    done();
  });
  app.get('/v1/events', { config: { operation: EVENTS } }, async (request, reply) => {
    const since = await sinceOf(request, backend);
    if (open.size >= WATCHERS_MAX) {
      throw new HttpError('TooManyWatchers', `${WATCHERS_MAX} clients watch already.`);
    }
    const { requester, headers } = request;
    const isStillIn = (): Promise<boolean> => mayGoOn(authenticator, headers, requester);
    const stream = new EventStream({ backend, requester, clock, isStillIn });
    if (!stream.begin(since)) {
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

/** Whether whoever sent these headers would be let in now, with the same rights. */
async function mayGoOn(
  authenticator: Authenticator,
  headers: IncomingHttpHeaders,
  { projectId, isAdmin }: Requester,
): Promise<boolean> {
  try {
    const now = await authenticator.authenticate(headers);
    return now.projectId === projectId && now.isAdmin === isAdmin;
  } catch {
    return false;
  }
}

/** The revision after which the client wants to know: by default, what comes from now on. */
async function sinceOf(request: FastifyRequest, backend: ApiBackend): Promise<number> {
  const resumed = request.headers['last-event-id'];
  const query: RawQuery = resumed === undefined ? (request.query as RawQuery) : { since: resumed };
  const present = (): number => backend.operations.health().revision;
  const since = wholeNumber(query, 'since') ?? present();
  // Another controller may have told of it before this one has it.
  if (since > present()) await backend.catchUp();
  if (since <= present()) return since;
  const text = `There is no such revision, the present one is ${present()}: list, then watch anew.`;
  throw new HttpError('RevisionGone', text);
}
