/** `/v1/hosts`, `/v1/realized`, `/v1/health`: the state of the fleet and of this controller. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiBackend, Operations } from '../../backend.ts';
import { badRequest } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import { wholeNumber } from '../../query.ts';
import { HealthSchema, HostSchema, RealizedSchema } from './schema.ts';

/** The longest that `/v1/realized` holds an answer back, in seconds. */
const WAIT_S_MAX = 60;

export function registerOperator(app: FastifyInstance, { operations }: ApiBackend): void {
  const hostList = Type.Object({ hosts: Type.Array(HostSchema) });
  app.get('/v1/hosts', { schema: { response: { 200: hostList } } }, (_request, reply) =>
    reply.send({ hosts: operations.hosts() }),
  );

  app.get('/v1/health', { schema: { response: { '2xx': HealthSchema } } }, (_request, reply) => {
    const { storeReachable, revision } = operations.health();
    const status = storeReachable ? 'ok' : 'store unreachable: reads are served, writes are not';
    return reply.send({ status, store_reachable: storeReachable, revision });
  });

  const closing = new AbortController();
  app.addHook('preClose', (done) => {
    closing.abort();
    done();
  });
  app.get('/v1/realized', { schema: { response: { 200: RealizedSchema } } }, (request, reply) =>
    answerRealized(request, reply, { operations, closing: closing.signal }),
  );
}

interface WaitContext {
  readonly operations: Operations;
  readonly closing: AbortSignal;
}

async function answerRealized(
  request: FastifyRequest,
  reply: FastifyReply,
  { operations, closing }: WaitContext,
): Promise<unknown> {
  const query = request.query as RawQuery;
  const revision = wholeNumber(query, 'revision') ?? operations.health().revision;
  const waitS = wholeNumber(query, 'wait') ?? 0;
  if (waitS > WAIT_S_MAX) throw badRequest(`wait is at most ${WAIT_S_MAX} seconds`);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  const { realized, lagging } = await operations.waitRealized(revision, waitS * 1000, signal);
  return realized ? { revision, realized } : { revision, realized, lagging };
}
