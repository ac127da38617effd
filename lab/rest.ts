/** A small REST client over a controller's socket, for demo, tests and benchmarks. */
import { Agent, type IncomingMessage, request } from 'node:http';

export type Json = Readonly<Record<string, unknown>>;

export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;
  readonly body: string;

  constructor(call: string, status: number, body: string) {
    super(`${call}: ${status} ${body}`);
    this.status = status;
    this.body = body;
  }
}

/** Where an API listens: a path is that of a unix socket. */
export type RestTarget = string | { readonly host: string; readonly port: number };

export class Rest {
  readonly #target: object;
  readonly #headers: Readonly<Record<string, string>>;
  /** Kept open between calls, so that a measured call holds no connection set-up. */
  readonly #agent = new Agent({ keepAlive: true });

  /** @param headers go out with every call */
  constructor(target: RestTarget, headers: Readonly<Record<string, string>> = {}) {
    this.#target = typeof target === 'string' ? { socketPath: target } : target;
    this.#headers = headers;
  }

  get<T = Json>(path: string): Promise<T> {
    return this.#call('GET', path);
  }

  /** The body as it came: whoever measures does not want to wait for it to be decoded. */
  bytes(path: string): Promise<Buffer> {
    return this.#checked('GET', path);
  }

  post<T = Json>(path: string, body: Json): Promise<T> {
    return this.#call('POST', path, body);
  }

  put<T = Json>(path: string, body: Json): Promise<T> {
    return this.#call('PUT', path, body);
  }

  async delete(path: string): Promise<void> {
    await this.#call('DELETE', path);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** One call; anything but 2xx is thrown as a RestError. An empty answer gives an empty object. */
  async #call<T>(method: string, path: string, body?: Json): Promise<T> {
    const text = (await this.#checked(method, path, body)).toString('utf8');
    return JSON.parse(text === '' ? '{}' : text) as T;
  }

  async #checked(method: string, path: string, body?: Json): Promise<Buffer> {
    const { status, bytes } = await this.#exchange(method, path, body);
    if (status >= 200 && status <= 299) return bytes;
    throw new RestError(`${method} ${path}`, status, bytes.toString('utf8'));
  }

  #exchange(method: string, path: string, body?: Json): Promise<{ status: number; bytes: Buffer }> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const content =
      payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': payload.length };
    const headers = { ...this.#headers, ...content };
    return new Promise((resolve, reject) => {
      const call = request(
        { ...this.#target, agent: this.#agent, method, path, headers },
        (answer) => {
          readAll(answer).then(
            (bytes) => resolve({ status: answer.statusCode ?? 0, bytes }),
            reject,
          );
        },
      );
      call.on('error', reject);
      call.end(payload);
    });
  }
}

function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    answer
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject);
  });
}
