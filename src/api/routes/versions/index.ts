/** The version documents that clients discover the API by: `/` and `/v2.0`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../backend.ts';
import { listOf, type Operation, objectOf } from '../../openapi/operation.ts';
import { baseUrl } from '../collection.ts';

/** The collections that `/v2.0` names: plural to singular. */
const RESOURCES = {
  networks: 'network',
  subnets: 'subnet',
  subnetpools: 'subnetpool',
  ports: 'port',
  routers: 'router',
  floatingips: 'floatingip',
} as const;

const LINKS = listOf(objectOf({ rel: { type: 'string' }, href: { type: 'string' } }));
const VERSIONS: Operation = {
  summary: 'The versions of the Networking API',
  tag: 'versions',
  answer: objectOf({
    versions: listOf(
      objectOf({ id: { type: 'string' }, status: { type: 'string' }, links: LINKS }),
    ),
  }),
};
const LIST: Operation = {
  summary: 'The collections of the Networking API',
  tag: 'versions',
  answer: objectOf({
    resources: listOf(
      objectOf({ name: { type: 'string' }, collection: { type: 'string' }, links: LINKS }),
    ),
  }),
};

export function registerVersions(app: FastifyInstance): void {
  // Clients look here for versions before they have a token.
  app.get('/', { config: { isPublic: true, operation: VERSIONS } }, (request) => ({
    versions: [
      {
        id: 'v2.0',
        status: 'CURRENT',
        links: [{ rel: 'self', href: `${baseUrl(request)}/v2.0/` }],
      },
    ],
  }));
  app.get('/v2.0', { config: { operation: LIST } }, resourcesAnswer);
  app.get('/v2.0/', { config: { operation: LIST } }, resourcesAnswer);
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
