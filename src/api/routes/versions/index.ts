/** The version documents that clients discover the API by: `/` and `/v2.0`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../backend.ts';
import { baseUrl } from '../collection.ts';

/** The collections that `/v2.0` names: plural to singular. */
const RESOURCES = {
  networks: 'network',
  subnets: 'subnet',
  ports: 'port',
  routers: 'router',
  floatingips: 'floatingip',
} as const;

export function registerVersions(app: FastifyInstance): void {
  app.get('/', (request) => ({
    versions: [
      {
        id: 'v2.0',
        status: 'CURRENT',
        links: [{ rel: 'self', href: `${baseUrl(request)}/v2.0/` }],
      },
    ],
  }));
  app.get('/v2.0', resourcesAnswer);
  app.get('/v2.0/', resourcesAnswer);
}

function resourcesAnswer(request: FastifyRequest): JsonObject {
  const base = baseUrl(request);
  const resources = Object.entries(RESOURCES).map(([collection, name]) => ({
    name,
    collection,
    links: [{ rel: 'self', href: `${base}/v2.0/${collection}` }],
  }));
  return { resources };
}
