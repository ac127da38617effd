/**
 * Goal: Nova is asked as its metadata service wants to be asked, and its answer is taken as it is.
 * Method: calls that the test takes; a signature that was made by another program.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import type { HttpCall } from '../../../src/lib/http-client.ts';
import { NovaMetadata } from '../../../src/openstack/index.ts';

const SERVER = {
  id: '11111111-2222-3333-4444-555555555555',
  projectId: 'red',
  address: '10.0.0.3',
};
/** printf %s ID | openssl dgst -sha256 -hmac s3cret */
const SIGNATURE = 'adf65dcc2d61b9858fe49ae73609922ac03080d4fb9b393bd6aa3f6797f4e86f';

function metadata(answer: { status: number; headers: IncomingHttpHeaders; bytes: Buffer }) {
  const calls: HttpCall[] = [];
  const http = {
    send: (call: HttpCall) => {
      calls.push(call);
      return Promise.resolve({ ...answer, body: undefined });
    },
    close: () => {},
  };
  return { calls, it: new NovaMetadata({ http, url: 'http://nova:8775/base', secret: 's3cret' }) };
}

test('who asks is signed for with the shared secret', async () => {
  const bytes = Buffer.from([0, 255]);
  const headers = { 'content-type': 'application/octet-stream' };
  const { it, calls } = metadata({ status: 203, headers, bytes });
  const path = '/openstack/latest/user_data?a=b';
  const answer = await it.ask(SERVER, { method: 'GET', path, body: Buffer.alloc(0) });
  expect(answer).toEqual({ status: 203, type: 'application/octet-stream', body: bytes });
  expect(calls).toEqual([
    {
      method: 'GET',
      url: `http://nova:8775/base${path}`,
      headers: {
        accept: '*/*',
        'x-instance-id': SERVER.id,
        'x-instance-id-signature': SIGNATURE,
        'x-tenant-id': 'red',
        'x-forwarded-for': '10.0.0.3',
      },
    },
  ]);
});

test('a body goes out as it is', async () => {
  const { it, calls } = metadata({ status: 200, headers: {}, bytes: Buffer.alloc(0) });
  const body = Buffer.from('secret');
  const answer = await it.ask(SERVER, {
    method: 'POST',
    path: '/openstack/2013-04-04/password',
    body,
  });
  expect(answer.type).toBe('');
  expect(calls[0]?.body).toBe(body);
});
