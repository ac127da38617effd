/**
 * Tokens of our own making, for the one user of the Keystone v2 shim. Nothing is stored: a ticket
 * says until when it is valid and is signed with a key made of the user's password, so that every
 * controller with the same settings accepts it, and none does once the password has changed.
 *
 *     hv2.EXPIRES.NONCE.SIGNATURE      milliseconds since 1970 in base 36; the rest in base64url
 */
import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { tokenIn, unauthorized } from '../auth/token-header.ts';
import type { Requester } from '../backend.ts';

export interface ShimUser {
  readonly name: string;
  readonly password: string;
  readonly project: string;
}

export interface Ticket {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** As long as oVirt's own provider lets its tokens live. */
const LIFE_MS = 10 * 3_600_000;
const PREFIX = 'hv2.';

export class Tickets {
  readonly #key: Buffer;
  readonly #clock: Clock;

  constructor({ name, password, project }: ShimUser, clock: Clock) {
    this.#key = scryptSync(password, `heddle keystone v2 ${name} ${project}`, 32);
    this.#clock = clock;
  }

  issue(): Ticket {
    const expiresAtMs = this.#clock.wallTimeMs() + LIFE_MS;
    const nonce = randomBytes(16).toString('base64url');
    const claim = `${PREFIX}${Math.floor(expiresAtMs).toString(36)}.${nonce}`;
    return { text: `${claim}.${this.#sign(claim).toString('base64url')}`, expiresAtMs };
  }

  /** The ticket that the text is; undefined when it is none of ours, or its time is over. */
  read(text: string): Ticket | undefined {
    const at = text.lastIndexOf('.');
    const [claim, signature] = [text.slice(0, at), text.slice(at + 1)];
    const given = Buffer.from(signature, 'base64url');
    const right = this.#sign(claim);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const expiresAtMs = Number.parseInt(claim.slice(PREFIX.length), 36);
    return this.#clock.wallTimeMs() < expiresAtMs ? { text, expiresAtMs } : undefined;
  }

  #sign(claim: string): Buffer {
    return createHmac('sha256', this.#key).update(claim).digest();
  }
}

export function isTicket(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** Lets in whoever holds a ticket; everybody else is the other authenticator's affair. */
export function ticketsOr(
  others: Authenticator,
  tickets: Tickets,
  { name, project }: ShimUser,
): Authenticator {
  const holder: Requester = { userId: name, projectId: project, isAdmin: true };
  return {
    authenticate(headers: IncomingHttpHeaders): Requester | Promise<Requester> {
      const token = tokenIn(headers, 'x-auth-token');
      if (token === undefined || !isTicket(token)) return others.authenticate(headers);
      if (tickets.read(token) === undefined) throw unauthorized('Token realm="heddle"');
      return holder;
    },
  };
}
