/**
 * What a write costs whoever answers it from Node when Redis has it on disk: a bare program that
 * reads a port's JSON over HTTP, appends a record of that size to a Redis like the controller's
 * own, and answers with one. It checks nothing and keeps nothing.
 *
 * Usage: node dist/bench/api-floor.js FOLDER SOCKET
 */
import { createServer, type IncomingMessage } from 'node:http';
import { Redis } from 'ioredis';
import { nullLogger as log } from '../src/lib/log.ts';
import { systemClock as clock } from '../src/lib/system.ts';
import { EmbeddedRedis } from '../src/store/index.ts';

/** About what the commit of a port writes, and what its answer holds. */
const WRITTEN = 'x'.repeat(1_500);
const ANSWERED = { padding: 'x'.repeat(900) };

const [dataDir = '', socket = ''] = process.argv.slice(2);
const embedded = await EmbeddedRedis.start({ dataDir, clock, log });
const redis = new Redis({ ...embedded.address, protocol: 2, enableAutoPipelining: true });
let ports = 0;

const server = createServer((request, response) => {
  readBody(request)
    .then(async (body) => {
      const { port } = JSON.parse(body) as { port: object };
      ports += 1;
      await redis.xadd('floor', '*', 'put', WRITTEN);
      const text = JSON.stringify({ port: { ...port, ...ANSWERED, id: String(ports) } });
      response.writeHead(201, { 'content-type': 'application/json' }).end(text);
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(socket);

process.on('SIGTERM', () => {
  redis.disconnect();
  server.closeAllConnections();
  server.close(() => {
    void embedded.stop().then(() => process.exit(0));
  });
});

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
