/**
 * `node metadata-service.js PORT SECRET`: what Nova's metadata service is to a controller, on
 * loopback inside the controller's namespace. It believes what is signed, and tells what it was
 * asked.
 *
 *     /bytes/N     so many bytes
 *     /slow        nothing, ever
 *     all else     who asks
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const [port = '', secret = ''] = process.argv.slice(2);

createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(Number(port), '127.0.0.1');

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, url: path = '', headers } = request;
  const id = String(headers['x-instance-id']);
  const signature = createHmac('sha256', secret).update(id).digest('hex');
  if (headers['x-instance-id-signature'] !== signature) {
    response.writeHead(403).end();
    return;
  }
  if (path === '/slow') return;
  const [, bytes] = /^\/bytes\/(\d+)$/.exec(path) ?? [];
  if (bytes !== undefined) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end(Buffer.alloc(Number(bytes), 'abcdefghijk'));
    return;
  }
  const said = { method, path, headers, body: Buffer.concat(chunks).toString() };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(said));
}
