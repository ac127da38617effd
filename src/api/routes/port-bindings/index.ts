/** `/v2.0/ports/PORT/bindings`: the hosts that a port may be on (Neutron's `binding-extended`). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PORT_BINDING_ATTRIBUTES } from '../../../topology/index.ts';
import type { ApiBackend } from '../../backend.ts';
import { type Operation, objectOf } from '../../openapi/operation.ts';
import { REVISION_HEADER } from '../call.ts';
import { memberOf } from '../collection.ts';

interface WithPort {
  Params: { port: string };
}

interface WithHost {
  Params: { port: string; host: string };
}

const PATH = '/v2.0/ports/:port/bindings';
const TAG = 'ports';
const SCHEMAS = Object.fromEntries(
  Object.entries(PORT_BINDING_ATTRIBUTES).map(([name, { read }]) => [name, read.schema]),
);
const ANSWER = objectOf({ binding: objectOf(SCHEMAS) });

const LIST = about('Lists the bindings of a port to hosts', {
  answer: objectOf({ bindings: { type: 'array', items: objectOf(SCHEMAS) } }),
});
const SHOW = about('Shows the binding of a port to a host', { answer: ANSWER });
const CREATE = about('Binds a port to another host that its server may move to', {
  answer: ANSWER,
  body: ANSWER,
  status: 201,
  refusals: [409],
});
const UPDATE = about('Changes the binding of a port to a host', { answer: ANSWER, body: ANSWER });
const ACTIVATE = about('Makes a binding the active one: the server runs there', {
  answer: ANSWER,
  refusals: [409],
});
const REMOVE = about('Deletes the binding of a port to a host', { status: 204 });

export function registerPortBindings(app: FastifyInstance, { portBindings }: ApiBackend): void {
  app.get<WithPort>(PATH, LIST, async (request) => ({
    bindings: await portBindings.list(callOf(request)),
  }));

  app.get<WithHost>(`${PATH}/:host`, SHOW, async (request) => ({
    binding: await portBindings.show(request.params.host, callOf(request)),
  }));

  app.post<WithPort>(PATH, CREATE, async (request, reply) => {
    const given = memberOf(request.body, 'binding');
    const { revision, value } = await portBindings.create(given, callOf(request));
    void reply.code(201).header(REVISION_HEADER, revision);
    return { binding: value };
  });

  app.put<WithHost>(`${PATH}/:host`, UPDATE, async (request, reply) => {
    const given = memberOf(request.body, 'binding');
    const { host } = request.params;
    const { revision, value } = await portBindings.update(host, given, callOf(request));
    void reply.header(REVISION_HEADER, revision);
    return { binding: value };
  });

  app.put<WithHost>(`${PATH}/:host/activate`, ACTIVATE, async (request, reply) => {
    const { host } = request.params;
    const { revision, value } = await portBindings.activate(host, callOf(request));
    void reply.header(REVISION_HEADER, revision);
    return { binding: value };
  });

  app.delete<WithHost>(`${PATH}/:host`, REMOVE, async (request, reply): Promise<FastifyReply> => {
    const { revision } = await portBindings.delete(request.params.host, callOf(request));
    return reply.code(204).header(REVISION_HEADER, revision).send();
  });
}

function callOf({ params, requester }: FastifyRequest) {
  return { portId: (params as { port: string }).port, requester };
}

function about(summary: string, operation: Omit<Operation, 'summary' | 'tag'>) {
  return { config: { operation: { summary, tag: TAG, refusals: [404], ...operation } } };
}
