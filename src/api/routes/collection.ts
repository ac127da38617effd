/**
 * The five calls that every Neutron collection has. A resource's own folder gives its names and
 * its shape; nothing here knows a particular resource.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type TObject, Type } from 'typebox';
import type { Collection, JsonObject } from '../backend.ts';
import { badRequest } from '../error-table.ts';
import {
  cutPage,
  pageLinks,
  parseFields,
  parseListQuery,
  project,
  type RawQuery,
  sortItems,
} from '../listing.ts';

export interface CollectionRoute {
  /** The word of the path and of list bodies: `networks`. */
  readonly plural: string;
  /** The word of single bodies: `network`. */
  readonly singular: string;
  /** The wire form; the compiled serialiser writes these attributes and no others. */
  readonly resource: TObject;
  readonly collection: Collection;
}

/** The revision that a write made, or that a read has seen. */
export const REVISION_HEADER = 'x-heddle-revision';

interface WithId {
  Params: { id: string };
}

/** Adds create, list, show, update and delete of one collection under `/v2.0`. */
export function registerCollection(app: FastifyInstance, route: CollectionRoute): void {
  const { plural, singular, collection } = route;
  const one = Type.Object({ [singular]: route.resource });
  const many = Type.Object({
    [plural]: Type.Array(route.resource),
    [`${plural}_links`]: Type.Optional(
      Type.Array(Type.Object({ rel: Type.String(), href: Type.String() })),
    ),
  });
  const oneOrMany = Type.Partial(
    Type.Object({ [singular]: route.resource, [plural]: Type.Array(route.resource) }),
  );
  const path = `/v2.0/${plural}`;

  app.post(path, { schema: { response: { 201: oneOrMany } } }, async (request, reply) => {
    const { bodies, bulk } = createBodies(request.body, route);
    const { revision, value } = await collection.create(bodies, request.requester);
    void reply.code(201).header(REVISION_HEADER, revision);
    return bulk ? { [plural]: value } : { [singular]: value[0] };
  });

  app.get(path, { schema: { response: { 200: many } } }, (request, reply) =>
    reply.send(listAnswer(request, route)),
  );

  app.get<WithId>(`${path}/:id`, { schema: { response: { 200: one } } }, (request, reply) => {
    const item = collection.show(request.params.id);
    return reply.send({ [singular]: project(item, parseFields(request.query as RawQuery)) });
  });

  app.put<WithId>(`${path}/:id`, { schema: { response: { 200: one } } }, async (request, reply) => {
    const body = memberOf(request.body, singular);
    const { revision, value } = await collection.update(request.params.id, body);
    void reply.header(REVISION_HEADER, revision);
    return { [singular]: value };
  });

  app.delete<WithId>(`${path}/:id`, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await collection.delete(request.params.id);
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}

/** The most resources that one bulk request may create: one commit must stay short. */
const BULK_MAX = 1000;

function createBodies(
  body: unknown,
  { singular, plural }: CollectionRoute,
): { bodies: readonly unknown[]; bulk: boolean } {
  if (!isObject(body)) throw badRequest('Resource body required');
  if (!Object.hasOwn(body, plural)) return { bodies: [memberOf(body, singular)], bulk: false };
  const bodies = body[plural];
  if (!Array.isArray(bodies) || bodies.length === 0) throw badRequest('Resources required');
  if (bodies.length > BULK_MAX) {
    throw badRequest(`A bulk request takes at most ${BULK_MAX} resources, not ${bodies.length}`);
  }
  return { bodies, bulk: true };
}

function memberOf(body: unknown, name: string): unknown {
  if (!isObject(body)) throw badRequest('Resource body required');
  if (!Object.hasOwn(body, name)) throw badRequest(`Unable to find '${name}' in request body`);
  return body[name];
}

function listAnswer(request: FastifyRequest, route: CollectionRoute): JsonObject {
  const { collection, plural, resource } = route;
  const query = parseListQuery(request.query as RawQuery, resource.properties);
  const sorted = sortItems(collection.list(query.filters), query);
  const marker = query.page?.marker === undefined ? undefined : collection.show(query.page.marker);
  const items = cutPage(sorted, query, marker);
  const answer = { [plural]: items.map((item) => project(item, query.fields)) };
  if (query.page === undefined) return answer;
  return { ...answer, [`${plural}_links`]: pageLinks(urlOf(request), items, query.page) };
}

function urlOf(request: FastifyRequest): URL {
  return new URL(request.url, baseUrl(request));
}

/**
 * The address under which the client reached us, for links back; a wild Host header is not used.
 */
export function baseUrl(request: FastifyRequest): string {
  const text = `${request.protocol}://${request.host}`;
  return URL.canParse(text) ? new URL(text).origin : 'http://localhost';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
