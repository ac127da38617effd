/** Reads request bodies: JSON only, bounded in size and depth, without prototype tricks. */
import type { FastifyInstance } from 'fastify';
import { badRequest, HttpError } from '../error-table.ts';

/** Real bodies are at most four levels deep; `binding:profile` may add a few. */
const BODY_DEPTH_MAX = 32;

/** Neutron's own bound is 114,688 bytes, too small for a bulk request of a thousand ports. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** Parses `application/json`; every other content type gets 415, an empty body is no body. */
export function installBodyParser(app: FastifyInstance, bodyLimit = BODY_BYTES_MAX): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit },
    (request, body, done) => {
      const text = body.toString();
      // Clients send the content type with DELETE too, and nothing behind it.
      if (text === '') return done(null, undefined);
      if (nestedDeeperThan(text, BODY_DEPTH_MAX)) {
        return done(badRequest(`Malformed request body: nested over ${BODY_DEPTH_MAX} levels.`));
      }
      return parse(request, text, (error, value) => done(error ?? flawOf(text, value), value));
    },
  );
  // Nothing that a browser sends across sites without asking first is taken for a request.
  app.addContentTypeParser('*', (request, _payload, done) => {
    const type = request.headers['content-type'] ?? 'none';
    done(new HttpError('HTTPUnsupportedMediaType', `${UNSUPPORTED} (it was: ${type})`), undefined);
  });
}

/** Where JSON can say what cannot be kept: half a character, or a number beyond all numbers. */
const SUSPICIOUS = /\\u[dD][89a-fA-F]|\d[eE]\+?\d{3}|\d{300}/;
const HALF_CHARACTER = /\p{Surrogate}/u;

function flawOf(text: string, value: unknown): Error | null {
  if (!SUSPICIOUS.test(text) || isSound(value)) return null;
  return badRequest('Malformed request body: it has values that JSON cannot carry.');
}

/** Depth is bounded by then. */
function isSound(value: unknown): boolean {
  if (typeof value === 'string') return !HALF_CHARACTER.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isSound(key) && isSound(member));
}

const UNSUPPORTED = 'The content type of a body must be application/json: curl has --json for it';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether `text` opens more than `limit` brackets at once, strings apart. Never recurses. */
export function nestedDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else {
      depth += depthChange(code);
      if (depth > limit) return true;
    }
  }
  return false;
}

function depthChange(code: number): number {
  if (code === 0x7b || code === 0x5b) return 1;
  return code === 0x7d || code === 0x5d ? -1 : 0;
}
