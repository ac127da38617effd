/**
 * `/docs`: a page that shows `/openapi.json` and sends requests. It is made of the files of
 * `web/docs`, read from the package's root by the compiled program as well; nothing comes from
 * elsewhere.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';

const FILES = {
  '/docs': ['index.html', 'text/html; charset=utf-8', 'This page'],
  '/docs/docs.js': ['docs.js', 'text/javascript; charset=utf-8', 'The program of the page'],
  '/docs/docs.css': ['docs.css', 'text/css; charset=utf-8', 'The looks of the page'],
} as const;

/** Scripts and styles are our own, requests go to us, and nobody may put the page into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function registerDocs(app: FastifyInstance): void {
  const folder = path.join(packageRoot(), 'web/docs');
  for (const [url, [name, type, summary]] of Object.entries(FILES)) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const [media = type] = type.split(';');
    const answer = { type: 'string' };
    const operation = { summary, tag: 'documents', media, answer };
    app.get(url, { config: { isPublic: true, operation } }, (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .send(text),
    );
  }
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
