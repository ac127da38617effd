/**
 * Reads one HTTP request from bytes as they come (RFC 9112), within bounds. Of its fields only
 * those count that say how long it is: none goes any further, so that none can be forged.
 */

export interface HttpRequest {
  readonly method: Method;
  /** Path and query, without dot segments: it begins with a slash and leads no further up. */
  readonly path: string;
  readonly body: Buffer;
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** Status of the refusal. */
export type Refusal = 400 | 405 | 411 | 413 | 431 | 505;

const HEAD_MAX = 16_384;
const BODY_MAX = 65_536;
const END_OF_HEAD = '\r\n\r\n';

interface Head {
  readonly method: Method;
  readonly path: string;
  readonly bodyLength: number;
}

export class RequestReader {
  #bytes: Buffer = Buffer.alloc(0);
  #head: Head | undefined;

  /** The request or why there is none, once that is known; what comes later is not asked for. */
  push(bytes: Buffer): HttpRequest | Refusal | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#head === undefined) {
      const end = this.#bytes.indexOf(END_OF_HEAD);
      if (end > HEAD_MAX || (end < 0 && this.#bytes.length > HEAD_MAX)) return 431;
      if (end < 0) return undefined;
      const head = readHead(this.#bytes.toString('latin1', 0, end));
      if (typeof head === 'number') return head;
      this.#head = head;
      this.#bytes = this.#bytes.subarray(end + END_OF_HEAD.length);
    }
    const { bodyLength, ...request } = this.#head;
    if (this.#bytes.length < bodyLength) return undefined;
    return { ...request, body: this.#bytes.subarray(0, bodyLength) };
  }
}

function readHead(text: string): Head | Refusal {
  const [requestLine = '', ...fields] = text.split('\r\n');
  const [, method, target = '', version] = /^(\S+) (\S+) HTTP\/(\d)\.\d$/.exec(requestLine) ?? [];
  if (version === undefined) return 400;
  if (version !== '1') return 505;
  const known = METHODS.find((each) => each === method);
  if (known === undefined) return 405;
  const path = pathOf(target);
  const bodyLength = bodyLengthOf(fields);
  if (path === undefined) return 400;
  return typeof bodyLength === 'number' ? { method: known, path, bodyLength } : bodyLength.refusal;
}

/** Of a target in origin form or in absolute form (RFC 9112 section 3.2). */
function pathOf(target: string): string | undefined {
  const local = target.replace(/^http:\/\/[^/?#]*/i, '');
  const address = `http://localhost${local}`;
  if (!/^\/[\x21-\x7e]*$/.test(local) || !URL.canParse(address)) return undefined;
  const { pathname, search } = new URL(address);
  return pathname + search;
}

function bodyLengthOf(lines: readonly string[]): number | { readonly refusal: Refusal } {
  const fields = lines.map(fieldOf).filter((field) => field !== undefined);
  const valuesOf = (name: string): Set<string> =>
    new Set(fields.filter((field) => field.name === name).map(({ value }) => value));
  const lengths = valuesOf('content-length');
  const [length = '0'] = lengths;
  if (fields.length < lines.length || lengths.size > 1) return { refusal: 400 };
  if (valuesOf('transfer-encoding').size > 0) return { refusal: 411 };
  if (!/^\d{1,15}$/.test(length)) return { refusal: 400 };
  return Number(length) > BODY_MAX ? { refusal: 413 } : Number(length);
}

/**
 * Undefined for what is no field: with white space around its name, for one, which others would
 * read otherwise (RFC 9112 section 5.1).
 */
function fieldOf(line: string): { readonly name: string; readonly value: string } | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).toLowerCase();
  return /^[!#$%&'*+.^`|~\w-]+$/.test(name)
    ? { name, value: line.slice(colon + 1).trim() }
    : undefined;
}
