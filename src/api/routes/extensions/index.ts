/** `/v2.0/extensions`: what this API offers beyond the core resources. */
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../backend.ts';
import { HttpError } from '../../error-table.ts';
import { listOf, type Operation, objectOf } from '../../openapi/operation.ts';
import type { Extension } from './extension.ts';
import { EXTENSIONS } from './table.ts';

interface WithAlias {
  Params: { alias: string };
}

const TEXT = { type: 'string' };
const EXTENSION = objectOf({
  alias: TEXT,
  name: TEXT,
  description: TEXT,
  updated: { type: 'string', format: 'date-time' },
  links: listOf({}),
});
const LIST: Operation = {
  summary: 'Lists the extensions that hold here',
  tag: 'extensions',
  answer: objectOf({ extensions: listOf(EXTENSION) }),
};
const SHOW: Operation = {
  summary: 'Shows an extension',
  tag: 'extensions',
  answer: objectOf({ extension: EXTENSION }),
};

export function registerExtensions(app: FastifyInstance): void {
  app.get('/v2.0/extensions', { config: { operation: LIST } }, () => ({
    extensions: EXTENSIONS.map(wireForm),
  }));
  app.get<WithAlias>('/v2.0/extensions/:alias', { config: { operation: SHOW } }, (request) => {
    const { alias } = request.params;
    const found = EXTENSIONS.find((extension) => extension.alias === alias);
    if (!found) {
      throw new HttpError('ExtensionNotFound', `Extension with alias ${alias} does not exist`);
    }
    return { extension: wireForm(found) };
  });
}

function wireForm(extension: Extension): JsonObject {
  return { ...extension, links: [] };
}
