#!/usr/bin/env node
/** The program `heddle`: asks a controller over its REST API, and answers people. */
import { runCli } from './cli/run.ts';
import { createHttpClient } from './lib/http-client.ts';
import { systemClock as clock } from './lib/system.ts';

const HTTP = { timeoutMs: 30_000, answerBytesMax: 16 * 2 ** 20, socketsMax: 1 };

const client = createHttpClient({ clock, ...HTTP });
process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  send: (call) => client.send(call),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  hasColors: process.stdout.isTTY === true && !process.env['NO_COLOR'],
});
client.close();
