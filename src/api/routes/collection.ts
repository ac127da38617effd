/**
 * The five calls that every Neutron collection has. A resource's own folder gives its names and
 * its shape; nothing here knows a particular resource.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonText } from '../../lib/json-text.ts';
import type { Collection, JsonObject, Reading } from '../backend.ts';
import { badRequest } from '../error-table.ts';
import { listBytes } from '../list-bytes.ts';
import {
  cutPage,
  pageLinks,
  parseFields,
  parseListQuery,
  project,
  type RawQuery,
  sortItems,
} from '../listing.ts';
import { collectionOperations, readingOperations } from '../openapi/collection.ts';
import { callOf, REVISION_HEADER } from './call.ts';
import { registerTags } from './tags.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

interface WithId {
  Params: { id: string };
}

/** Adds create, list, show, update and delete of one collection, its actions and its tags. */
export function registerCollection(
  app: FastifyInstance,
  collection: Collection,
  listMax?: number,
): void {
  registerReading(app, collection, listMax);
  registerWrites(app, collection);
  if ('tags' in collection.attributes) registerTags(app, collection);
}

/** Adds list and show of what is read. */
export function registerReading(app: FastifyInstance, reading: Reading, listMax?: number): void {
  const { path, singular, without } = reading;
  const { list, show } = readingOperations(reading);
  if (!without.includes('list')) {
    app.get(path, { config: { operation: list } }, async (request, reply) =>
      reply.type(JSON_TYPE).send(await listAnswer(request, reading, listMax)),
    );
  }
  if (without.includes('show')) return;
  app.get<WithId>(`${path}/:id`, { config: { operation: show } }, async (request, reply) => {
    const item = await reading.show(request.params.id, callOf(request));
    const shown = project(item, parseFields(request.query as RawQuery));
    return reply.type(JSON_TYPE).send(jsonText({ [singular]: shown }));
  });
}

function registerWrites(app: FastifyInstance, collection: Collection): void {
  const { path, plural, singular, without } = collection;
  const { create, update, remove, act } = collectionOperations(collection);
  if (!without.includes('create')) {
    app.post(path, { config: { operation: create } }, async (request, reply) => {
      const { bodies, bulk } = createBodies(request.body, collection);
      const { revision, value } = await collection.create(bodies, callOf(request));
      void reply.code(201).header(REVISION_HEADER, revision);
      return bulk ? { [plural]: value } : { [singular]: value[0] };
    });
  }

  app.put<WithId>(`${path}/:id`, { config: { operation: update } }, async (request, reply) => {
    const body = memberOf(request.body, singular);
    const { revision, value } = await collection.update(request.params.id, body, callOf(request));
    void reply.header(REVISION_HEADER, revision);
    return { [singular]: value };
  });

  const removal = { config: { operation: remove } };
  app.delete<WithId>(`${path}/:id`, removal, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await collection.delete(request.params.id, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });

  for (const action of collection.actions) {
    const options = { config: { operation: act(action) } };
    app.put<WithId>(`${path}/:id/${action}`, options, async (request, reply) => {
      const { id } = request.params;
      const { revision, value } = await collection.act(id, action, request.body, callOf(request));
      void reply.header(REVISION_HEADER, revision);
      return value;
    });
  }
}

/** The most resources that one bulk request may create: one commit must stay short. */
const BULK_MAX = 1000;

function createBodies(
  body: unknown,
  { singular, plural }: Collection,
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

/** The object under the one name that a body has. */
export function memberOf(body: unknown, name: string): object {
  if (!isObject(body)) throw badRequest('Resource body required');
  if (!Object.hasOwn(body, name)) throw badRequest(`Unable to find '${name}' in request body`);
  const member = body[name];
  if (!isObject(member)) throw badRequest('Body contains invalid data');
  return member;
}

async function listAnswer(
  request: FastifyRequest,
  collection: Reading,
  listMax?: number,
): Promise<Buffer> {
  const { plural, attributes } = collection;
  const call = callOf(request);
  const query = parseListQuery(request.query as RawQuery, attributes, listMax);
  const sorted = sortItems(await collection.list(query.filters, call), query);
  const at = query.page?.marker;
  const marker = at === undefined ? undefined : await collection.show(at, call);
  const items = cutPage(sorted, query, marker);
  const shown = items.map((item) => project(item, query.fields));
  if (query.page === undefined) return listBytes(plural, shown, {});
  const links = pageLinks(urlOf(request), items, query.page);
  return listBytes(plural, shown, { [`${plural}_links`]: links });
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
