/** `/v1/trace`: what happens to a packet, and to its reply. */
import type { FastifyInstance } from 'fastify';
import type { ApiBackend, TraceQuestion } from '../../backend.ts';
import { badRequest } from '../../error-table.ts';
import type { RawQuery } from '../../listing.ts';
import type { Operation, Parameter } from '../../openapi/operation.ts';
import { wholeNumber } from '../../query.ts';
import { TraceSchema } from './schema.ts';

const TEXT = { type: 'string' };
const PORT = { type: 'integer', minimum: 1, maximum: 0xffff };
const OCTET = { type: 'integer', minimum: 0, maximum: 0xff };

const QUERY: readonly Exclude<Parameter, string>[] = [
  { name: 'from', schema: { ...TEXT, description: 'Id of the port that sends.' } },
  { name: 'to', schema: { ...TEXT, description: 'Id of a port, or an address.' } },
  {
    name: 'protocol',
    schema: { ...TEXT, default: 'icmp', examples: ['tcp', 'udp', 'sctp', 'icmp', '47'] },
  },
  { name: 'port', schema: { ...PORT, description: 'Tcp, udp and sctp need it.' } },
  { name: 'source_port', schema: { ...PORT, default: 49_152 } },
  { name: 'icmp_type', schema: { ...OCTET, description: 'An echo request when it is not said.' } },
  { name: 'icmp_code', schema: { ...OCTET, default: 0 } },
  { name: 'ethertype', schema: { ...TEXT, enum: ['IPv4', 'IPv6'] } },
  { name: 'source', schema: { ...TEXT, description: 'An address that is not the sender’s own.' } },
];

const OPERATION: Operation = {
  summary: 'Tells what happens to a packet from a port and to its reply, and why',
  tag: 'operator',
  query: QUERY,
  answer: { ...TraceSchema },
  refusals: [404],
};

/**
 * A schema of the answer for Fastify would make it slower: what may be null has to be validated
 * before it is written, by code that is made for the first answer, which then takes 60 ms more.
 */
export function registerTrace(app: FastifyInstance, { operations }: ApiBackend): void {
  app.get('/v1/trace', { config: { operation: OPERATION } }, ({ query, requester }) =>
    operations.trace(readQuestion(query as RawQuery), requester),
  );
}

function readQuestion(query: RawQuery): TraceQuestion {
  const unknown = Object.keys(query).filter((key) => !QUERY.some(({ name }) => name === key));
  if (unknown.length > 0) throw badRequest(`a trace takes no parameter ${unknown.join(', ')}`);
  return {
    from: needed(query, 'from'),
    to: needed(query, 'to'),
    protocol: text(query, 'protocol'),
    port: wholeNumber(query, 'port'),
    sourcePort: wholeNumber(query, 'source_port'),
    icmpType: wholeNumber(query, 'icmp_type'),
    icmpCode: wholeNumber(query, 'icmp_code'),
    ethertype: text(query, 'ethertype'),
    source: text(query, 'source'),
  };
}

function needed(query: RawQuery, name: string): string {
  const value = text(query, name);
  if (value === undefined) throw badRequest(`a trace needs ${name}`);
  return value;
}

/** Undefined when the parameter is absent or empty. */
function text(query: RawQuery, name: string): string | undefined {
  const value = query[name] ?? '';
  if (typeof value !== 'string') throw badRequest(`${name} is given once`);
  return value === '' ? undefined : value;
}
