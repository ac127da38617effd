/** An HTTP response as bytes (RFC 9112), the last one of its connection. */
import type { Method } from './request-reader.ts';

export interface HttpResponse {
  readonly status: number;
  /** Media type of the body. */
  readonly type: string;
  readonly body: Buffer;
}

/** RFC 9110 section 15; other codes go without words. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  411: 'Length Required',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

export function responseBytes({ status, type, body }: HttpResponse, method?: Method): Buffer {
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  return method === 'HEAD' ? bytes : Buffer.concat([bytes, body]);
}

/** One that says in a sentence, for people, why it is not what was asked for. */
export function plainResponse(status: number, sentence = REASONS[status] ?? ''): HttpResponse {
  const body = Buffer.from(`${sentence}\n`, 'utf8');
  return { status, type: 'text/plain; charset=utf-8', body };
}
