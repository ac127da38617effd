/**
 * `…/ID/tags` and `…/ID/tags/TAG` of every resource that has tags (Neutron's `standard-attr-tag`).
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Collection } from '../backend.ts';
import { badRequest } from '../error-table.ts';
import { listOf, type Operation, objectOf } from '../openapi/operation.ts';
import { callOf, REVISION_HEADER } from './call.ts';

interface WithTag {
  Params: { id: string; tag: string };
}

const NO_TAGS: readonly string[] = [];

export function registerTags(app: FastifyInstance, collection: Collection): void {
  // Neutron leaves the prefix of a service out, and clients know both: qos/policies and policies.
  const short = `/v2.0/${collection.path.split('/').at(-1)}`;
  for (const base of new Set([collection.path, short])) {
    registerTagsAt(app, collection, `${base}/:id/tags`);
  }
}

function registerTagsAt(app: FastifyInstance, collection: Collection, path: string): void {
  const { all, replace, clear, has, add, remove } = tagOperations(collection);

  app.get<WithTag>(path, all, async (request) => ({
    tags: tagsOf(await collection.show(request.params.id, callOf(request))),
  }));

  app.put<WithTag>(path, replace, async (request, reply) => {
    const given = tagsOf(request.body);
    const call = callOf(request);
    const { revision, value } = await collection.tag(request.params.id, () => given, call);
    void reply.header(REVISION_HEADER, revision);
    return { tags: value };
  });

  app.delete<WithTag>(path, clear, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await collection.tag(request.params.id, () => NO_TAGS, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });

  app.get<WithTag>(`${path}/:tag`, has, async (request, reply): Promise<FastifyReply> => {
    const { id, tag } = request.params;
    await collection.checkTag(id, tag, callOf(request));
    return reply.code(204).send();
  });

  app.put<WithTag>(`${path}/:tag`, add, async (request, reply): Promise<FastifyReply> => {
    const { id, tag } = request.params;
    const { revision } = await collection.tag(id, (tags) => [...tags, tag], callOf(request));
    return reply.code(201).header(REVISION_HEADER, revision).send();
  });

  app.delete<WithTag>(`${path}/:tag`, remove, async (request, reply): Promise<FastifyReply> => {
    const { id, tag } = request.params;
    const { revision } = await collection.untag(id, tag, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}

/** What the document says of these routes. */
function tagOperations({ singular, plural }: Collection) {
  const of = `of a ${singular.replaceAll('_', ' ')}`;
  const operation = (summary: string, more: Partial<Operation> = {}) => ({
    config: { operation: { tag: plural, summary: `${summary} ${of}`, status: 204, ...more } },
  });
  const tags = objectOf({ tags: listOf({ type: 'string', maxLength: 255 }) });
  return {
    all: operation('Lists the tags', { status: 200, answer: tags }),
    replace: operation('Replaces the tags', { status: 200, body: tags, answer: tags }),
    clear: operation('Takes away all tags'),
    has: operation('Tells whether there is a tag'),
    add: operation('Adds a tag', { status: 201 }),
    remove: operation('Takes away a tag'),
  };
}

/** The member `tags` of a resource or of a body. */
function tagsOf(holder: unknown): readonly string[] {
  const { tags } = (holder ?? {}) as { readonly tags?: readonly string[] };
  if (tags === undefined) throw badRequest("Unable to find 'tags' in request body");
  return tags;
}
