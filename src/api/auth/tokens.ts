/**
 * `--auth tokens`: whoever sends a token that stands in a file, in `X-Auth-Token`.
 *
 *     {"tokens": [
 *       {"token": "…", "user": "ci", "project": "…", "roles": ["member"]},
 *       {"sha256": "64 hexadecimal digits", "user": "ops", "project": "…", "roles": ["admin"]}]}
 *
 * The file is read anew when it has changed. One that cannot be used leaves those tokens valid that
 * were: it is logged, without anything that stands in it.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Requester } from '../backend.ts';
import type { Authenticator } from './authenticator.ts';
import { type Identity, requesterOf } from './roles.ts';
import { tokenIn, unauthorized } from './token-header.ts';

export interface TokenFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The file cannot be used; the message names the reason and nothing of the contents. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

interface Entry {
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  readonly identity: Identity;
}

/** How often the file is looked at, at most. */
const LOOK_MS = 1_000;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const CHALLENGE = 'Token realm="heddle"';

export class TokenFile implements Authenticator {
  readonly #options: TokenFileOptions;
  /**
   * Makes the places in `#entries` unforeseeable, so that their timing tells nothing of digests.
   */
  readonly #key = randomBytes(32);
  #entries: ReadonlyMap<string, Entry> = new Map();
  #version = '';
  #lookAt = 0;
  #looking: Promise<void> | undefined;

  private constructor(options: TokenFileOptions) {
    this.#options = options;
  }

  /** Rejects with TokenFileError when the file cannot be used. */
  static async open(options: TokenFileOptions): Promise<TokenFile> {
    const file = new TokenFile(options);
    await file.#look();
    return file;
  }

  async authenticate(headers: IncomingHttpHeaders): Promise<Requester> {
    await this.#renew();
    const token = tokenIn(headers, 'x-auth-token');
    const entry = token === undefined ? undefined : this.#find(token);
    if (entry === undefined) throw unauthorized(CHALLENGE);
    return requesterOf(entry.identity);
  }

  #find(token: string): Entry | undefined {
    const digest = sha256(token);
    const entry = this.#entries.get(this.#placeOf(digest));
    return entry !== undefined && timingSafeEqual(entry.digest, digest) ? entry : undefined;
  }

  #placeOf(digest: Buffer): string {
    return createHmac('sha256', this.#key).update(digest).digest('base64');
  }

  async #renew(): Promise<void> {
    const { clock, log, path } = this.#options;
    if (clock.now() < this.#lookAt) return;
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        log.error('The file of tokens cannot be used; those of before stay valid.', {
          path,
          reason: error instanceof Error ? error.message : String(error),
        });
      })
      .finally(() => {
        this.#looking = undefined;
      });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { clock, log, path } = this.#options;
    this.#lookAt = clock.now() + LOOK_MS;
    const { version, text } = await readPrivate(path, this.#version);
    if (text === undefined) return;
    const entries = parseTokens(text);
    const placed = entries.map((entry) => [this.#placeOf(entry.digest), entry] as const);
    this.#entries = new Map(placed);
    this.#version = version;
    log.info('The file of tokens was read.', { path, tokens: entries.length });
  }
}

/**
 * The text of a file that is its owner's alone; undefined when it is still of the known version.
 */
async function readPrivate(
  path: string,
  known: string,
): Promise<{ version: string; text: string | undefined }> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new TokenFileError(`${path} cannot be read: ${error.code ?? 'unknown reason'}`);
  });
  try {
    const { mode, size, mtimeMs, ctimeMs, ino } = await file.stat();
    const version = [ino, size, mtimeMs, ctimeMs].join(' ');
    if (version === known) return { version, text: undefined };
    if ((mode & 0o077) !== 0) {
      throw new TokenFileError(`${path} may be read by others than its owner: chmod 600 it`);
    }
    if (size > FILE_BYTES_MAX) throw new TokenFileError(`${path} is over ${FILE_BYTES_MAX} bytes`);
    return { version, text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
}

/** Throws TokenFileError, which shows nothing of the text. */
function parseTokens(text: string): readonly Entry[] {
  const { tokens } = (parseJson(text) ?? {}) as { readonly tokens?: unknown };
  if (!Array.isArray(tokens)) throw new TokenFileError('it holds no {"tokens": […]}');
  const entries = tokens.map(readEntry);
  const digests = new Set(entries.map(({ digest }) => digest.toString('hex')));
  if (digests.size < entries.length) throw new TokenFileError('a token stands in it twice');
  return entries;
}

/** What JSON.parse says of a mistake repeats the text around it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TokenFileError('it is no JSON');
  }
}

const MEMBERS = new Set(['token', 'sha256', 'user', 'project', 'roles']);

function readEntry(value: unknown, index: number): Entry {
  const refuse = (reason: string): never => {
    throw new TokenFileError(`tokens[${index}] ${reason}`);
  };
  const entry = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { user, project, roles } = entry;
  if (Object.keys(entry).some((name) => !MEMBERS.has(name))) refuse('has a member that is unknown');
  if (typeof user !== 'string' || user === '') return refuse('has no user');
  if (typeof project !== 'string' || project === '') return refuse('has no project');
  const isList = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
  if (!isList) return refuse('has no roles');
  const digest = digestOf(entry) ?? refuse('needs a token, or its sha256, and not both');
  return { digest, identity: { userId: user, projectId: project, roles: roles as string[] } };
}

function digestOf({ token, sha256: hex }: Readonly<Record<string, unknown>>): Buffer | undefined {
  if (typeof token === 'string' && token !== '' && hex === undefined) return sha256(token);
  const isDigest = typeof hex === 'string' && /^[0-9a-f]{64}$/i.test(hex);
  return isDigest && token === undefined ? Buffer.from(hex, 'hex') : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
