/**
 * `/v1/projects/ID/topology`: the whole topology of a project as one document, shown and put.
 */
import type { FastifyInstance } from 'fastify';
import type { ApiBackend } from '../../backend.ts';
import { badRequest } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import type { Operation } from '../../openapi/operation.ts';
import { REVISION_HEADER } from '../call.ts';
import { DOCUMENT_SCHEMA, PLAN_SCHEMA } from './schema.ts';

interface WithProject {
  Params: { project: string };
}

const PATH = '/v1/projects/:project/topology';

const SHOW = option({
  summary: 'Shows all that a project has as one document',
  answer: DOCUMENT_SCHEMA,
});
const PUT = option({
  summary: 'Makes a project have what the document says, in one commit; answers with the plan',
  query: [{ name: 'dry_run', schema: { type: 'boolean', default: false } }],
  body: DOCUMENT_SCHEMA,
  answer: PLAN_SCHEMA,
});

function option(operation: Omit<Operation, 'tag'>) {
  return { config: { operation: { tag: 'topology', ...operation } } };
}

export function registerTopology(app: FastifyInstance, { topologies }: ApiBackend): void {
  app.get<WithProject>(PATH, SHOW, ({ params, requester }) =>
    topologies.show(params.project, requester),
  );

  app.put<WithProject>(PATH, PUT, async ({ params, body, query, requester }, reply) => {
    const isDryRun = readDryRun(query as RawQuery);
    const answer = await topologies.put(params.project, body, { requester, isDryRun });
    if (answer.revision !== null) void reply.header(REVISION_HEADER, answer.revision);
    return answer;
  });
}

function readDryRun(query: RawQuery): boolean {
  const { dry_run: value = 'false' } = query;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw badRequest('dry_run is true or false');
}
