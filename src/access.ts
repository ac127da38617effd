/**
 * The part of the composition root that concerns OpenStack: who may call (passwords, Keystone, the
 * audit), what Nova is told, and whom guests' metadata is asked of.
 */
import { readFile } from 'node:fs/promises';
import {
  type AuditLog,
  type Authenticator,
  buildKeystoneV2,
  KeystoneAuthenticator,
  noAuthentication,
  type ShimUser,
  Tickets,
  TokenFile,
  ticketsOr,
} from './api/index.ts';
import {
  type Config,
  ConfigError,
  type KeystoneV2Config,
  type MetadataConfig,
  type Secret,
} from './config.ts';
import { defined } from './lib/assert.ts';
import type { Clock, Random } from './lib/clock.ts';
import { createHttpClient } from './lib/http-client.ts';
import { openJsonLines } from './lib/json-lines.ts';
import type { Logger } from './lib/log.ts';
import { KeystoneTokens, NovaEvents, NovaMetadata, ServiceSession } from './openstack/index.ts';

interface Tools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends one part of the process; run in the reverse order. */
  readonly stops: (() => Promise<void>)[];
}

export interface Access {
  readonly authenticator: Authenticator;
  readonly audit: AuditLog | undefined;
  /** Tells Nova what became of a port; absent where there is no Nova. */
  readonly nova: NovaEvents | undefined;
  /** Tells the metadata of servers; absent where there is none. */
  readonly metadata: NovaMetadata | undefined;
  /** Listens; there where oVirt asks for tokens. */
  readonly startKeystoneV2: () => Promise<void>;
}

/** Keystone and Nova answer within milliseconds, or are ill. */
const HTTP = { timeoutMs: 5_000, answerBytesMax: 1024 * 1024, socketsMax: 32 };
/** Metadata is made when it is asked for; `socketsMax` as many as a controller asks at a time. */
const METADATA_HTTP = { timeoutMs: 10_000, answerBytesMax: 1024 * 1024, socketsMax: 64 };
const SECRET_BYTES_MAX = 4096;

export async function openAccess(config: Config, tools: Tools): Promise<Access> {
  const session = await openSession(config, tools);
  const audit = openAudit(config, tools.log);
  const inner = await authenticatorOf(config, session, tools);
  const nova = openNova(config.novaUrl, session, tools);
  const shim = await openShim(config.keystoneV2, tools.clock);
  const metadata = await openMetadata(config.metadata, tools);
  if (shim === undefined) {
    const startKeystoneV2 = () => Promise.resolve();
    return { authenticator: inner, audit, nova, metadata, startKeystoneV2 };
  }
  const { settings, user, tickets } = shim;
  const startKeystoneV2 = async (): Promise<void> => {
    const { networkUrl, listen } = settings;
    const app = buildKeystoneV2({ ...tools, user, tickets, networkUrl, audit });
    await app.listen({ host: listen.host, port: listen.port });
    tools.stops.push(() => app.close());
  };
  const authenticator = ticketsOr(inner, tickets, user);
  return { authenticator, audit, nova, metadata, startKeystoneV2 };
}

async function openSession(
  { keystone }: Config,
  { clock, stops }: Tools,
): Promise<ServiceSession | undefined> {
  if (keystone === undefined) return undefined;
  const http = createHttpClient({ clock, ...HTTP });
  stops.push(() => Promise.resolve(http.close()));
  const credentials = { ...keystone, password: await readSecret(keystone.password) };
  return new ServiceSession({ http, clock, credentials });
}

function authenticatorOf(
  { auth }: Config,
  session: ServiceSession | undefined,
  { clock, log }: Tools,
): Authenticator | Promise<Authenticator> {
  if (auth.mode === 'tokens') return TokenFile.open({ path: auth.file, clock, log });
  if (auth.mode === 'none') return noAuthentication;
  return new KeystoneAuthenticator({
    ...auth.keystone,
    validator: new KeystoneTokens(defined(session, 'session with Keystone')),
    clock,
    log,
  });
}

function openNova(
  url: string | undefined,
  session: ServiceSession | undefined,
  { clock, log, stops }: Tools,
): NovaEvents | undefined {
  if (url === undefined) return undefined;
  const nova = new NovaEvents({
    session: defined(session, 'session with Keystone'),
    url,
    clock,
    log,
  });
  stops.push(() => Promise.resolve(nova.stop()));
  return nova;
}

async function openMetadata(
  config: MetadataConfig | undefined,
  { clock, stops }: Tools,
): Promise<NovaMetadata | undefined> {
  if (config === undefined) return undefined;
  const http = createHttpClient({ clock, ...METADATA_HTTP });
  stops.push(() => Promise.resolve(http.close()));
  return new NovaMetadata({ http, url: config.url, secret: await readSecret(config.secret) });
}

function openAudit({ auditLog }: Config, log: Logger): AuditLog | undefined {
  if (auditLog === 'off') return undefined;
  const failed = (error: Error): void =>
    log.error('The audit of API calls cannot be written.', { to: auditLog, error: error.message });
  return openJsonLines({ to: auditLog, atOnce: true, failed });
}

interface Shim {
  readonly settings: KeystoneV2Config;
  readonly user: ShimUser;
  readonly tickets: Tickets;
}

async function openShim(
  settings: KeystoneV2Config | undefined,
  clock: Clock,
): Promise<Shim | undefined> {
  if (settings === undefined) return undefined;
  const password = await readSecret(settings.password);
  const user = { name: settings.user, password, project: settings.project };
  return { settings, user, tickets: new Tickets(user, clock) };
}

/** A password as it stands, or the first line of its file. */
async function readSecret(secret: Secret): Promise<string> {
  if ('text' in secret) return secret.text;
  const text = await readFile(secret.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`the password file ${secret.file} cannot be read: ${error.code}`);
  });
  const [line = ''] = text.slice(0, SECRET_BYTES_MAX).split(/\r?\n/);
  if (line === '') throw new ConfigError(`the password file ${secret.file} is empty`);
  return line;
}
