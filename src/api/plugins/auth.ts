/** Who asks: the `none` mode believes the header, and has a project for those who send none. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Requester } from '../backend.ts';
import { badRequest } from '../error-table.ts';

declare module 'fastify' {
  interface FastifyRequest {
    requester: Requester;
  }
}

const DEFAULT_PROJECT = 'default';
const PROJECT_PATTERN = /^[\w.:-]{1,255}$/;

/** Whoever reaches us may do everything. */
const ADMIN = { userId: 'none', isAdmin: true } as const;

const DEFAULT_REQUESTER: Requester = { ...ADMIN, projectId: DEFAULT_PROJECT };

/** Gives every request its `requester`, from `X-Project-Id` where that is sent. */
export function installAuthNone(app: FastifyInstance): void {
  app.decorateRequest('requester');
  app.addHook('onRequest', (request, _reply, done) => {
    request.requester = requesterOf(request);
    done();
  });
}

function requesterOf(request: FastifyRequest): Requester {
  const projectId = request.headers['x-project-id'];
  if (projectId === undefined || projectId === '') return DEFAULT_REQUESTER;
  if (typeof projectId !== 'string' || !PROJECT_PATTERN.test(projectId)) {
    throw badRequest("X-Project-Id is not a project's id");
  }
  return { ...ADMIN, projectId };
}
