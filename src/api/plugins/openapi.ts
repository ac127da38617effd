/** `/openapi.json`: the API's description, made of every route that is registered after this. */
import type { FastifyInstance } from 'fastify';
import type { Reading } from '../backend.ts';
import { openapiDocument, type Route } from '../openapi/document.ts';
import { ANY_OBJECT } from '../openapi/operation.ts';

export function installOpenapi(app: FastifyInstance, readings: readonly Reading[]): void {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    const { isPublic = false, operation } = config ?? {};
    for (const name of [method].flat()) {
      if (name !== 'HEAD') routes.push({ method: name, url, isPublic, operation });
    }
  });
  let text: string | undefined;
  const operation = { summary: 'This document', tag: 'documents', answer: ANY_OBJECT };
  app.get('/openapi.json', { config: { isPublic: true, operation } }, (_request, reply) => {
    text ??= JSON.stringify(openapiDocument(routes, readings));
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
