/**
 * What the document says of one route. Routes carry it in their `config.operation`; what is the
 * same for all (the path's parameters, headers, refusals) is added by `document.ts`.
 */
import type { JsonObject } from '../backend.ts';

export interface Operation {
  /** A sentence without its full stop. */
  readonly summary: string;
  /** Under which the page shows it. */
  readonly tag: string;
  /** Parameters of the query string. */
  readonly query?: readonly Parameter[];
  /** The schema of the body. */
  readonly body?: JsonObject;
  /** The status of success; 200 when it is not said. */
  readonly status?: number;
  /** The schema of the answer; without one it has no body. */
  readonly answer?: JsonObject;
  /** Statuses of refusals besides those that such a route has anyway. */
  readonly refusals?: readonly number[];
  /** Where that is not JSON. */
  readonly media?: string;
}

/** A parameter of a query string, or the name of one that many routes have. */
export type Parameter = CommonParameter | { readonly name: string; readonly schema: JsonObject };

export type CommonParameter = keyof typeof COMMON_PARAMETERS;

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

const TEXT = { type: 'string' };

/** Parameters of queries that every list has. */
export const COMMON_PARAMETERS = {
  fields: {
    description: 'Only these attributes are shown.',
    schema: { type: 'array', items: TEXT },
  },
  sort_key: { description: 'Sorts by these attributes.', schema: { type: 'array', items: TEXT } },
  sort_dir: {
    description: 'One direction for each `sort_key`.',
    schema: { type: 'array', items: { type: 'string', enum: ['asc', 'desc'] } },
  },
  limit: { description: 'Items on a page.', schema: { type: 'integer', minimum: 0 } },
  marker: { description: 'The id that the page follows.', schema: TEXT },
  page_reverse: {
    description: 'The page precedes the marker.',
    schema: { type: 'boolean', default: false },
  },
} as const satisfies Readonly<Record<string, { description: string; schema: JsonObject }>>;

/** The members of an object that are always there. */
export function objectOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties) };
}

export function listOf(items: JsonObject): JsonObject {
  return { type: 'array', items };
}

/** An object of which nothing more is said. */
export const ANY_OBJECT: JsonObject = { type: 'object', additionalProperties: true };
