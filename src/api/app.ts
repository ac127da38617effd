/** Builds the HTTP application: parsers, refusals, routes. Listening is serve.ts's. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Clock, Random } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { ApiBackend } from './backend.ts';
import { type AuditLog, installAudit } from './plugins/audit.ts';
import { installAuth } from './plugins/auth.ts';
import { BODY_BYTES_MAX, installBodyParser } from './plugins/body.ts';
import { installErrors, refusePath } from './plugins/errors.ts';
import { installOpenapi } from './plugins/openapi.ts';
import { installPrefer } from './plugins/prefer.ts';
import { installRequestIds } from './plugins/request-id.ts';
import { type Rate, RateLimiter } from './rate-limiter.ts';
import { registerAutoTopologies } from './routes/auto-topologies/index.ts';
import { REVISION_HEADER } from './routes/call.ts';
import { registerCollection, registerReading } from './routes/collection.ts';
import { registerDocs } from './routes/docs/index.ts';
import { registerEvents } from './routes/events/index.ts';
import { registerExtensions } from './routes/extensions/index.ts';
import { registerExtras } from './routes/extras.ts';
import { registerOperator } from './routes/operator/index.ts';
import { registerPortBindings } from './routes/port-bindings/index.ts';
import { registerQuotas } from './routes/quotas/index.ts';
import { registerRuleStats } from './routes/rule-stats/index.ts';
import { registerTie } from './routes/ties.ts';
import { registerTopology } from './routes/topology/index.ts';
import { registerTrace } from './routes/trace/index.ts';
import { registerVersions } from './routes/versions/index.ts';

/** The application, ready for `listen` or `inject`. */
export type App = FastifyInstance;

interface AppOptions {
  readonly backend: ApiBackend;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  /** Absent: nothing is recorded. */
  readonly audit?: AuditLog | undefined;
  readonly limits?: Limits;
}

/** What one client may ask for at most; what is absent is not limited. */
export interface Limits {
  /** Items on one page of a list. */
  readonly listMax?: number | undefined;
  /** Requests of each project. */
  readonly projectRate?: Rate | undefined;
}

/** Idle connections are kept longer than common clients keep them, so that those close first. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS_MAX = 30_000;

export function buildApp(options: AppOptions): App {
  const { backend, clock, log, limits = {} } = options;
  const app = createServer(options);
  installRequestIds(app);
  installErrors(app, log);
  // Before the audit, which tells how long a call took.
  installPrefer(app, backend.operations);
  if (options.audit !== undefined) installAudit(app, options.audit, clock);
  installBodyParser(app);
  const { listMax, projectRate } = limits;
  const projects = projectRate && new RateLimiter(projectRate, clock);
  installAuth(app, options.authenticator, projects);
  // What a list shows is at least as new as this: `/v1/events` goes on from here.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET') {
      void reply.header(REVISION_HEADER, backend.operations.health().revision);
    }
    done();
  });
  installOpenapi(app, [...backend.collections, ...backend.readings]);
  registerDocs(app);
  registerVersions(app);
  registerExtensions(app);
  for (const collection of backend.collections) {
    registerCollection(app, collection, listMax);
    registerExtras(app, collection);
  }
  for (const reading of backend.readings) registerReading(app, reading, listMax);
  for (const tie of backend.ties) registerTie(app, tie);
  registerQuotas(app, backend);
  registerAutoTopologies(app, backend);
  registerPortBindings(app, backend);
  registerOperator(app, backend);
  registerTopology(app, backend);
  registerTrace(app, backend);
  registerRuleStats(app, backend);
  registerEvents(app, options);
  return app;
}

function createServer({ random }: AppOptions): FastifyInstance {
  const app = Fastify({
    genReqId: () => `req-${random.uuid()}`,
    frameworkErrors: refusePath,
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
  return app;
}
