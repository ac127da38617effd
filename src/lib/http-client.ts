/**
 * Calls to HTTP services, most of which speak JSON, within bounds: a deadline for the whole
 * exchange and a size for the answer. Redirects are not followed. What goes wrong on the way is an
 * `HttpFailure`; any status is an answer.
 */

import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { type ClientRequest, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Clock } from './clock.ts';

export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes go out as they are, everything else as JSON. */
  readonly body?: object;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The same, parsed; undefined when it is empty or no JSON. */
  readonly body: unknown;
}

export interface HttpClient {
  send(call: HttpCall): Promise<HttpAnswer>;
  /** Ends the connections that are kept open. */
  close(): void;
}

/** There is no answer: the service is away, too slow, or says too much. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
}

export interface HttpClientOptions {
  readonly clock: Clock;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  readonly socketsMax: number;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agentOptions = { keepAlive: true, maxSockets: options.socketsMax };
  const plain = new PlainAgent(agentOptions);
  const secure = new SecureAgent(agentOptions);
  const begin = (call: HttpCall): ClientRequest => {
    const url = new URL(call.url);
    const isSecure = url.protocol === 'https:';
    const requestOptions: RequestOptions = {
      method: call.method,
      headers: headersOf(call),
      agent: isSecure ? secure : plain,
    };
    return isSecure ? secureRequest(url, requestOptions) : plainRequest(url, requestOptions);
  };
  return {
    send: async (call) => {
      try {
        return await exchange(begin(call), call, options);
      } catch (error) {
        // The service closed a kept connection at the moment when we used it again.
        if (error instanceof HttpFailure && error.cause === STALE) {
          return exchange(begin(call), call, options);
        }
        throw error;
      }
    },
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

const STALE = Symbol('stale connection');

function headersOf({ headers, body }: HttpCall): Record<string, string> {
  const isJson = body !== undefined && !Buffer.isBuffer(body);
  const content = isJson ? { 'content-type': 'application/json' } : {};
  return { accept: 'application/json', ...content, ...headers };
}

function exchange(
  request: ClientRequest,
  { body }: HttpCall,
  { clock, timeoutMs, answerBytesMax }: HttpClientOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let late: HttpFailure | undefined;
    const timer = clock.setTimer(timeoutMs, () => {
      late = new HttpFailure(`no answer in ${timeoutMs} ms`);
      request.destroy(late);
    });
    const fail = (error: Error, cause: unknown = error): void => {
      timer.cancel();
      const known = late ?? (error instanceof HttpFailure ? error : undefined);
      reject(known ?? new HttpFailure(codeOf(error) ?? error.message, { cause }));
    };
    request.on('error', (error) => {
      const isStale = request.reusedSocket && codeOf(error) === 'ECONNRESET';
      fail(error, isStale ? STALE : error);
    });
    request.on('response', (answer) => {
      readAnswer(answer, answerBytesMax).then((result) => {
        timer.cancel();
        resolve(result);
      }, fail);
    });
    request.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

/** As ECONNREFUSED. */
function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

async function readAnswer(answer: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new HttpFailure(`the answer is longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    bytes,
    get body() {
      return parseJson(bytes.toString('utf8'));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
