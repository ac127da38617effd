/**
 * A stand-in for Keystone v3 over real HTTP, as far as services use it: it gives our service user
 * tokens, and says whose a token is. It holds callers to the Identity API: what is asked otherwise
 * than documented gets 400, and is in `mistakes`.
 */
import { type Given, HttpServer, type Received } from './http-server.ts';

export const SERVICE_USER = { user: 'heddle', password: 'service-secret', project: 'service' };

/** What stands in a token; what is absent is as in that of an ordinary member of project p1. */
export interface TokenOptions {
  readonly user?: string;
  readonly project?: string | undefined;
  readonly isSystem?: boolean;
  readonly roles?: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

type Fault = 'none' | 'silent' | 'broken' | 'nonsense' | 'huge';

export class KeystoneServer {
  readonly http: HttpServer;
  readonly mistakes: string[] = [];
  /** What goes wrong with every answer. */
  fault: Fault = 'none';
  /** The password that Keystone knows of the service user. */
  password = SERVICE_USER.password;
  /** How long tokens of the service user last. */
  ownLifeMs = 3_600_000;
  readonly #tokens = new Map<string, TokenOptions>();
  readonly #own = new Map<string, number>();
  #issued = 0;

  constructor() {
    this.http = new HttpServer((request) => this.#answer(request));
  }

  get url(): string {
    return `${this.http.url}/identity`;
  }

  async start(): Promise<this> {
    await this.http.start();
    return this;
  }

  stop(): Promise<void> {
    return this.http.stop();
  }

  /** Gives somebody a token. */
  issue(options: TokenOptions = {}): string {
    this.#issued += 1;
    const token = `gAAAA-${this.#issued}`;
    this.#tokens.set(token, options);
    return token;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Whether a token is one of the service user's, and has not ended. */
  isOwn(token: string): boolean {
    return (this.#own.get(token) ?? 0) >= Date.now();
  }

  /** Ends the tokens of the service user, as a change of Keystone's keys does. */
  forgetServices(): void {
    this.#own.clear();
  }

  /** How often somebody asked whose a token is; and how often our user asked for one of its own. */
  get validations(): number {
    return this.http.received.filter(({ method }) => method === 'GET').length;
  }

  get logins(): number {
    return this.http.received.filter(({ method }) => method === 'POST').length;
  }

  #answer(request: Received): Given | undefined {
    const answer = this.#rightAnswer(request);
    switch (this.fault) {
      case 'silent':
        return undefined;
      case 'broken':
        return { status: 500, body: { error: { code: 500 } } };
      case 'nonsense':
        return { ...answer, body: '{"token": ' };
      case 'huge':
        return { ...answer, body: { token: 'x'.repeat(4 * 1024 * 1024) } };
      default:
        return answer;
    }
  }

  #rightAnswer(request: Received): Given {
    if (request.path !== '/identity/v3/auth/tokens') return this.#mistake(`path ${request.path}`);
    if (!request.query.has('nocatalog')) return this.#mistake('the catalogue is not wanted');
    if (request.method === 'POST') return this.#login(request);
    return request.method === 'GET' ? this.#validate(request) : this.#mistake(request.method);
  }

  #login({ body, headers }: Received): Given {
    const domain = { id: 'default' };
    const { user, password, project } = SERVICE_USER;
    const wanted = (secret: string): object => ({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: user, domain, password: secret } },
        },
        scope: { project: { name: project, domain: { name: 'Services' } } },
      },
    });
    if (headers['content-type'] !== 'application/json') return this.#mistake('no content type');
    if (JSON.stringify(body) !== JSON.stringify(wanted(password))) return this.#mistake('login');
    if (this.password !== password) return { status: 401, body: { error: { code: 401 } } };
    const expiresAt = Date.now() + this.ownLifeMs;
    this.#issued += 1;
    const token = `own-${this.#issued}`;
    this.#own.set(token, expiresAt);
    const expires_at = new Date(expiresAt).toISOString();
    return { status: 201, headers: { 'x-subject-token': token }, body: { token: { expires_at } } };
  }

  #validate({ headers, query }: Received): Given {
    if (!this.isOwn(String(headers['x-auth-token']))) return { status: 401, body: {} };
    const subject = headers['x-subject-token'];
    if (typeof subject !== 'string') return this.#mistake('no X-Subject-Token');
    const options = this.#tokens.get(subject);
    const expiresAt = options?.expiresAt ?? Date.now() + 3_600_000;
    const isOver = expiresAt < Date.now() && query.get('allow_expired') !== '1';
    if (options === undefined || isOver) return { status: 404, body: { error: { code: 404 } } };
    return { status: 200, body: { token: tokenBody(options, expiresAt) } };
  }

  #mistake(what: string): Given {
    this.mistakes.push(what);
    return { status: 400, body: { error: { code: 400, message: what } } };
  }
}

function tokenBody(options: TokenOptions, expiresAt: number): object {
  const { user = 'u1', roles = ['member', 'reader'], isSystem = false } = options;
  const project = 'project' in options ? options.project : 'p1';
  return {
    methods: ['password'],
    user: { id: user, name: `name of ${user}`, domain: { id: 'default', name: 'Default' } },
    ...(project === undefined ? {} : { project: { id: project, name: `name of ${project}` } }),
    ...(isSystem ? { system: { all: true } } : {}),
    roles: roles.map((name, at) => ({ id: `role-${at}`, name })),
    expires_at: new Date(expiresAt).toISOString().replace('Z', '000Z'),
    issued_at: new Date(0).toISOString(),
    audit_ids: ['x'],
  };
}
