/**
 * The audit log: one record for each call that changes something and for each that is refused, with
 * who, what, from where and with which result. It holds no body, no query string and no header.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../lib/clock.ts';
import { timestamp } from '../../topology/index.ts';
import type { Requester } from '../backend.ts';

export interface AuditRecord {
  readonly time: string;
  readonly request_id: string;
  /** The name that the client gave its whole operation, when it gave one. */
  readonly global_request_id?: string;
  /** Absent when it is not known who asked. */
  readonly user_id?: string;
  readonly project_id?: string;
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly action: string;
  readonly resource?: string;
  readonly resource_ids: readonly string[];
  readonly status: number;
  /** The type of the refusal. */
  readonly error?: string;
  readonly duration_ms: number;
}

/** Where records go. */
export interface AuditLog {
  write(record: AuditRecord): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the call made, as far as its path does not say it. */
    createdIds: readonly string[] | undefined;
    startedAt: number;
  }
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const REFUSALS = new Set([401, 403, 429]);
/** Node takes longer paths; what is behind this tells nobody anything. */
const PATH_LENGTH_MAX = 512;
const NO_IDS: readonly string[] = [];

export function installAudit(app: FastifyInstance, log: AuditLog, clock: Clock): void {
  app.decorateRequest('createdIds');
  app.decorateRequest('startedAt', 0);
  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAt = clock.now();
    done();
  });
  app.addHook('preSerialization', (request, reply, payload, done) => {
    if (request.method === 'POST' && reply.statusCode < 300) request.createdIds = idsOf(payload);
    done(null, payload);
  });
  // Runs for every answer, whether its client still waits for it or not.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isAudited(request, reply)) log.write(recordOf(request, reply, clock));
    done(null, payload);
  });
}

function isAudited({ method, createdIds }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  if (createdIds !== undefined) return true;
  return !READS.has(method) || REFUSALS.has(statusCode) || statusCode >= 500;
}

function recordOf(request: FastifyRequest, reply: FastifyReply, clock: Clock): AuditRecord {
  const { refusal } = request;
  const globalId = globalIdOf(request);
  return {
    time: timestamp(clock.wallTimeMs()),
    request_id: request.id,
    ...(globalId === undefined ? {} : { global_request_id: globalId }),
    ...whoAsks(request),
    from: request.ip ?? 'unix',
    method: request.method,
    path: request.url.replace(/\?.*$/s, '').slice(0, PATH_LENGTH_MAX),
    ...describe(request),
    status: reply.statusCode,
    ...(refusal === undefined ? {} : { error: refusal }),
    duration_ms: Math.round((clock.now() - request.startedAt) * 10) / 10,
  };
}

function whoAsks(request: FastifyRequest): Pick<AuditRecord, 'user_id' | 'project_id'> {
  const { requester, refusedUser } = request as { requester?: Requester; refusedUser?: string };
  if (requester !== undefined) {
    return { user_id: requester.userId, project_id: requester.projectId };
  }
  return refusedUser === undefined ? {} : { user_id: refusedUser };
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  DELETE: 'delete',
};

/**
 * What a call is about, by the pattern of its route: `PUT …/routers/:id/add_router_interface` is
 * the action `add_router_interface` of the resource `routers`.
 */
function describe(request: FastifyRequest): Pick<AuditRecord, 'action' | 'resource_ids'> {
  const made = request.createdIds !== undefined;
  const verb = made ? 'create' : (VERBS[request.method] ?? request.method.toLowerCase());
  const parts = (request.routeOptions.url ?? '').split('/').filter((part) => part !== '');
  const { id } = (request.params ?? {}) as { readonly id?: string };
  const at = parts.indexOf(':id');
  const resource = at > 0 ? parts[at - 1] : parts.at(-1);
  const below = at > 0 ? parts.slice(at + 1).find((part) => !part.startsWith(':')) : undefined;
  return {
    action: below === undefined ? verb : actionOf(request.method, verb, below),
    ...(resource === undefined ? {} : { resource }),
    resource_ids: id === undefined ? (request.createdIds ?? NO_IDS) : [id],
  };
}

function actionOf(method: string, verb: string, below: string): string {
  return method === 'PUT' && below.includes('_') ? below : `${verb} ${below}`;
}

/** The ids in an answer: of the one object under its only member, or of each in the list there. */
function idsOf(payload: unknown): readonly string[] {
  const members = Object.values((payload ?? {}) as object).flat() as readonly unknown[];
  return members.flatMap((member) => {
    const { id } = (member ?? {}) as { readonly id?: unknown };
    return typeof id === 'string' ? [id] : [];
  });
}

/** `X-Openstack-Request-Id` of a request; anything that does not look like one is not repeated. */
function globalIdOf({ headers }: FastifyRequest): string | undefined {
  const given = headers['x-openstack-request-id'];
  return typeof given === 'string' && /^req-[0-9a-f-]{36}$/.test(given) ? given : undefined;
}
