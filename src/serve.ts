/**
 * The composition root: the only file that constructs everything. Starts in the order of the ring
 * (store, fleet, API); what is started is stopped in the reverse order.
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openAccess } from './access.ts';
import { type App, buildApp, TokenFileError } from './api/index.ts';
import { type Config, ConfigError, type Endpoint } from './config.ts';
import {
  Controller,
  createNeutron,
  NO_QUOTAS,
  QUOTA_DEFAULTS,
  RuleStats,
} from './controller/index.ts';
import { Fleet } from './fleet/index.ts';
import { openJsonLines } from './lib/json-lines.ts';
import { keyedHash } from './lib/keyed-hash.ts';
import type { Logger } from './lib/log.ts';
import { systemClock as clock, systemRandom as random } from './lib/system.ts';
import { type RedisAddress, Store } from './store/index.ts';
import { Topology } from './topology/index.ts';

/** Ends one part of the process; run in the reverse order of the starts. */
export type Stop = () => Promise<void>;

/** A Redis that may still be reading what it holds. */
export interface StartingRedis {
  readonly address: RedisAddress;
  /** Resolves when it answers. */
  readonly serves: Promise<void>;
  /** Called when what it holds was read: now it may do what takes long. */
  readonly allowRewrites: () => Promise<void>;
}

export interface Surroundings {
  readonly redis: StartingRedis;
  readonly log: Logger;
  readonly stops: Stop[];
}

/**
 * Resolves when the API is served. All that needs no Redis is built before it is waited for.
 * @throws ConfigError
 */
export async function serve(config: Config, { redis, log, stops }: Surroundings): Promise<void> {
  const access = await openAccess(config, { clock, random, log, stops }).catch(asConfigError);
  const { region, controllerId, limits } = config;
  const store = new Store({ redis: redis.address, region, clock, random, log });
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
    controllerId,
    leaseMs: config.leaseMs,
    dnsDomain: config.dnsDomain,
    hostLimits: config.hostLimits,
    compilerSettings: { storm: config.stormControl, snooping: config.multicast !== undefined },
    multicast: config.multicast,
    macAgeMs: config.macAgeMs,
    writeConnection: openNetworkLog(config, log, stops),
    hash: keyedHash(`${random.uuid()} ${random.uuid()}`),
    metadata: access.metadata,
    tellServers: access.nova && ((event) => access.nova?.add(event)),
  });
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
    foreseen: (port) => controller.foreseen(port),
    self: { region, controllerId, startedAt: clock.wallTimeMs() },
  });
  const { authenticator, audit } = access;
  const ruleStats = new RuleStats({ topology, store, clock, keeper: controller.hits });
  const backend = { ...neutron, operations: controller, ruleStats };
  const app = buildApp({ backend, clock, random, log, authenticator, audit, limits });
  await app.ready();

  await redis.serves;
  await store.connect();
  stops.push(() => store.close());
  await store.subscribe(controller.subscriber());
  await redis.allowRewrites();
  stops.push(() => controller.stop());
  await fleet.start(controller.fleetEvents());
  stops.push(() => fleet.stop());
  await listen(app, config.apiListen);
  stops.push(() => app.close());
  await access.startKeystoneV2();
}

/** Where lines of logged connections are written; undefined: nowhere. */
function openNetworkLog({ networkLog: to }: Config, log: Logger, stops: Stop[]) {
  if (to === 'off') return undefined;
  const failed = (error: Error): void =>
    log.error('Logged connections cannot be written.', { to, error: error.message });
  const lines = openJsonLines({ to, atOnce: false, failed });
  stops.push(() => Promise.resolve(lines.close()));
  return (line: object): void => lines.write(line);
}

/** A file of tokens that cannot be used is a setting that cannot be. */
function asConfigError(error: unknown): never {
  throw error instanceof TokenFileError ? new ConfigError(error.message) : error;
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
