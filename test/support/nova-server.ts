/**
 * A stand-in for Nova over real HTTP, as far as the network tells it of ports. It holds callers to
 * the Compute API: what is asked otherwise than documented gets 400, and is in `mistakes`.
 */
import { type Given, HttpServer, type Received } from './http-server.ts';

export interface NovaEvent {
  readonly name: string;
  readonly server_uuid: string;
  readonly tag?: string;
  readonly status?: string;
}

const PATH = '/compute/v2.1/os-server-external-events';
const NAMES = ['network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted'];
const STATUSES = [undefined, 'completed', 'failed', 'in-progress'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class NovaServer {
  readonly http: HttpServer;
  readonly mistakes: string[] = [];
  /** What Nova has taken, in order. */
  readonly taken: NovaEvent[] = [];
  /** Calls that are still to be answered with 503. */
  refusals = 0;
  readonly #isToken: (token: string) => boolean;

  constructor(isToken: (token: string) => boolean) {
    this.#isToken = isToken;
    this.http = new HttpServer((request) => this.#answer(request));
  }

  get url(): string {
    return `${this.http.url}/compute/v2.1`;
  }

  async start(): Promise<this> {
    await this.http.start();
    return this;
  }

  stop(): Promise<void> {
    return this.http.stop();
  }

  #answer({ method, path, headers, body }: Received): Given {
    if (!this.#isToken(String(headers['x-auth-token']))) return { status: 401, body: {} };
    if (this.refusals > 0) {
      this.refusals -= 1;
      return { status: 503, body: {} };
    }
    if (method !== 'POST' || path !== PATH) return this.#mistake(`${method} ${path}`);
    if (headers['content-type'] !== 'application/json') return this.#mistake('no content type');
    const { events, ...stray } = body as { readonly events?: unknown };
    if (!Array.isArray(events) || events.length === 0 || Object.keys(stray).length > 0) {
      return this.#mistake(`body ${JSON.stringify(body)}`);
    }
    const wrong = (events as NovaEvent[]).find((event) => !isRight(event));
    if (wrong !== undefined) return this.#mistake(`event ${JSON.stringify(wrong)}`);
    this.taken.push(...(events as NovaEvent[]));
    const rows = (events as NovaEvent[]).map((event) => ({ ...event, code: 200 }));
    return { status: 200, body: { events: rows } };
  }

  #mistake(what: string): Given {
    this.mistakes.push(what);
    return { status: 400, body: { badRequest: { code: 400, message: what } } };
  }
}

/** As the schema of the call: nothing is in an event that does not belong there. */
function isRight({ name, server_uuid, tag, status, ...stray }: NovaEvent): boolean {
  const isTag = tag === undefined || (typeof tag === 'string' && tag.length <= 255);
  const isKnown = NAMES.includes(name) && STATUSES.includes(status) && UUID.test(server_uuid);
  return isTag && isKnown && Object.keys(stray).length === 0;
}
