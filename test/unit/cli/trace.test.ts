/**
 * Goal: `heddle trace` asks what it was told to, and prints the answer for people and for scripts.
 * Method: answers made by hand; nothing is on the network.
 */
import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import { type HttpCall, HttpFailure } from '../../../src/lib/http-client.ts';

const step = (table: string, text: string, outcome = 'goes on', rule: object | null = null) => ({
  table,
  outcome,
  text,
  rule,
});

const DROPPED = {
  packet: 'tcp 10.0.0.11:49152 → 10.0.0.10:80',
  verdict: 'dropped',
  reason: 'no ingress rule of port web (groups: web) lets tcp 80 in from 10.0.0.11',
  advice: 'openstack security group rule create --ingress … web',
  request: {
    packet: 'tcp 10.0.0.11:49152 → 10.0.0.10:80',
    hops: [
      {
        host: 'h1',
        enters: 'port db',
        leaves: 'tunnel',
        steps: [step('RuleHits', 'egress rule 1 of group db: …', 'goes on', { id: '1' })],
      },
      {
        host: 'h2',
        enters: 'tunnel',
        leaves: null,
        steps: [
          step('IngressRules', 'no ingress rule fits', 'no rule'),
          step('IngressVerdict', 'no rule of the security groups (web) lets it in', 'dropped'),
        ],
      },
    ],
  },
  reply: null,
  switches: [
    { host: 'h1', agrees: true, text: 'its switch holds what it should on this way' },
    { host: 'h2', agrees: null, text: 'its switch cannot be asked: it is lost' },
  ],
};

async function run(
  argv: readonly string[],
  { status = 200, body = DROPPED as object, env = {}, hasColors = false } = {},
) {
  const calls: HttpCall[] = [];
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    env,
    send: async (call) => {
      calls.push(call);
      if (status === 0) throw new HttpFailure('ECONNREFUSED');
      return { status, headers: {}, bytes: Buffer.alloc(0), body };
    },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    hasColors,
  });
  return { code, out, err, calls };
}

test('prints one line a table, what switches hold, the verdict, and what to do', async () => {
  const { code, out } = await run(['trace', 'db', 'web', '--protocol', 'tcp', '--port', '80']);
  expect(code).toBe(1);
  expect(out).toBe(`packet: tcp 10.0.0.11:49152 → 10.0.0.10:80
  host h1, in by port db
    ✓ RuleHits           egress rule 1 of group db: …
  out by tunnel
  host h2, in by tunnel
    – IngressRules       no ingress rule fits
    ✗ IngressVerdict     no rule of the security groups (web) lets it in
  goes no further

host h1: its switch holds what it should on this way
host h2: its switch cannot be asked: it is lost

DROPPED: no ingress rule of port web (groups: web) lets tcp 80 in from 10.0.0.11.
What to do: openstack security group rule create --ingress … web
`);
});

test('asks the controller of the environment, with its token', async () => {
  const env = { HEDDLE_URL: 'https://api.example:9696/', HEDDLE_TOKEN: 'secret' };
  const argv = ['trace', 'a', '::1', '--protocol', 'udp', '--port', '53', '--source-port', '9'];
  const { calls } = await run(argv, { env });
  expect(calls).toEqual([
    {
      method: 'GET',
      url: 'https://api.example:9696/v1/trace?from=a&to=%3A%3A1&protocol=udp&port=53&source_port=9',
      headers: { 'x-auth-token': 'secret' },
    },
  ]);
  expect((await run(['trace', 'a', 'b'])).calls[0]).toMatchObject({
    url: 'http://127.0.0.1:9696/v1/trace?from=a&to=b',
    headers: {},
  });
});

test('is 0 for what is allowed, and colours it only where colours are', async () => {
  const body = { ...DROPPED, verdict: 'allowed', advice: null };
  const plain = await run(['trace', 'a', 'b'], { body });
  expect(plain.code).toBe(0);
  expect(plain.out).not.toContain('\u001b');
  expect((await run(['trace', 'a', 'b'], { body, hasColors: true })).out).toContain(
    '\u001b[32mALLOWED\u001b[0m',
  );
});

test('--json gives the answer as it came', async () => {
  expect(JSON.parse((await run(['trace', 'a', 'b', '--json'])).out)).toEqual(DROPPED);
});

test.each<[string, readonly string[], number, RegExp]>([
  ['no answer', ['trace', 'a', 'b'], 0, /^heddle: ECONNREFUSED\n$/],
  ['a status without words', ['trace', 'a', 'b'], 502, /answered 502/],
  ['an unknown option', ['trace', 'a', 'b', '--hops'], 200, /^heddle: .*--hops/],
  ['too few arguments', ['trace', 'a'], 200, /usage: heddle trace FROM TO/],
  ['another command', ['serve'], 200, /usage: heddle trace FROM TO/],
])('%s is a message and 2', async (_, argv, status, message) => {
  const { code, err } = await run(argv, { status });
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test('a refusal is told in the words of the controller', async () => {
  const body = { NeutronError: { type: 'PortNotFound', message: 'Port a could not be found.' } };
  const { code, err } = await run(['trace', 'a', 'b'], { status: 404, body });
  expect([code, err]).toEqual([2, 'heddle: Port a could not be found.\n']);
});

test('--help tells the options', async () => {
  expect((await run(['--help'])).out).toContain('--protocol');
});
