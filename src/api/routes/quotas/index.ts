/** `/v2.0/quotas`: what each project may have (Neutron's `quotas`, `quota_details`). */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { QUOTAS } from '../../../topology/index.ts';
import type { ApiBackend } from '../../backend.ts';
import { ANY_OBJECT, listOf, type Operation, objectOf } from '../../openapi/operation.ts';
import { REVISION_HEADER } from '../call.ts';
import { memberOf } from '../collection.ts';

interface WithProject {
  Params: { project: string };
}

const PATH = '/v2.0/quotas';

/** Of each kind of resource, by the name of its quota; -1 is no limit. */
const LIMIT = { type: 'integer', minimum: -1 };
const LIMITS = {
  type: 'object',
  properties: Object.fromEntries(Object.keys(QUOTAS).map((name) => [name, LIMIT])),
};
const COUNT = { type: 'integer' };
const DETAIL = objectOf({ limit: COUNT, used: COUNT, reserved: COUNT });
const DETAILS = { type: 'object', additionalProperties: DETAIL };
const QUOTA = objectOf({ quota: LIMITS });

const OPTIONS = {
  list: option('Lists the projects that have limits of their own', {
    answer: objectOf({ quotas: listOf(ANY_OBJECT) }),
  }),
  own: option('The project that asks', { answer: ANY_OBJECT }),
  show: option('Shows the limits of a project', { answer: QUOTA }),
  defaults: option('Shows the limits of projects that have none of their own', { answer: QUOTA }),
  details: option('Shows what a project has of each limit', {
    answer: objectOf({ quota: DETAILS }),
  }),
  update: option('Changes the limits of a project', { body: QUOTA, answer: QUOTA }),
  reset: option('Gives a project the default limits again', { status: 204 }),
};

function option(summary: string, more: Partial<Operation>) {
  return { config: { operation: { summary, tag: 'quotas', ...more } } };
}

export function registerQuotas(app: FastifyInstance, { quotas }: ApiBackend): void {
  app.get(PATH, OPTIONS.list, ({ requester }) => ({ quotas: quotas.list(requester) }));

  // The project that asks, under the old name and the new one.
  app.get(`${PATH}/tenant`, OPTIONS.own, ({ requester }) => ({
    tenant: { tenant_id: requester.projectId },
  }));
  app.get(`${PATH}/project`, OPTIONS.own, ({ requester }) => ({
    project: { project_id: requester.projectId },
  }));

  app.get<WithProject>(`${PATH}/:project`, OPTIONS.show, ({ params, requester }) => ({
    quota: quotas.show(params.project, requester),
  }));
  app.get<WithProject>(`${PATH}/:project/default`, OPTIONS.defaults, ({ params, requester }) => ({
    quota: quotas.defaults(params.project, requester),
  }));
  for (const name of ['details', 'details.json']) {
    app.get<WithProject>(`${PATH}/:project/${name}`, OPTIONS.details, ({ params, requester }) => ({
      quota: quotas.details(params.project, requester),
    }));
  }

  app.put<WithProject>(
    `${PATH}/:project`,
    OPTIONS.update,
    async ({ params, body, requester }, reply) => {
      const given = memberOf(body, 'quota');
      const { revision, value } = await quotas.update(params.project, given, requester);
      void reply.header(REVISION_HEADER, revision);
      return { quota: value };
    },
  );

  app.delete<WithProject>(
    `${PATH}/:project`,
    OPTIONS.reset,
    async ({ params, requester }, reply): Promise<FastifyReply> => {
      const { revision } = await quotas.reset(params.project, requester);
      return reply.code(204).header(REVISION_HEADER, revision).send();
    },
  );
}
