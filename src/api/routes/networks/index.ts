/** `/v2.0/networks`. */
import type { FastifyInstance } from 'fastify';
import type { ApiBackend } from '../../backend.ts';
import { registerCollection } from '../collection.ts';
import { NetworkSchema } from './schema.ts';

export function registerNetworks(app: FastifyInstance, backend: ApiBackend): void {
  registerCollection(app, {
    plural: 'networks',
    singular: 'network',
    resource: NetworkSchema,
    collection: backend.networks,
  });
}
