/**
 * The program `heddle`: settings, signals, and a private Redis, which reads its file while the rest
 * of the program is still being loaded.
 */
import {
  type Config,
  ConfigError,
  describeRedis,
  type Endpoint,
  readConfig,
  usage,
} from './config.ts';
import { createLogger, type Logger } from './lib/log.ts';
import { systemClock as clock } from './lib/system.ts';
import type { StartingRedis, Stop } from './serve.ts';
// Not the folder's index, which loads the client of Redis and the topology.
import { EmbeddedRedis } from './store/embedded.ts';

async function start(config: Config, log: Logger, stops: Stop[]): Promise<void> {
  const [redis, { serve }] = await Promise.all([
    startRedis(config, log, stops),
    import('./serve.ts'),
  ]);
  await serve(config, { redis, log, stops });
}

async function startRedis(config: Config, log: Logger, stops: Stop[]): Promise<StartingRedis> {
  const { redisUrl: url, dataDir } = config;
  if (url !== undefined) {
    const done = Promise.resolve();
    return { address: { url }, serves: done, allowRewrites: () => done };
  }
  const embedded = await EmbeddedRedis.launch({ dataDir, clock, log });
  stops.push(() => embedded.stop());
  return embedded;
}

function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

async function stopAll(stops: Stop[], log: Logger): Promise<void> {
  for (const stop of stops.reverse()) {
    await stop().catch((error: unknown) =>
      log.error('A part did not stop.', { error: String(error) }),
    );
  }
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(usage());
    return;
  }
  const config = readConfig(process.env, argv);
  const log = createLogger(config.logLevel, config.logFile);
  const stops: Stop[] = [];
  try {
    await start(config, log, stops);
  } catch (error) {
    await stopAll(stops, log);
    throw error;
  }
  log.info('Heddle serves.', {
    api: describeEndpoint(config.apiListen),
    ovsdb: describeEndpoint(config.ovsdbListen),
    openflow: describeEndpoint(config.openflowListen),
    redis: describeRedis(config),
  });
  let isEnding = false;
  // Not `once`: a ctrl-C reaches us twice when npm passes it on as well, and must not cut us short.
  const end = (signal: string): void => {
    if (isEnding) return;
    isEnding = true;
    log.info('Heddle stops.', { signal });
    stopAll(stops, log).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

try {
  await main();
} catch (error) {
  const text = error instanceof ConfigError ? error.message : String(error);
  process.stderr.write(`heddle: ${text}\n`);
  process.exit(1);
}
