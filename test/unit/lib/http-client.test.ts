/**
 * Goal: a call to another service ends in time, whatever that service does.
 * Method: real connections to a small server that misbehaves.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpClient, type HttpClient, HttpFailure } from '../../../src/lib/http-client.ts';
import { systemClock } from '../../../src/lib/system.ts';
import { type Given, HttpServer } from '../../support/http-server.ts';

let server: HttpServer;
let client: HttpClient;
let given: Given | undefined;

beforeEach(async () => {
  given = { status: 200, body: { good: true } };
  server = await new HttpServer(() => given).start();
  client = createHttpClient({
    clock: systemClock,
    timeoutMs: 300,
    answerBytesMax: 1000,
    socketsMax: 1,
  });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const get = () => client.send({ method: 'GET', url: `${server.url}/x?y=1` });

test('a call goes out with its headers and body, and its answer comes back parsed', async () => {
  const url = `${server.url}/a/b?c=d`;
  const answer = await client.send({
    method: 'POST',
    url,
    headers: { 'x-a': '1' },
    body: { b: 2 },
  });
  expect([answer.status, answer.body]).toEqual([200, { good: true }]);
  const [received] = server.received;
  expect(received).toMatchObject({ method: 'POST', path: '/a/b', body: { b: 2 } });
  expect(received?.headers).toMatchObject({ 'x-a': '1', 'content-type': 'application/json' });
});

test('bytes go out as they are', async () => {
  const body = Buffer.from('{"raw":1}');
  const answer = await client.send({ method: 'PUT', url: `${server.url}/x`, body });
  expect(answer.bytes.toString()).toBe('{"good":true}');
  const [received] = server.received;
  expect(received).toMatchObject({ method: 'PUT', body: { raw: 1 } });
  expect(received?.headers['content-type']).toBeUndefined();
});

test.each([400, 404, 500, 302])('the status %i is an answer, and not followed', async (status) => {
  given = { status, headers: { location: '/elsewhere' }, body: 'text' };
  expect(await get()).toMatchObject({ status, body: undefined });
  expect(server.received).toHaveLength(1);
});

test.each([
  ['never answers', undefined, 'no answer in 300 ms'],
  ['says too much', { status: 200, body: 'x'.repeat(5000) }, 'longer than 1000 bytes'],
  ['stops half-way', { status: 200, headers: { 'content-length': '99' }, body: '{' }, 'no answer'],
])('a service that %s is a failure, and the next call works', async (_, bad, words) => {
  given = bad;
  const failure = await get().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(HttpFailure);
  expect(String(failure)).toContain(words);
  given = { status: 200, body: { good: true } };
  expect((await get()).body).toEqual({ good: true });
});

test('a service that is not there is a failure', async () => {
  await server.stop();
  await expect(get()).rejects.toThrow('ECONNREFUSED');
  await server.start();
  expect((await get()).status).toBe(200);
});

test('a kept connection that the service closes costs no call', async () => {
  for (let times = 0; times < 20; times += 1) {
    expect((await get()).status).toBe(200);
    server.hangUp();
  }
});
