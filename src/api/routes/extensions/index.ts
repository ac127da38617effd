/** `/v2.0/extensions`: what this API offers beyond the core resources. */
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../backend.ts';
import { HttpError } from '../../error-table.ts';
import { EXTENSIONS, type Extension } from './table.ts';

interface WithAlias {
  Params: { alias: string };
}

export function registerExtensions(app: FastifyInstance): void {
  app.get('/v2.0/extensions', () => ({ extensions: EXTENSIONS.map(wireForm) }));
  app.get<WithAlias>('/v2.0/extensions/:alias', (request) => {
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
