/**
 * `/docs`: Swagger UI over `/openapi.json`, to read and to send requests. The page is of
 * `web/docs`, the program of an npm package; nothing comes from elsewhere. Files are read when they
 * are asked for: a controller that nobody reads about does not carry 2 MB of them.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';

const [HTML, SCRIPT, STYLE] = ['text/html', 'text/javascript', 'text/css'];

const FILES = {
  '/docs': [HTML, 'web/docs/index.html', 'This page'],
  '/docs/docs.js': [SCRIPT, 'web/docs/docs.js', 'What the page shows'],
  '/docs/swagger-ui-bundle.js': [SCRIPT, 'swagger-ui-bundle.js', 'Swagger UI'],
  '/docs/swagger-ui.css': [STYLE, 'swagger-ui.css', 'The looks of Swagger UI'],
} as const;

/**
 * Scripts are our own, requests go to us, and nobody may put the page into a frame. Swagger UI sets
 * styles of elements and has its pictures within its own style sheet.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function registerDocs(app: FastifyInstance): void {
  const ours = packageRoot();
  const swagger = createRequire(import.meta.url).resolve('@fastify/swagger-ui/static/index.html');
  for (const [url, [media, name, summary]] of Object.entries(FILES)) {
    const file = name.startsWith('web/')
      ? path.join(ours, name)
      : path.join(path.dirname(swagger), name);
    const answer = { type: 'string' };
    const operation = { summary, tag: 'documents', media, answer };
    app.get(url, { config: { isPublic: true, operation } }, async (_request, reply) => {
      void reply
        .type(`${media}; charset=utf-8`)
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff');
      return await readFile(file);
    });
  }
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
