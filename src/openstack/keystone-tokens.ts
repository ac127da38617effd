/** Asks Keystone whose a token is (Identity API v3, `GET /v3/auth/tokens`). */
import { HttpFailure } from '../lib/http-client.ts';
import { parseTime } from '../lib/system.ts';
import type { ServiceSession } from './service-session.ts';

/** What a token says about whoever holds it. */
export interface TokenFacts {
  readonly userId: string;
  /** Absent: the token is for the system, a domain, or nothing. */
  readonly projectId: string | undefined;
  readonly isSystem: boolean;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
}

export class KeystoneTokens {
  readonly #session: ServiceSession;

  constructor(session: ServiceSession) {
    this.#session = session;
  }

  /**
   * Undefined: nobody's, revoked or expired; with `allowExpired` one that has expired not long ago
   * is taken, too. Rejects with `HttpFailure` when that cannot be found out.
   */
  async validate(token: string, allowExpired: boolean): Promise<TokenFacts | undefined> {
    const query = allowExpired ? 'nocatalog&allow_expired=1' : 'nocatalog';
    const answer = await this.#session.send({
      method: 'GET',
      url: `${this.#session.identityUrl}/auth/tokens?${query}`,
      headers: { 'x-subject-token': token },
    });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) {
      throw new HttpFailure(`Keystone does not say whose a token is (status ${answer.status})`);
    }
    return readToken(answer.body);
  }
}

interface TokenBody {
  readonly user?: { readonly id?: unknown };
  readonly project?: { readonly id?: unknown };
  readonly system?: { readonly all?: unknown };
  readonly roles?: readonly { readonly name?: unknown }[];
  readonly expires_at?: unknown;
}

/** An answer that is not of the documented form lets nobody in. */
function readToken(body: unknown): TokenFacts {
  const { token = {} } = (body ?? {}) as { readonly token?: TokenBody };
  const userId = textOf(token.user?.id);
  const expiresAtMs = parseTime(textOf(token.expires_at) ?? '');
  if (userId === undefined || expiresAtMs === undefined) {
    throw new HttpFailure('Keystone’s answer about a token is not understood');
  }
  return {
    userId,
    projectId: textOf(token.project?.id),
    isSystem: token.system?.all === true,
    roles: rolesOf(token),
    expiresAtMs,
  };
}

function rolesOf({ roles }: TokenBody): string[] {
  const names = Array.isArray(roles) ? roles.map((role) => textOf(role?.name)) : [];
  return names.filter((name) => name !== undefined).map((name) => name.toLowerCase());
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
