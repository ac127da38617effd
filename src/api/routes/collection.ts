/**
 * The five calls that every Neutron collection has. A resource's own folder gives its names and
 * its shape; nothing here knows a particular resource.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Collection, JsonObject, Reading } from '../backend.ts';
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
import { callOf, REVISION_HEADER } from './call.ts';
import { registerTags } from './tags.ts';

interface WithId {
  Params: { id: string };
}

/** Adds create, list, show, update and delete of one collection, its actions and its tags. */
export function registerCollection(app: FastifyInstance, collection: Collection): void {
  registerReading(app, collection);
  registerWrites(app, collection);
  if ('tags' in collection.attributes) registerTags(app, collection);
}

/** Adds list and show of what is read. */
export function registerReading(app: FastifyInstance, reading: Reading): void {
  const { path, singular, without } = reading;
  const { one, many } = bodySchemas(reading);
  if (!without.includes('list')) {
    app.get(path, { schema: { response: { 200: many } } }, async (request, reply) =>
      reply.send(await listAnswer(request, reading)),
    );
  }
  if (without.includes('show')) return;
  app.get<WithId>(`${path}/:id`, { schema: { response: { 200: one } } }, async (request, reply) => {
    const item = await reading.show(request.params.id, callOf(request));
    return reply.send({ [singular]: project(item, parseFields(request.query as RawQuery)) });
  });
}

function registerWrites(app: FastifyInstance, collection: Collection): void {
  const { path, plural, singular, without } = collection;
  const { one, oneOrMany } = bodySchemas(collection);
  if (!without.includes('create')) {
    app.post(path, { schema: { response: { 201: oneOrMany } } }, async (request, reply) => {
      const { bodies, bulk } = createBodies(request.body, collection);
      const { revision, value } = await collection.create(bodies, callOf(request));
      void reply.code(201).header(REVISION_HEADER, revision);
      return bulk ? { [plural]: value } : { [singular]: value[0] };
    });
  }

  app.put<WithId>(`${path}/:id`, { schema: { response: { 200: one } } }, async (request, reply) => {
    const body = memberOf(request.body, singular);
    const { revision, value } = await collection.update(request.params.id, body, callOf(request));
    void reply.header(REVISION_HEADER, revision);
    return { [singular]: value };
  });

  app.delete<WithId>(`${path}/:id`, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await collection.delete(request.params.id, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });

  for (const action of collection.actions) {
    app.put<WithId>(`${path}/:id/${action}`, async (request, reply) => {
      const { id } = request.params;
      const { revision, value } = await collection.act(id, action, request.body, callOf(request));
      void reply.header(REVISION_HEADER, revision);
      return value;
    });
  }
}

/** The shapes of answers; the compiled serialisers write these attributes and no others. */
function bodySchemas({ plural, singular, attributes }: Reading) {
  const shown = Object.entries(attributes).filter(([, { input }]) => input !== true);
  const properties = Object.fromEntries(shown.map(([name, { read }]) => [name, read.schema]));
  const resource = { type: 'object', properties };
  const list = { type: 'array', items: resource };
  return {
    one: { type: 'object', properties: { [singular]: resource } },
    many: { type: 'object', properties: { [plural]: list, [`${plural}_links`]: LINKS } },
    oneOrMany: { type: 'object', properties: { [singular]: resource, [plural]: list } },
  };
}

const LINKS = {
  type: 'array',
  items: { type: 'object', properties: { rel: { type: 'string' }, href: { type: 'string' } } },
};

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

async function listAnswer(request: FastifyRequest, collection: Reading): Promise<JsonObject> {
  const { plural, attributes } = collection;
  const call = callOf(request);
  const query = parseListQuery(request.query as RawQuery, attributes);
  const sorted = sortItems(await collection.list(query.filters, call), query);
  const at = query.page?.marker;
  const marker = at === undefined ? undefined : await collection.show(at, call);
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
