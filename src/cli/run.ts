/** `heddle trace`: from arguments to a call, and from its answer to text and an exit status. */
import { parseArgs } from 'node:util';
import { type HttpAnswer, type HttpCall, HttpFailure } from '../lib/http-client.ts';
import { type Trace, traceText } from './trace-text.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly send: (call: HttpCall) => Promise<HttpAnswer>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly hasColors: boolean;
}

/** Exit statuses; what is dropped is an answer, and scripts tell it from what is allowed. */
const ALLOWED = 0;
const DROPPED = 1;
const FAILED = 2;

/** Options that go into the query as they are, by the name that they have there. */
const QUERY = {
  protocol: 'protocol',
  port: 'port',
  'source-port': 'source_port',
  'icmp-type': 'icmp_type',
  'icmp-code': 'icmp_code',
  ethertype: 'ethertype',
  source: 'source',
} as const;

const OPTIONS = {
  ...(Object.fromEntries(Object.keys(QUERY).map((name) => [name, { type: 'string' }])) as Record<
    keyof typeof QUERY,
    { readonly type: 'string' }
  >),
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const USAGE = `heddle trace FROM TO [options]

What happens to a packet from port FROM (an id) to TO (an id or an address), and to its reply.

  --protocol tcp        icmp (the default), tcp, udp, sctp or a number
  --port 80             destination port; tcp, udp and sctp need it
  --source-port 49152   source port
  --icmp-type 8         and --icmp-code 0: an echo request when they are not said
  --ethertype IPv6      where both ports have IPv4 and IPv6
  --source ADDRESS      an address that is not the sender's own
  --json                the answer as it comes

HEDDLE_URL    where the controller's API is (default: http://127.0.0.1:9696)
HEDDLE_TOKEN  goes out as X-Auth-Token

Exit status: 0 allowed, 1 dropped, 2 no answer.
`;

const URL_DEFAULT = 'http://127.0.0.1:9696';

export async function runCli(argv: readonly string[], io: Surroundings): Promise<number> {
  try {
    return await run(argv, io);
  } catch (error) {
    if (!isExpected(error)) throw error;
    io.err(`heddle: ${error.message}\n`);
    return FAILED;
  }
}

class UsageError extends Error {}

async function run(argv: readonly string[], io: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
  });
  if (values.help === true) {
    io.out(USAGE);
    return ALLOWED;
  }
  const [command, from, to, ...rest] = positionals;
  if (command !== 'trace' || from === undefined || to === undefined || rest.length > 0) {
    throw new UsageError(`usage: heddle trace FROM TO [options] (--help tells them)`);
  }
  const query = new URLSearchParams({ from, to });
  for (const [option, name] of Object.entries(QUERY)) {
    const value = values[option as keyof typeof QUERY];
    if (value !== undefined) query.set(name, value);
  }
  const trace = await fetchTrace(query, io);
  io.out(values.json === true ? `${JSON.stringify(trace, null, 2)}\n` : traceText(trace, io));
  return trace.verdict === 'allowed' ? ALLOWED : DROPPED;
}

async function fetchTrace(query: URLSearchParams, { env, send }: Surroundings): Promise<Trace> {
  const base = (env['HEDDLE_URL'] || URL_DEFAULT).replace(/\/+$/, '');
  const token = env['HEDDLE_TOKEN'];
  const { status, body } = await send({
    method: 'GET',
    url: `${base}/v1/trace?${query.toString()}`,
    headers: token ? { 'x-auth-token': token } : {},
  });
  if (status === 200) return body as Trace;
  const refusal = body as { readonly NeutronError?: { readonly message?: string } } | undefined;
  throw new UsageError(refusal?.NeutronError?.message ?? `${base} answered ${status}`);
}

/** What the caller can put right; anything else is a mistake of ours. */
function isExpected(error: unknown): error is Error {
  if (error instanceof UsageError || error instanceof HttpFailure) return true;
  return error instanceof TypeError && 'code' in error;
}
