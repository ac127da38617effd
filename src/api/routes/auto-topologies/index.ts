/**
 * `/v2.0/auto-allocated-topology/PROJECT`: a project's own network, made when it is first asked for
 * (Neutron's `auto-allocated-topology`). So this GET writes, alone among all.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AUTO_ALLOCATED_TOPOLOGY_ATTRIBUTES } from '../../../topology/index.ts';
import type { ApiBackend } from '../../backend.ts';
import { parseFields, type RawQuery } from '../../listing.ts';
import { type Operation, objectOf } from '../../openapi/operation.ts';
import { REVISION_HEADER } from '../call.ts';

interface WithId {
  Params: { id: string };
}

const PATH = '/v2.0/auto-allocated-topology/:id';
const TAG = 'auto_allocated_topologies';

const TOPOLOGY = objectOf(
  Object.fromEntries(
    Object.entries(AUTO_ALLOCATED_TOPOLOGY_ATTRIBUTES).map(([name, { read }]) => [
      name,
      read.schema,
    ]),
  ),
);

const GIVE: Operation = {
  summary: 'Shows the network that was made for a project, and makes it when there is none',
  tag: TAG,
  query: [{ name: 'fields', schema: { type: 'string', enum: ['dry-run'] } }],
  answer: objectOf({ auto_allocated_topology: TOPOLOGY }),
  refusals: [409],
};
const REMOVE: Operation = {
  summary: 'Deletes what was made for a project',
  tag: TAG,
  status: 204,
};

export function registerAutoTopologies(app: FastifyInstance, { autoTopologies }: ApiBackend): void {
  // What only asks for headers makes nothing.
  const get = { exposeHeadRoute: false, config: { operation: GIVE } };
  app.get<WithId>(PATH, get, async (request, reply) => {
    const fields = parseFields(request.query as RawQuery);
    const given = await autoTopologies.give(request.params.id, fields, request.requester);
    void reply.header(REVISION_HEADER, given.revision);
    if (given.isNew) request.createdIds = [String(given.value['id'])];
    return { auto_allocated_topology: given.value };
  });

  const removal = { config: { operation: REMOVE } };
  app.delete<WithId>(PATH, removal, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await autoTopologies.delete(request.params.id, request.requester);
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}
