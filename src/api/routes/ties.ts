/** What items of a reading are tied to, listed from both sides, tied and freed. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject, Tie } from '../backend.ts';
import { badRequest } from '../error-table.ts';
import { listBytes } from '../list-bytes.ts';
import { parseFields, project, type RawQuery } from '../listing.ts';
import { tieOperations } from '../openapi/collection.ts';
import { callOf, REVISION_HEADER } from './call.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

interface WithId {
  Params: { id: string };
}

interface WithOther {
  Params: { id: string; other: string };
}

export function registerTie(app: FastifyInstance, tie: Tie): void {
  const { items, others } = tie;
  const { list, listBack, add, drop } = tieOperations(tie);
  const path = `${items.path}/:id/${tie.name}`;

  app.get<WithId>(path, { config: { operation: list } }, async (request, reply) => {
    const resources = await tie.list(request.params.id, callOf(request));
    return reply.type(JSON_TYPE).send(bytes(others.plural, resources, request));
  });

  const back = { config: { operation: listBack } };
  app.get<WithId>(`${others.path}/:id/${tie.back}`, back, async (request, reply) => {
    const found = await tie.listBack(request.params.id, callOf(request));
    return reply.type(JSON_TYPE).send(bytes(items.plural, found, request));
  });

  app.post<WithId>(path, { config: { operation: add } }, async (request, reply) => {
    const { body } = request;
    if (!isObject(body)) throw badRequest('Resource body required');
    const { revision } = await tie.add(request.params.id, body, callOf(request));
    void reply.code(201).header(REVISION_HEADER, revision);
    // Clients read Neutron's empty answer as JSON.
    return reply.type(JSON_TYPE).send('null');
  });

  const cut = { config: { operation: drop } };
  app.delete<WithOther>(`${path}/:other`, cut, async (request, reply): Promise<FastifyReply> => {
    const { id, other } = request.params;
    const { revision } = await tie.drop(id, other, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}

function bytes(plural: string, items: readonly JsonObject[], request: FastifyRequest): Buffer {
  const fields = parseFields(request.query as RawQuery);
  const shown = items.map((item) => project(item, fields));
  return listBytes(plural, shown, {});
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
