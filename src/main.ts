/**
 * The composition root: the only file that constructs everything, and the program `heddle`.
 * Starts in the order of the ring (Redis, store, fleet, API) and stops in the reverse order.
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openAccess } from './access.ts';
import { type App, buildApp, TokenFileError } from './api/index.ts';
import {
  type Config,
  ConfigError,
  describeRedis,
  type Endpoint,
  readConfig,
  usage,
} from './config.ts';
import { Controller, createNeutron, NO_QUOTAS, QUOTA_DEFAULTS } from './controller/index.ts';
import { Fleet } from './fleet/index.ts';
import { createLogger, type Logger } from './lib/log.ts';
import { systemClock as clock, systemRandom as random } from './lib/system.ts';
import { EmbeddedRedis, type RedisAddress, Store } from './store/index.ts';
import { Topology } from './topology/index.ts';

/** Ends one part of the process; run in the reverse order of the starts. */
type Stop = () => Promise<void>;

async function start(config: Config, log: Logger, stops: Stop[]): Promise<void> {
  const access = await openAccess(config, { clock, random, log, stops });
  const store = await openStore(config, log, stops);
  const topology = new Topology();
  const fleet = new Fleet({
    clock,
    random,
    log,
    ovsdb: { ...config.ovsdbListen, dial: config.dialHosts },
    openflow: { ...config.openflowListen, advertise: config.openflowAdvertise },
    auditIntervalMs: config.auditIntervalMs,
  });
  const controller = new Controller({
    topology,
    store,
    fleet,
    clock,
    log,
    controllerId: config.controllerId,
    leaseMs: config.leaseMs,
    hostLimits: config.hostLimits,
    tellServers: access.nova && ((event) => access.nova?.add(event)),
  });
  await store.subscribe(controller.subscriber());
  stops.push(() => controller.stop());
  await fleet.start(controller.fleetEvents());
  stops.push(() => fleet.stop());

  const { region, controllerId } = config;
  const quotaDefaults = config.auth.mode === 'none' ? NO_QUOTAS : QUOTA_DEFAULTS;
  const neutron = createNeutron({
    topology,
    store,
    clock,
    random,
    quotaDefaults,
    dnsDomain: config.dnsDomain,
    hostLimits: config.hostLimits,
    hosts: () => controller.hosts(),
    self: { region, controllerId, startedAt: clock.wallTimeMs() },
  });
  const { authenticator, audit } = access;
  const { limits } = config;
  const backend = { ...neutron, operations: controller };
  const app = buildApp({ backend, clock, random, log, authenticator, audit, limits });
  await listen(app, config.apiListen);
  stops.push(() => app.close());
  await access.startKeystoneV2();
}

async function openStore(config: Config, log: Logger, stops: Stop[]): Promise<Store> {
  const redis = await redisAddress(config, log, stops);
  const store = await Store.open({ redis, region: config.region, clock, random, log });
  stops.push(() => store.close());
  return store;
}

async function redisAddress(config: Config, log: Logger, stops: Stop[]): Promise<RedisAddress> {
  if (config.redisUrl !== undefined) return { url: config.redisUrl };
  const embedded = await EmbeddedRedis.start({ dataDir: config.dataDir, clock, log });
  stops.push(() => embedded.stop());
  return embedded.address;
}

async function listen(app: App, endpoint: Endpoint): Promise<void> {
  if (endpoint.kind === 'tcp') {
    await app.listen({ host: endpoint.host, port: endpoint.port });
    return;
  }
  await mkdir(dirname(endpoint.path), { recursive: true });
  // A crash leaves its socket file behind, and nobody can listen on the path until it is gone.
  await rm(endpoint.path, { force: true });
  await app.listen({ path: endpoint.path });
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
  const isUsers = error instanceof ConfigError || error instanceof TokenFileError;
  const text = isUsers ? error.message : String(error);
  process.stderr.write(`heddle: ${text}\n`);
  process.exit(1);
}
