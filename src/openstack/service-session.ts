/**
 * Calls to OpenStack services as our own service user: a token of Keystone v3 is fetched when it is
 * first needed, renewed before it ends, and once more when a service refuses it.
 */
import { Backoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import {
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
  HttpFailure,
} from '../lib/http-client.ts';
import { parseTime } from '../lib/system.ts';

export interface Credentials {
  /** Keystone's address, with or without `/v3`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Domains: an id, or `name:` and a name. */
  readonly userDomain: string;
  readonly project: string;
  readonly projectDomain: string;
}

export interface SessionOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly credentials: Credentials;
}

interface OwnToken {
  readonly text: string;
  readonly renewAtMs: number;
}

/** A token so near to its end is not used any more: it must live until the call is over. */
const MARGIN_MS = 30_000;
/** A wrong password, tried again at once and for ever, would lock the service user out. */
const RETRY = { minMs: 200, maxMs: 5_000 };
/** Where Keystone does not say when a token ends. */
const LIFE_MS = 300_000;

export class ServiceSession {
  /** Of the Identity API v3. */
  readonly identityUrl: string;
  readonly #options: SessionOptions;
  #token: OwnToken | undefined;
  #fetching: Promise<OwnToken> | undefined;
  readonly #backoff = new Backoff(RETRY);
  #retryAt = 0;
  #failure = new HttpFailure('there is no token yet');

  constructor(options: SessionOptions) {
    this.#options = options;
    this.identityUrl = identityUrl(options.credentials.url);
  }

  /** Rejects with `HttpFailure` when there is no answer, or no token for us. */
  async send(call: HttpCall): Promise<HttpAnswer> {
    const token = await this.#current();
    const answer = await this.#sendAs(token, call);
    if (answer.status !== 401) return answer;
    if (this.#token === token) this.#token = undefined;
    return this.#sendAs(await this.#current(), call);
  }

  #sendAs({ text }: OwnToken, call: HttpCall): Promise<HttpAnswer> {
    return this.#options.http.send({
      ...call,
      headers: { ...call.headers, 'x-auth-token': text },
    });
  }

  async #current(): Promise<OwnToken> {
    const { clock } = this.#options;
    if (this.#token !== undefined && clock.wallTimeMs() < this.#token.renewAtMs) return this.#token;
    if (clock.now() < this.#retryAt) throw this.#failure;
    this.#fetching ??= this.#fetch()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  #failed(error: unknown): never {
    const now = this.#options.clock.now();
    this.#retryAt = now + this.#backoff.failed(now);
    this.#failure = error instanceof HttpFailure ? error : new HttpFailure(String(error));
    throw this.#failure;
  }

  async #fetch(): Promise<OwnToken> {
    const { http, clock, credentials } = this.#options;
    const url = `${this.identityUrl}/auth/tokens?nocatalog`;
    const answer = await http.send({ method: 'POST', url, body: authBody(credentials) });
    const text = answer.headers['x-subject-token'];
    if (answer.status !== 201 || typeof text !== 'string') {
      throw new HttpFailure(`Keystone gives our service user no token (status ${answer.status})`);
    }
    const { token } = (answer.body ?? {}) as { token?: { expires_at?: unknown } };
    const endsAt = typeof token?.expires_at === 'string' ? parseTime(token.expires_at) : undefined;
    const renewAtMs = (endsAt ?? clock.wallTimeMs() + LIFE_MS) - MARGIN_MS;
    this.#backoff.succeeded(clock.now());
    this.#token = { text, renewAtMs };
    return this.#token;
  }
}

function identityUrl(url: string): string {
  const base = url.replace(/\/+$/, '');
  return base.endsWith('/v3') ? base : `${base}/v3`;
}

function authBody(credentials: Credentials): object {
  const { user, password, userDomain, project, projectDomain } = credentials;
  const owner = { name: user, domain: domainOf(userDomain), password };
  return {
    auth: {
      identity: { methods: ['password'], password: { user: owner } },
      scope: { project: { name: project, domain: domainOf(projectDomain) } },
    },
  };
}

function domainOf(text: string): object {
  return text.startsWith('name:') ? { name: text.slice('name:'.length) } : { id: text };
}
