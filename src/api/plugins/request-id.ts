/** Every answer carries the name of its request, as OpenStack's clients show it with refusals. */
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-openstack-request-id';

/** Put first: refusals by other hooks carry it as well. */
export function installRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
