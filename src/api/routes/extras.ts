/**
 * What the resources of a collection have besides the five calls: parts that are shown by
 * themselves, and ties to other resources that can be made and cut.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Collection } from '../backend.ts';
import { parseFields, project, type RawQuery } from '../listing.ts';
import { collectionOperations } from '../openapi/collection.ts';
import { callOf, REVISION_HEADER } from './call.ts';
import { memberOf } from './collection.ts';

interface WithId {
  Params: { id: string };
}

interface WithOther {
  Params: { id: string; other: string };
}

export function registerExtras(app: FastifyInstance, collection: Collection): void {
  for (const name of collection.views) registerView(app, collection, name);
  for (const name of Object.keys(collection.links)) registerLink(app, collection, name);
}

function registerView(app: FastifyInstance, collection: Collection, name: string): void {
  const config = { operation: collectionOperations(collection).view(name) };
  app.get<WithId>(`${collection.path}/:id/${name}`, { config }, async (request, reply) => {
    const view = await collection.view(request.params.id, name, callOf(request));
    return reply.send(project(view, parseFields(request.query as RawQuery)));
  });
}

function registerLink(app: FastifyInstance, collection: Collection, name: string): void {
  const path = `${collection.path}/:id/${name}`;
  const singular = collection.links[name] ?? name;
  const { link, unlink } = collectionOperations(collection);
  app.post<WithId>(
    path,
    { config: { operation: link(name, singular) } },
    async (request, reply) => {
      const given = memberOf(request.body, singular);
      const { id } = request.params;
      const { revision, value } = await collection.link(id, name, given, callOf(request));
      void reply.code(201).header(REVISION_HEADER, revision);
      return { [singular]: value };
    },
  );
  const cut = { config: { operation: unlink(name) } };
  app.delete<WithOther>(`${path}/:other`, cut, async (request, reply): Promise<FastifyReply> => {
    const { id, other } = request.params;
    const { revision } = await collection.unlink(id, name, other, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}
