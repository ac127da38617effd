/**
 * What the resources of a collection have besides the five calls: parts that are shown by
 * themselves.
 */
import type { FastifyInstance } from 'fastify';
import type { Collection } from '../backend.ts';
import { parseFields, project, type RawQuery } from '../listing.ts';
import { callOf } from './call.ts';

interface WithId {
  Params: { id: string };
}

export function registerExtras(app: FastifyInstance, collection: Collection): void {
  for (const name of collection.views) registerView(app, collection, name);
}

function registerView(app: FastifyInstance, collection: Collection, name: string): void {
  app.get<WithId>(`${collection.path}/:id/${name}`, async (request, reply) => {
    const view = await collection.view(request.params.id, name, callOf(request));
    return reply.send(project(view, parseFields(request.query as RawQuery)));
  });
}
