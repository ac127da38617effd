/** `/v1/hosts`, `/v1/realized`, `/v1/health`: the state of the fleet and of this controller. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { intentError } from '../../../topology/index.ts';
import type { ApiBackend, Operations } from '../../backend.ts';
import { badRequest } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import type { Operation, Parameter } from '../../openapi/operation.ts';
import { wholeNumber } from '../../query.ts';
import { WAIT_S_MAX, waitSignals } from '../../waiting.ts';
import { HealthSchema, HostSchema, RealizedSchema } from './schema.ts';

export function registerOperator(app: FastifyInstance, { operations }: ApiBackend): void {
  const hostList = Type.Object({ hosts: Type.Array(HostSchema) });
  const hosts = about('Lists hosts: their state, their revision, what they lag', hostList);
  app.get('/v1/hosts', hosts, ({ requester }, reply) => {
    // Hosts are the operator's; what tenants see of theirs is the status of ports.
    if (!requester.isAdmin) throw intentError('PolicyNotAuthorized', { rules: 'rule:get_host' });
    return reply.send({ hosts: operations.hosts() });
  });

  const { config, schema } = about('Whether the controller can write', HealthSchema);
  const health = { schema, config: { ...config, isPublic: true } };
  app.get('/v1/health', health, (_request, reply) => {
    const { storeReachable, revision } = operations.health();
    const status = storeReachable ? 'ok' : 'store unreachable: reads are served, writes are not';
    return reply.send({ status, store_reachable: storeReachable, revision });
  });

  const untilGone = waitSignals(app);
  const realized = about('Waits until every connected host has a revision', RealizedSchema, [
    { name: 'revision', schema: { type: 'integer', minimum: 0 } },
    { name: 'wait', schema: { type: 'integer', minimum: 0, maximum: WAIT_S_MAX } },
  ]);
  app.get('/v1/realized', realized, (request, reply) =>
    answerRealized(request, operations, untilGone(reply)),
  );
}

/** The options of a route: what the document says of it, and the shape of its answer. */
function about(summary: string, answer: TSchema, query: readonly Parameter[] = []) {
  const operation: Operation = { summary, tag: 'operator', query, answer: { ...answer } };
  return { config: { operation }, schema: { response: { 200: answer } } };
}

async function answerRealized(
  request: FastifyRequest,
  operations: Operations,
  signal: AbortSignal,
): Promise<unknown> {
  const query = request.query as RawQuery;
  const revision = wholeNumber(query, 'revision') ?? operations.health().revision;
  const waitS = wholeNumber(query, 'wait') ?? 0;
  if (waitS > WAIT_S_MAX) throw badRequest(`wait is at most ${WAIT_S_MAX} seconds`);
  const { realized, lagging } = await operations.waitRealized(revision, waitS * 1000, signal);
  if (realized) return { revision, realized };
  return { revision, realized, lagging: request.requester.isAdmin ? lagging : [] };
}
