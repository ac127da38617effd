/**
 * What is known of tokens: for a while, so that a client's requests cost one question each while,
 * and not longer, so that a token which is revoked ends. Tokens themselves are not kept, only their
 * digests. Of one token there is one question under way; of all of them a bounded number.
 */
import { createHash } from 'node:crypto';
import { BoundedMap } from '../../lib/bounded-map.ts';
import type { Clock } from '../../lib/clock.ts';

/** What a token says about whoever holds it. */
export interface TokenFacts {
  readonly userId: string;
  /** Absent: the token is for the system, a domain, or nothing. */
  readonly projectId: string | undefined;
  readonly isSystem: boolean;
  /** In lower case. */
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
}

/** Says whose a token is: undefined is nobody's; rejects when that cannot be found out. */
export interface TokenValidator {
  validate(token: string, allowExpired: boolean): Promise<TokenFacts | undefined>;
}

export interface TokenCacheOptions {
  readonly validator: TokenValidator;
  readonly clock: Clock;
  /** How long an answer is believed. */
  readonly keepMs: number;
}

/** There are so many questions under way that another one is not asked. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

interface Known {
  readonly facts: TokenFacts;
  readonly askAgainAt: number;
}

/** A known token costs half a kilobyte; an unknown one less, and whoever likes can send many. */
const KNOWN_MAX = 10_000;
const UNKNOWN_MAX = 10_000;
/** A wrong token is not asked about again for so long. */
const UNKNOWN_MS = 10_000;
const ASKING_MAX = 100;

export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #known = new BoundedMap<string, Known>(KNOWN_MAX);
  /** Tokens that are nobody's, with the time until which that is believed. */
  readonly #unknown = new BoundedMap<string, number>(UNKNOWN_MAX);
  readonly #asking = new Map<string, Promise<TokenFacts | undefined>>();

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  /** Undefined: nobody's, or expired, unless expired ones are allowed. */
  async lookUp(token: string, allowExpired = false): Promise<TokenFacts | undefined> {
    const digest = createHash('sha256').update(token).digest('base64');
    const key = allowExpired ? `${digest} expired` : digest;
    const now = this.#options.clock.now();
    const known = this.#known.get(key);
    if (known !== undefined && now < known.askAgainAt) {
      return allowExpired || this.#isCurrent(known.facts) ? known.facts : undefined;
    }
    if (now < (this.#unknown.get(key) ?? 0)) return undefined;
    return this.#asking.get(key) ?? this.#ask(key, token, allowExpired);
  }

  #ask(key: string, token: string, allowExpired: boolean): Promise<TokenFacts | undefined> {
    if (this.#asking.size >= ASKING_MAX) throw new BusyError('too many tokens are being validated');
    const asked = this.#options.validator
      .validate(token, allowExpired)
      .then((facts) => {
        const valid = facts !== undefined && (allowExpired || this.#isCurrent(facts));
        this.#remember(key, valid ? facts : undefined);
        return valid ? facts : undefined;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  #remember(key: string, facts: TokenFacts | undefined): void {
    const { clock, keepMs } = this.#options;
    if (facts === undefined) {
      this.#known.delete(key);
      this.#unknown.set(key, clock.now() + Math.min(UNKNOWN_MS, keepMs));
    } else {
      this.#unknown.delete(key);
      this.#known.set(key, { facts, askAgainAt: clock.now() + keepMs });
    }
  }

  #isCurrent({ expiresAtMs }: TokenFacts): boolean {
    return this.#options.clock.wallTimeMs() < expiresAtMs;
  }
}
