/** Reads request bodies: JSON only, bounded in size and depth, without prototype tricks. */
import type { FastifyInstance } from 'fastify';
import { badRequest, HttpError } from '../error-table.ts';

/** Real bodies are at most four levels deep; `binding:profile` may add a few. */
const BODY_DEPTH_MAX = 32;

/** Neutron's own bound is 114,688 bytes, too small for a bulk request of a thousand ports. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** Parses `application/json`; every other content type gets 415, an empty body is no body. */
export function installBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_BYTES_MAX },
    (request, body, done) => {
      const text = body.toString();
      // Clients send the content type with DELETE too, and nothing behind it.
      if (text === '') return done(null, undefined);
      if (nestedDeeperThan(text, BODY_DEPTH_MAX)) {
        return done(badRequest(`Malformed request body: nested over ${BODY_DEPTH_MAX} levels.`));
      }
      return parse(request, text, done);
    },
  );
  // Nothing that a browser sends across sites without asking first is taken for a request.
  app.addContentTypeParser('*', (request, _payload, done) => {
    const type = request.headers['content-type'] ?? 'none';
    done(new HttpError('HTTPUnsupportedMediaType', `${UNSUPPORTED} (it was: ${type})`), undefined);
  });
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
