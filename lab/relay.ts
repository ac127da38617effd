/**
 * `node relay.js PORT SOCKET [ADDRESS]`: a TCP door, on loopback or that address, to a controller's
 * unix socket, inside the controller's namespace, for clients that speak TCP alone.
 */
import { connect, createServer, type Socket } from 'node:net';

const [port = '', path = '', address = '127.0.0.1'] = process.argv.slice(2);

createServer((client) => {
  const server = connect(path);
  const end = (): void => {
    for (const socket of [client, server] satisfies Socket[]) socket.destroy();
  };
  client.on('error', end).on('close', end).pipe(server);
  server.on('error', end).on('close', end).pipe(client);
}).listen(Number(port), address);
