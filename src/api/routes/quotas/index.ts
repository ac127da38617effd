/** `/v2.0/quotas`: what each project may have (Neutron's `quotas`, `quota_details`). */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiBackend } from '../../backend.ts';
import { REVISION_HEADER } from '../call.ts';
import { memberOf } from '../collection.ts';

interface WithProject {
  Params: { project: string };
}

const PATH = '/v2.0/quotas';

export function registerQuotas(app: FastifyInstance, { quotas }: ApiBackend): void {
  app.get(PATH, ({ requester }) => ({ quotas: quotas.list(requester) }));

  // The project that asks, under the old name and the new one.
  app.get(`${PATH}/tenant`, ({ requester }) => ({ tenant: { tenant_id: requester.projectId } }));
  app.get(`${PATH}/project`, ({ requester }) => ({ project: { project_id: requester.projectId } }));

  app.get<WithProject>(`${PATH}/:project`, ({ params, requester }) => ({
    quota: quotas.show(params.project, requester),
  }));
  app.get<WithProject>(`${PATH}/:project/default`, ({ params, requester }) => ({
    quota: quotas.defaults(params.project, requester),
  }));
  for (const name of ['details', 'details.json']) {
    app.get<WithProject>(`${PATH}/:project/${name}`, ({ params, requester }) => ({
      quota: quotas.details(params.project, requester),
    }));
  }

  app.put<WithProject>(`${PATH}/:project`, async ({ params, body, requester }, reply) => {
    const given = memberOf(body, 'quota');
    const { revision, value } = await quotas.update(params.project, given, requester);
    void reply.header(REVISION_HEADER, revision);
    return { quota: value };
  });

  app.delete<WithProject>(
    `${PATH}/:project`,
    async ({ params, requester }, reply): Promise<FastifyReply> => {
      const { revision } = await quotas.reset(params.project, requester);
      return reply.code(204).header(REVISION_HEADER, revision).send();
    },
  );
}
