/**
 * What every route of a collection takes from a request beside its body, and gives beside its
 * answer.
 */
import type { FastifyRequest } from 'fastify';
import type { Call } from '../backend.ts';
import { badRequest } from '../error-table.ts';

/** The revision that a write made, or that a read has seen. */
export const REVISION_HEADER = 'x-heddle-revision';

/** Who makes the call, on what condition, and within what. */
export function callOf(request: FastifyRequest): Call {
  const { parent } = request.params as { readonly parent?: string };
  return {
    requester: request.requester,
    ifRevision: ifMatch(request.headers['if-match']),
    parentId: parent,
  };
}

/** Neutron's form of the header: `revision_number=N`. */
function ifMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [, digits] = /^revision_number=(\d{1,15})$/.exec(header) ?? [];
  if (digits === undefined) throw badRequest(`If-Match takes revision_number=N, not '${header}'`);
  return Number(digits);
}
