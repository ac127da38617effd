/**
 * `Prefer: wait=SECONDS` (RFC 7240 section 4.3) on any write: the answer comes when the commit is
 * realised on every host that it touches, or when the time is over. `Preference-Applied` says that
 * it was waited for, `X-Heddle-Lagging` which hosts do not have it yet: their names for operators,
 * their number for others. Writes that touch no host are answered at once.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operations } from '../backend.ts';
import { REVISION_HEADER } from '../routes/call.ts';
import { WAIT_S_MAX, waitSignals } from '../waiting.ts';

/** Clients take headers of some kilobytes; who lags after so many is told by `/v1/realized`. */
const NAMES_MAX = 50;

export function installPrefer(app: FastifyInstance, operations: Operations): void {
  const untilGone = waitSignals(app);
  app.addHook('onSend', (request, reply, payload, done) => {
    const waitS = preferredWait(request.headers['prefer']);
    const revision = waitS === undefined ? undefined : committedRevision(request, reply);
    if (waitS === undefined || revision === undefined) {
      done(null, payload);
      return;
    }
    operations
      .waitTouched(revision, waitS * 1000, untilGone(reply))
      .then(({ lagging }) => {
        void reply.header('preference-applied', `wait=${waitS}`);
        if (lagging.length === 0) return;
        void reply.header('x-heddle-lagging', shown(lagging, request.requester.isAdmin));
      })
      .then(() => done(null, payload), done);
  });
}

/** The revision that a write made; undefined when it made none. */
function committedRevision({ method }: FastifyRequest, reply: FastifyReply): number | undefined {
  const revision = reply.getHeader(REVISION_HEADER);
  const isWrite = method !== 'GET' && method !== 'HEAD' && reply.statusCode < 300;
  return isWrite && typeof revision === 'number' ? revision : undefined;
}

/** Seconds; preferences that are unknown or make no sense are passed over, as the RFC says. */
export function preferredWait(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const preference of [header].flat().join(',').split(',')) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), WAIT_S_MAX);
  }
  return undefined;
}

function shown(lagging: readonly string[], isAdmin: boolean): string {
  if (!isAdmin) return String(lagging.length);
  const names = lagging.slice(0, NAMES_MAX).join(', ');
  const more = lagging.length - NAMES_MAX;
  return more > 0 ? `${names}, and ${more} more` : names;
}
