/** Answers that are held back: for how long, and until who is gone. */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The longest that an answer is held back, in seconds. */
export const WAIT_S_MAX = 60;

/** Gives, for an answer, the signal that its client has gone or that the application ends. */
export function waitSignals(app: FastifyInstance): (reply: FastifyReply) => AbortSignal {
  const waiting = new Set<AbortController>();
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const one of waiting) one.abort();
    done();
  });
  return ({ raw }) => {
    const gone = new AbortController();
    if (isClosing) gone.abort();
    waiting.add(gone);
    raw.once('close', () => {
      waiting.delete(gone);
      // Who has been answered waits for nothing, and an abort is an error with a stack of its own.
      if (!raw.writableFinished) gone.abort();
    });
    return gone.signal;
  };
}
