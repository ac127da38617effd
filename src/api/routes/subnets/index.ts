/** `/v2.0/subnets`. */
import type { FastifyInstance } from 'fastify';
import type { ApiBackend } from '../../backend.ts';
import { registerCollection } from '../collection.ts';
import { SubnetSchema } from './schema.ts';

export function registerSubnets(app: FastifyInstance, backend: ApiBackend): void {
  registerCollection(app, {
    plural: 'subnets',
    singular: 'subnet',
    resource: SubnetSchema,
    collection: backend.subnets,
  });
}
