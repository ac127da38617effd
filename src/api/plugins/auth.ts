/** Gives every request its requester, before anything else looks at it, and bounds their rate. */
import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Requester } from '../backend.ts';
import { HttpError } from '../error-table.ts';
import type { RateLimiter } from '../rate-limiter.ts';

declare module 'fastify' {
  interface FastifyRequest {
    requester: Requester;
  }
  interface FastifyContextConfig {
    /** Whoever asks gets an answer; there is no requester. */
    isPublic?: boolean;
  }
}

export function installAuth(
  app: FastifyInstance,
  authenticator: Authenticator,
  projects?: RateLimiter,
): void {
  app.decorateRequest('requester');
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config?.isPublic === true) return;
    request.requester = await authenticator.authenticate(request.headers);
    const waitS = projects?.take(request.requester.projectId) ?? 0;
    if (waitS > 0) throw tooManyRequests(waitS);
  });
}

/** A refusal that says when to come again. */
export function tooManyRequests(waitS: number): HttpError {
  const message = 'Too many requests; come again later.';
  return new HttpError('HTTPTooManyRequests', message, { retryAfterS: Math.ceil(waitS) });
}
