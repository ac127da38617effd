/** Gives every request its requester, before anything else looks at it. */
import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Requester } from '../backend.ts';

declare module 'fastify' {
  interface FastifyRequest {
    requester: Requester;
  }
}

export function installAuth(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest('requester');
  app.addHook('onRequest', async (request) => {
    request.requester = await authenticator.authenticate(request.headers);
  });
}
