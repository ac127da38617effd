/** `/v2.0/ports`. */
import type { FastifyInstance } from 'fastify';
import type { ApiBackend } from '../../backend.ts';
import { registerCollection } from '../collection.ts';
import { PortSchema } from './schema.ts';

export function registerPorts(app: FastifyInstance, backend: ApiBackend): void {
  registerCollection(app, {
    plural: 'ports',
    singular: 'port',
    resource: PortSchema,
    collection: backend.ports,
  });
}
