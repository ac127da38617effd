/**
 * As much of the Identity API v2.0 as oVirt's engine wants of an external network provider: one
 * configured user gets a token, and the address of our API in a catalogue of services. Who may hold
 * the token is decided by `Tickets`, what it may do by the API.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock, Random } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { timestamp } from '../../topology/index.ts';
import { badRequest, HttpError } from '../error-table.ts';
import { type AuditLog, installAudit } from '../plugins/audit.ts';
import { tooManyRequests } from '../plugins/auth.ts';
import { installBodyParser } from '../plugins/body.ts';
import { installRequestIds } from '../plugins/request-id.ts';
import { RateLimiter } from '../rate-limiter.ts';
import { baseUrl } from '../routes/collection.ts';
import type { ShimUser, Ticket, Tickets } from './tickets.ts';

export interface KeystoneV2Options {
  readonly user: ShimUser;
  readonly tickets: Tickets;
  /** Our Networking API, as clients reach it. */
  readonly networkUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly audit?: AuditLog | undefined;
}

/** Requests are some hundred bytes. */
const BODY_BYTES_MAX = 16 * 1024;
/** Wrong passwords from one address: a few at once, then slowly. */
const FAILURES = { perSecond: 0.2, burst: 10 };

export function buildKeystoneV2(options: KeystoneV2Options): FastifyInstance {
  const { clock, random, log, audit } = options;
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    genReqId: () => `req-${random.uuid()}`,
  });
  installRequestIds(app);
  app.decorateRequest('refusal', undefined);
  app.decorateRequest('refusedUser', undefined);
  if (audit !== undefined) installAudit(app, audit, clock);
  installBodyParser(app, BODY_BYTES_MAX);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, { status: 404, message: 'The resource could not be found.' }),
  );
  registerRoutes(app, options);
  return app;
}

function registerRoutes(app: FastifyInstance, options: KeystoneV2Options): void {
  const { user, clock } = options;
  const failures = new RateLimiter(FAILURES, clock);
  const isUser = passwordCheck(user);
  const version = (request: FastifyRequest): object => ({
    id: 'v2.0',
    status: 'CURRENT',
    links: [{ rel: 'self', href: `${baseUrl(request)}/v2.0/` }],
  });
  app.get('/', (request) => ({ versions: { values: [version(request)] } }));
  for (const path of ['/v2.0', '/v2.0/']) {
    app.get(path, (request) => ({ version: version(request) }));
  }
  app.get('/v2.0/tenants', (request) => {
    const token = request.headers['x-auth-token'];
    if (typeof token !== 'string' || !options.tickets.read(token)) throw unauthorized();
    return { tenants: [tenantOf(user)], tenants_links: [] };
  });
  app.post('/v2.0/tokens', (request) => {
    const from = request.ip ?? 'unix';
    const waitS = failures.look(from);
    if (waitS > 0) throw tooManyRequests(waitS);
    const ticket = ticketFor(readAuth(request.body), options, isUser);
    if (ticket === undefined) {
      failures.take(from);
      throw unauthorized();
    }
    return accessOf(ticket, baseUrl(request), options);
  });
}

interface GivenAuth {
  readonly username: string;
  readonly password: string;
  readonly token: string | undefined;
}

/** A new ticket for the right password; a ticket that is shown and still valid for itself. */
function ticketFor(
  { username, password, token }: GivenAuth,
  { tickets }: KeystoneV2Options,
  isUser: (name: string, password: string) => boolean,
): Ticket | undefined {
  if (token !== undefined) return tickets.read(token);
  return isUser(username, password) ? tickets.issue() : undefined;
}

function readAuth(body: unknown): GivenAuth {
  const { auth } = (body ?? {}) as { readonly auth?: Readonly<Record<string, unknown>> };
  const { token } = (auth ?? {}) as { readonly token?: { readonly id?: unknown } };
  if (typeof token?.id === 'string') return { username: '', password: '', token: token.id };
  const given = (auth?.['passwordCredentials'] ?? {}) as Readonly<Record<string, unknown>>;
  const { username, password } = given;
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw badRequest('Expecting to find passwordCredentials in auth.');
  }
  return { username, password, token: undefined };
}

/** Compares digests, always both, so that the time it takes tells nothing. */
function passwordCheck(user: ShimUser): (name: string, password: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const [rightName, rightPassword] = [digest(user.name), digest(user.password)];
  return (name, password) => {
    const isName = timingSafeEqual(digest(name), rightName);
    const isPassword = timingSafeEqual(digest(password), rightPassword);
    return isName && isPassword;
  };
}

function accessOf(
  { text, expiresAtMs }: Ticket,
  identityUrl: string,
  { user, networkUrl, clock }: KeystoneV2Options,
): object {
  return {
    access: {
      token: {
        id: text,
        issued_at: timestamp(clock.wallTimeMs()),
        expires: timestamp(expiresAtMs),
        tenant: tenantOf(user),
      },
      user: {
        id: user.name,
        name: user.name,
        username: user.name,
        roles: [{ name: 'admin' }],
        roles_links: [],
      },
      serviceCatalog: [
        service('network', 'neutron', networkUrl),
        service('identity', 'keystone', `${identityUrl}/v2.0`),
      ],
      metadata: { is_admin: 1, roles: [] },
    },
  };
}

function service(type: string, name: string, url: string): object {
  const endpoint = { region: 'RegionOne', publicURL: url, internalURL: url, adminURL: url };
  return { type, name, endpoints: [{ id: type, ...endpoint }], endpoints_links: [] };
}

function tenantOf({ project }: ShimUser): object {
  return { id: project, name: project, description: '', enabled: true };
}

function unauthorized(): HttpError {
  const message = 'The request you have made requires authentication.';
  return new HttpError('HTTPUnauthorized', message);
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  if (error instanceof HttpError) {
    const { retryAfterS } = error.details;
    if (retryAfterS !== undefined) void reply.header('retry-after', retryAfterS);
    return sendError(request, reply, error);
  }
  const { statusCode: status = 500, message } = error as { statusCode?: number; message: string };
  if (status >= 400 && status < 500) return sendError(request, reply, { status, message });
  log.error('A request to the Keystone v2 shim failed by a mistake of ours.', {
    path: request.routeOptions.url,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return sendError(request, reply, { status: 500, message: 'An unexpected error.' });
}

/** Keystone's form of a refusal. */
function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, message, type = `HTTP${status}` }: { status: number; message: string; type?: string },
): FastifyReply {
  request.refusal = type;
  return reply.code(status).send({ error: { code: status, title: type, message } });
}
