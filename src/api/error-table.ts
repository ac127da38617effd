/**
 * The errors of the HTTP layer itself: type, status, meaning. Refusals of intent have their own
 * table in topology; docs/errors.md is generated from both. Every body is Neutron's, because its
 * clients branch on `type`.
 */

export interface HttpErrorRow {
  readonly status: number;
  readonly meaning: string;
}

export const HTTP_ERRORS = {
  HTTPBadRequest: { status: 400, meaning: 'The request is not understood.' },
  HTTPUnauthorized: { status: 401, meaning: 'It is not known who asks; `WWW-Authenticate` tells.' },
  HTTPForbidden: { status: 403, meaning: 'Who asks has no role here.' },
  HTTPNotFound: { status: 404, meaning: 'There is nothing at this path.' },
  ExtensionNotFound: { status: 404, meaning: 'The extension is not offered.' },
  HTTPMethodNotAllowed: { status: 405, meaning: 'The path does not take this method.' },
  RevisionGone: { status: 410, meaning: 'The revision asked about is not kept, or was lost.' },
  HTTPRequestEntityTooLarge: { status: 413, meaning: 'The body is larger than the limit.' },
  HTTPUnsupportedMediaType: { status: 415, meaning: 'The body is not application/json.' },
  HTTPTooManyRequests: { status: 429, meaning: 'The project asks too often; `Retry-After` tells.' },
  HTTPServiceUnavailable: { status: 503, meaning: 'Who asks cannot be found out at the moment.' },
  TooManyWatchers: { status: 503, meaning: 'No more event streams are served at once.' },
  HTTPInternalServerError: { status: 500, meaning: 'A mistake of ours; the log has the details.' },
} as const satisfies Readonly<Record<string, HttpErrorRow>>;

export type HttpErrorType = keyof typeof HTTP_ERRORS;

/** What is known of a refusal beside its body. */
interface RefusalDetails {
  /** Seconds after which the same request may do better: `Retry-After`. */
  readonly retryAfterS?: number;
  /** How to say who asks: `WWW-Authenticate`. */
  readonly challenge?: string;
  /** Who was refused, for the audit, when that is no requester. */
  readonly userId?: string;
}

/** A refusal by the HTTP layer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly type: HttpErrorType;
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(type: HttpErrorType, message: string, details: RefusalDetails = {}) {
    super(message);
    this.type = type;
    this.status = HTTP_ERRORS[type].status;
    this.details = details;
  }
}

/** The everyday refusal: something in the request is not understood. */
export function badRequest(message: string): HttpError {
  return new HttpError('HTTPBadRequest', message);
}

/** The type that stands for a client's mistake that fastify found, by its HTTP status. */
export function typeOfStatus(status: number): HttpErrorType {
  return STATUS_TYPES[status] ?? 'HTTPBadRequest';
}

const STATUS_TYPES: Readonly<Record<number, HttpErrorType>> = {
  404: 'HTTPNotFound',
  405: 'HTTPMethodNotAllowed',
  413: 'HTTPRequestEntityTooLarge',
  415: 'HTTPUnsupportedMediaType',
};
