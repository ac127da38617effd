/** Turns everything thrown into a NeutronError body. Never shows a stack, never guesses a cause. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../lib/log.ts';
import { IntentError } from '../../topology/index.ts';
import { HttpError, typeOfStatus } from '../error-table.ts';
import { REQUEST_ID_HEADER } from './request-id.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The type of the refusal that the request got; undefined when it got none. */
    refusal: string | undefined;
    /** Who was refused for lack of any role. */
    refusedUser: string | undefined;
  }
}

interface ErrorBody {
  readonly NeutronError: {
    readonly type: string;
    readonly message: string;
    readonly detail: string;
  };
}

/** What Neutron itself says when the fault is its own. */
const INTERNAL_MESSAGE = 'Request Failed: internal server error while processing your request.';

const RETRY_AFTER_S = 1;

/** Installs the answers to refusals, faults and unknown paths. */
export function installErrors(app: FastifyInstance, log: Logger): void {
  app.decorateRequest('refusal', undefined);
  app.decorateRequest('refusedUser', undefined);
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof IntentError || error instanceof HttpError) {
      if (error instanceof HttpError) addDetails(reply, error);
      return sendError(reply, error.status, body(error.type, error.message));
    }
    const status = clientStatus(error);
    if (status !== undefined) {
      return sendError(reply, status, body(typeOfStatus(status), (error as Error).message));
    }
    log.error('A request failed by a mistake of ours.', {
      method: request.method,
      path: request.routeOptions.url,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return sendError(reply, 500, body('HTTPInternalServerError', INTERNAL_MESSAGE));
  });
  const methods = methodsByPath(app);
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods(request.url);
    if (allowed.length === 0) {
      return sendError(reply, 404, body('HTTPNotFound', 'The resource could not be found.'));
    }
    void reply.header('allow', allowed.join(', '));
    const message = `The method ${request.method} is not allowed for this resource.`;
    return sendError(reply, 405, body('HTTPMethodNotAllowed', message));
  });
}

/** Answers a path that the router itself cannot read. */
export function refusePath(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header(REQUEST_ID_HEADER, request.id);
  const message = 'The path of the request is not understood.';
  void sendError(reply, 400, body('HTTPBadRequest', message));
}

/** The methods that the routes of a path take, for paths of routes that are installed later. */
function methodsByPath(app: FastifyInstance): (url: string) => readonly string[] {
  const routes = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, [...(routes.get(url) ?? []), ...[method].flat()]);
  });
  return (url) => {
    const path = url.replace(/\?.*$/, '').split('/');
    const fits = (part: string, at: number): boolean => part.startsWith(':') || part === path[at];
    const found = [...routes].filter(([route]) => {
      const parts = route.split('/');
      return parts.length === path.length && parts.every(fits);
    });
    return found.flatMap(([, taken]) => taken);
  };
}

/** A refusal that the HTTP layer made before a handler ran carries its own 4xx. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  return statusCode;
}

function body(type: string, message: string): ErrorBody {
  return { NeutronError: { type, message, detail: '' } };
}

function addDetails(reply: FastifyReply, { details }: HttpError): void {
  const { retryAfterS, challenge, userId } = details;
  reply.request.refusedUser = userId;
  if (retryAfterS !== undefined) void reply.header('retry-after', retryAfterS);
  if (challenge !== undefined) void reply.header('www-authenticate', challenge);
}

function sendError(reply: FastifyReply, status: number, content: ErrorBody): FastifyReply {
  reply.request.refusal = content.NeutronError.type;
  if (status === 503 && !reply.hasHeader('retry-after')) {
    void reply.header('retry-after', RETRY_AFTER_S);
  }
  // Serialised here: the schema of the route's success does not describe a refusal.
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(content);
}
