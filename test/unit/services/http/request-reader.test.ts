/**
 * Goal: a request is understood in one way only, in however many pieces it comes, or refused; no
 * request is held that is larger than its bounds.
 * Method: requests as text, cut at random; hostile ones.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestReader } from '../../../../src/services/http/request-reader.ts';
import { plainResponse, responseBytes } from '../../../../src/services/http/response.ts';

function read(text: string) {
  const result = new RequestReader().push(Buffer.from(text, 'latin1'));
  return typeof result === 'object' ? { ...result, body: result.body.toString() } : result;
}

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;

test('a request without a body is what its first line says', () => {
  expect(read(lines('GET /latest/meta-data/?a=b%20c HTTP/1.1', 'Host: x', 'X: '))).toEqual({
    method: 'GET',
    path: '/latest/meta-data/?a=b%20c',
    body: '',
  });
  expect(read(lines('HEAD http://169.254.169.254/x HTTP/1.0'))).toMatchObject({ path: '/x' });
});

test('a request may come in any pieces, and what follows it is not looked at', () => {
  const text = `${lines('POST /password HTTP/1.1', 'content-length:  5 ')}helloGET / HTTP/1.1`;
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      const reader = new RequestReader();
      const edges = [0, ...cuts.toSorted((one, other) => one - other), text.length];
      const results = edges
        .slice(1)
        .map((end, at) => reader.push(Buffer.from(text.slice(edges[at], end))));
      const request = results.find((result) => result !== undefined);
      expect(request).toEqual({ method: 'POST', path: '/password', body: Buffer.from('hello') });
    }),
  );
});

test.each([
  ['/a/../../b', '/b'],
  ['/%2e%2e/%2E%2e/b', '/b'],
  ['//other/x', '//other/x'],
  ['/x#fragment', '/x'],
  ['/@other', '/@other'],
  ['/\\..\\b', '/b'],
])('the path %s leads no further up, and to nobody else', (target, path) => {
  expect(read(lines(`GET ${target} HTTP/1.1`))).toMatchObject({ path });
});

test.each([
  [400, lines('GET /')],
  [400, lines('GET  / HTTP/1.1')],
  [400, lines('GET x HTTP/1.1')],
  [400, lines('GET /\u00e9 HTTP/1.1')],
  [400, lines('GET /\tx HTTP/1.1')],
  [400, lines('GET / HTTP/1.1', 'no colon')],
  [400, lines('GET / HTTP/1.1', 'Content-Length : 5')],
  [400, lines('GET / HTTP/1.1', 'X: y', ' folded')],
  [400, lines('GET / HTTP/1.1', 'Content-Length: 5', 'content-length: 6')],
  [400, lines('GET / HTTP/1.1', 'Content-Length: +5')],
  [400, lines('GET / HTTP/1.1', 'Content-Length: 5, 5')],
  [405, lines('CONNECT x:80 HTTP/1.1')],
  [405, lines('get / HTTP/1.1')],
  [411, lines('POST / HTTP/1.1', 'Transfer-Encoding: chunked')],
  [413, lines('POST / HTTP/1.1', 'Content-Length: 65537')],
  [505, lines('GET / HTTP/2.0')],
])('%i for %j', (status, text) => {
  expect(read(text)).toBe(status);
});

test('a head without end is refused before it is too large', () => {
  const reader = new RequestReader();
  const results = Array.from({ length: 20 }, () => reader.push(Buffer.alloc(1_000, 'a')));
  expect(results.indexOf(431)).toBe(16);
});

test('no bytes make it fail', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      new RequestReader().push(Buffer.from(bytes));
      new RequestReader().push(Buffer.concat([Buffer.from('GET / HTTP/1.1\r\n'), bytes]));
    }),
    { numRuns: 1000 },
  );
});

test('a response says how long it is, and that it is the last', () => {
  const response = plainResponse(404, 'None here.');
  const head =
    'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n' +
    'Content-Length: 11\r\nConnection: close\r\n\r\n';
  expect(responseBytes(response).toString()).toBe(`${head}None here.\n`);
  expect(responseBytes(response, 'HEAD').toString()).toBe(head);
});
