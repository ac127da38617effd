/** Answers that are held back: for how long, and until who is gone. */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The longest that an answer is held back, in seconds. */
export const WAIT_S_MAX = 60;

/** Gives, for an answer, the signal that its client has gone or that the application ends. */
export function waitSignals(app: FastifyInstance): (reply: FastifyReply) => AbortSignal {
  const closing = new AbortController();
  app.addHook('preClose', (done) => {
    closing.abort();
    done();
  });
  return (reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return AbortSignal.any([gone.signal, closing.signal]);
  };
}
