/**
 * `--auth keystone`: whoever Keystone v3 says holds the token (`X-Auth-Token`). A service that acts
 * on behalf of a user sends its own token as well (`X-Service-Token`), and the user's may then have
 * expired meanwhile, as long operations outlive tokens (keystonemiddleware's `allow_expired`).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Requester } from '../backend.ts';
import { HttpError } from '../error-table.ts';
import type { Authenticator } from './authenticator.ts';
import { requesterOf } from './roles.ts';
import { TokenCache, type TokenFacts, type TokenValidator } from './token-cache.ts';
import { tokenIn, unauthorized } from './token-header.ts';

export interface KeystoneOptions {
  readonly validator: TokenValidator;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where clients get tokens: it is told to those who have none. */
  readonly publicUrl: string;
  /** After so long a token that is in use is validated anew. */
  readonly revalidateMs: number;
  /** Roles that make the holder of a service token a service. */
  readonly serviceRoles: readonly string[];
}

/** While Keystone is away every request could say so; once in so long is enough. */
const COMPLAIN_MS = 10_000;

export class KeystoneAuthenticator implements Authenticator {
  readonly #options: KeystoneOptions;
  readonly #cache: TokenCache;
  #complainAt = 0;

  constructor(options: KeystoneOptions) {
    this.#options = options;
    const { validator, clock, revalidateMs } = options;
    this.#cache = new TokenCache({ validator, clock, keepMs: revalidateMs });
  }

  async authenticate(headers: IncomingHttpHeaders): Promise<Requester> {
    const allowExpired = await this.#isFromService(headers);
    const facts = await this.#lookUp(tokenIn(headers, 'x-auth-token'), allowExpired);
    return requesterOf(facts);
  }

  async #isFromService(headers: IncomingHttpHeaders): Promise<boolean> {
    if (headers['x-service-token'] === undefined) return false;
    const { roles } = await this.#lookUp(tokenIn(headers, 'x-service-token'), false);
    return this.#options.serviceRoles.some((role) => roles.includes(role));
  }

  async #lookUp(token: string | undefined, allowExpired: boolean): Promise<TokenFacts> {
    const facts = token === undefined ? undefined : await this.#ask(token, allowExpired);
    if (facts === undefined) throw unauthorized(`Keystone uri="${this.#options.publicUrl}"`);
    return facts;
  }

  /** Nobody is let in whom Keystone has not vouched for, whatever keeps it from doing so. */
  async #ask(token: string, allowExpired: boolean): Promise<TokenFacts | undefined> {
    try {
      return await this.#cache.lookUp(token, allowExpired);
    } catch (error) {
      this.#complain(error);
      throw new HttpError(
        'HTTPServiceUnavailable',
        'The Keystone service is temporarily unavailable.',
      );
    }
  }

  #complain(error: unknown): void {
    const { clock, log } = this.#options;
    if (clock.now() < this.#complainAt) return;
    this.#complainAt = clock.now() + COMPLAIN_MS;
    log.error('Tokens cannot be validated; requests are refused.', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
