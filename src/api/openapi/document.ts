/**
 * The description of the whole API (OpenAPI 3.1.0), made of the routes themselves: none can be left
 * out, and what they say of themselves comes from the tables that serve them.
 */
import { STATUS_CODES } from 'node:http';
import type { JsonObject, Reading } from '../backend.ts';
import { readingSchemas } from './collection.ts';
import {
  ANY_OBJECT,
  COMMON_PARAMETERS,
  type Operation,
  objectOf,
  type Parameter,
} from './operation.ts';

/** A route as it was registered. */
export interface Route {
  readonly method: string;
  /** With `:name` for each parameter. */
  readonly url: string;
  readonly isPublic: boolean;
  readonly operation: Operation | undefined;
}

const DESCRIPTION = [
  'Generated from the tables that serve the API. `/v2.0` is the OpenStack Networking API; `/v1` is',
  "Heddle's own. A token stands in `X-Auth-Token` unless the controller runs with `--auth none`.",
  'Every answer names its request in `X-Openstack-Request-Id`; reads say in `X-Heddle-Revision`',
  'how new they are at least, writes which revision they made.',
].join(' ');

export function openapiDocument(
  routes: readonly Route[],
  readings: readonly Reading[],
): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes.toSorted(byPath)) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationObject(route) };
  }
  const tags = new Set(Object.values(paths).flatMap((path) => Object.values(path).map(tagOf)));
  return {
    openapi: '3.1.0',
    info: { title: 'Heddle', version: '2.0', description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...tags].sort().map((name) => ({ name })),
    paths,
    components: components(readings),
  };
}

function byPath(one: Route, other: Route): number {
  if (one.url !== other.url) return one.url < other.url ? -1 : 1;
  return one.method < other.method ? -1 : 1;
}

function tagOf({ tags }: JsonObject): string {
  return String((tags as readonly string[])[0]);
}

const WRITES = new Set(['POST', 'PUT', 'DELETE']);

function operationObject(route: Route): JsonObject {
  const { method, url, isPublic } = route;
  const operation = route.operation ?? unknownOperation(route);
  const { summary, tag, query = [], body } = operation;
  const headers = [
    ...(isConditional(route) ? ['IfMatch'] : []),
    ...(WRITES.has(method) ? ['PreferWait'] : []),
  ];
  const parameters = [
    ...pathParameters(url),
    ...query.map(queryParameter),
    ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
  return {
    operationId: operationId(route),
    summary: capitalised(summary),
    tags: [tag],
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...success(route, operation), ...refusals(route, operation) },
  };
}

/** `If-Match` is about one resource that is there. */
function isConditional({ method, url }: Route): boolean {
  return url.includes(':id') && (method === 'PUT' || method === 'DELETE');
}

/** A route that says nothing of itself is in the document all the same. */
function unknownOperation({ method, url }: Route): Operation {
  const words = url.split('/').filter((part) => part !== '' && !part.startsWith(':'));
  const body = method === 'POST' || method === 'PUT' ? { body: ANY_OBJECT } : {};
  const tag = words[1] ?? words[0] ?? 'other';
  return { summary: `${method} ${url}`, tag, ...body, answer: ANY_OBJECT };
}

/** `GET /v2.0/networks/:id` is get_v2_0_networks_by_id: no two routes have the same. */
function operationId({ method, url }: Route): string {
  const path = url === '/' ? 'root' : url.replaceAll(':', 'by_').slice(1);
  return `${method.toLowerCase()}_${path.replaceAll(/\W/g, '_')}`;
}

function pathParameters(url: string): JsonObject[] {
  return [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameter(parameter: Parameter): JsonObject {
  if (typeof parameter === 'string') return { $ref: `#/components/parameters/${parameter}` };
  return { name: parameter.name, in: 'query', schema: parameter.schema };
}

function success({ method }: Route, operation: Operation): JsonObject {
  const { status = 200, answer, media = 'application/json' } = operation;
  const revision = { $ref: '#/components/headers/Revision' };
  const request = { $ref: '#/components/headers/RequestId' };
  const waited = WRITES.has(method)
    ? {
        'Preference-Applied': { $ref: '#/components/headers/PreferenceApplied' },
        'X-Heddle-Lagging': { $ref: '#/components/headers/Lagging' },
      }
    : {};
  const headers = { 'X-Openstack-Request-Id': request, 'X-Heddle-Revision': revision, ...waited };
  const description = STATUS_CODES[status] ?? '';
  const content = answer === undefined ? {} : { content: { [media]: { schema: answer } } };
  return { [status]: { description, headers, ...content } };
}

/** The refusals that a route may give, whatever it is. */
function refusals(route: Route, { refusals: more = [] }: Operation): JsonObject {
  const { method, url, isPublic } = route;
  const statuses = [
    400,
    ...(isPublic ? [] : [401, 403]),
    ...(url.includes(':') ? [404] : []),
    ...(WRITES.has(method) ? [409] : []),
    ...(isConditional(route) ? [412] : []),
    ...(method === 'POST' || method === 'PUT' ? [413, 415] : []),
    ...(isPublic ? [] : [429, 503]),
    ...more,
  ];
  const pairs = statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]);
  return Object.fromEntries(pairs) as JsonObject;
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is not understood.',
  401: 'It is not known who asks; `WWW-Authenticate` tells where tokens come from.',
  403: 'Whoever asks may not do that.',
  404: 'There is no such resource, or none that whoever asks may see.',
  409: 'It cannot be had as things are: in use, taken, over quota.',
  410: 'The revision is not kept, or was lost: list, then watch anew.',
  412: 'The resource is not as `If-Match` says.',
  413: 'The body is too large.',
  415: 'The body is no JSON by its content type.',
  429: 'The project asks too often; `Retry-After` tells when to come again.',
  503: 'The store, or Keystone, is away; `Retry-After` tells when to come again.',
};

function components(readings: readonly Reading[]): JsonObject {
  const schemas = Object.assign({}, ...readings.map(readingSchemas)) as JsonObject;
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/NeutronError' } } };
  const responses = Object.entries(REFUSALS).map(([status, description]) => [
    status,
    { description, content },
  ]);
  return {
    securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
    parameters: { ...commonParameters(), ...HEADER_PARAMETERS },
    headers: HEADERS,
    responses: Object.fromEntries(responses) as JsonObject,
    schemas: { ...schemas, NeutronError: NEUTRON_ERROR },
  };
}

function commonParameters(): JsonObject {
  const pairs = Object.entries(COMMON_PARAMETERS).map(([name, more]) => [
    name,
    { name, in: 'query', ...more },
  ]);
  return Object.fromEntries(pairs) as JsonObject;
}

const HEADER_PARAMETERS: JsonObject = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The write goes through only while the resource has this revision.',
    schema: { type: 'string', pattern: '^revision_number=\\d+$' },
  },
  PreferWait: {
    name: 'Prefer',
    in: 'header',
    description: '`wait=SECONDS`: answer when the hosts that it touches have it (RFC 7240).',
    schema: { type: 'string', examples: ['wait=10'] },
  },
};

const HEADERS: JsonObject = {
  RequestId: { description: 'Names the request in logs.', schema: { type: 'string' } },
  Revision: {
    description: 'The revision that the write made, or that the read has seen.',
    schema: { type: 'integer' },
  },
  PreferenceApplied: {
    description: 'That the answer waited, as was preferred.',
    schema: { type: 'string' },
  },
  Lagging: {
    description: 'The hosts that do not have it yet: names for operators, a number for others.',
    schema: { type: 'string' },
  },
};

const NEUTRON_ERROR: JsonObject = objectOf({
  NeutronError: objectOf({
    type: { type: 'string', description: 'Clients may branch on it; docs/errors.md lists them.' },
    message: { type: 'string' },
    detail: { type: 'string' },
  }),
});

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
