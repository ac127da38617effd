/** Builds the HTTP application: parsers, refusals, routes. Listening is main.ts's. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { ApiBackend } from './backend.ts';
import { installAuth } from './plugins/auth.ts';
import { BODY_BYTES_MAX, installBodyParser } from './plugins/body.ts';
import { installErrors } from './plugins/errors.ts';
import { REVISION_HEADER } from './routes/call.ts';
import { registerCollection, registerReading } from './routes/collection.ts';
import { registerEvents } from './routes/events/index.ts';
import { registerExtensions } from './routes/extensions/index.ts';
import { registerExtras } from './routes/extras.ts';
import { registerOperator } from './routes/operator/index.ts';
import { registerQuotas } from './routes/quotas/index.ts';
import { registerVersions } from './routes/versions/index.ts';

/** The application, ready for `listen` or `inject`. */
export type App = FastifyInstance;

interface AppOptions {
  readonly backend: ApiBackend;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
}

/** Idle connections are kept longer than common clients keep them, so that those close first. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS_MAX = 30_000;

export function buildApp({ backend, clock, log, authenticator }: AppOptions): App {
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 255 },
  });
  app.addHook('preClose', (done) => {
    // Connections that are busy now are closed as soon as they have their answer.
    app.server.keepAliveTimeout = 1;
    done();
  });
  installErrors(app, log);
  installBodyParser(app);
  installAuth(app, authenticator);
  // What a list shows is at least as new as this: `/v1/events` goes on from here.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET') {
      void reply.header(REVISION_HEADER, backend.operations.health().revision);
    }
    done();
  });
  registerVersions(app);
  registerExtensions(app);
  for (const collection of backend.collections) {
    registerCollection(app, collection);
    registerExtras(app, collection);
  }
  for (const reading of backend.readings) registerReading(app, reading);
  registerQuotas(app, backend);
  registerOperator(app, backend);
  registerEvents(app, backend, clock);
  return app;
}
