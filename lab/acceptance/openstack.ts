/** The `openstack` command, unmodified, as one person in a namespace of the lab. */
import { type CommandResult, exec, tryExec } from '../exec.ts';
import type { Namespace } from '../namespace.ts';
import { PYTHON } from '../python.ts';

export interface Credentials {
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  readonly region: string;
}

/** Python starts slowly, the more so while others work beside it. */
const TIMEOUT_MS = 120_000;

export class OpenStack {
  readonly #namespace: Namespace;
  /** What the client's own environment variables say. */
  readonly env: Readonly<Record<string, string>>;

  /** @param who by name with Keystone, or at which endpoint without anybody's name. */
  constructor(namespace: Namespace, who: Credentials | { readonly endpoint: string }) {
    this.#namespace = namespace;
    this.env = 'endpoint' in who ? anonymous(who.endpoint) : named(who);
  }

  /** Runs one command and gives what it prints as JSON. */
  async json<T>(...words: readonly string[]): Promise<T> {
    return JSON.parse(await exec(['openstack', ...words, '-f', 'json'], this.#options())) as T;
  }

  async run(...words: readonly string[]): Promise<void> {
    await exec(['openstack', ...words], this.#options());
  }

  /** Runs one command, whatever becomes of it. */
  try(...words: readonly string[]): Promise<CommandResult> {
    return tryExec(['openstack', ...words], this.#options());
  }

  async succeeds(...words: readonly string[]): Promise<boolean> {
    return (await this.try(...words)).exitCode === 0;
  }

  /**
   * Runs commands one after the other in one process, which is many times as fast.
   * @throws when any of them printed to standard error
   */
  async script(lines: readonly string[]): Promise<void> {
    const options = { ...this.#options(), input: `${lines.join('\n')}\n` };
    const { stderr } = await tryExec(['openstack'], options);
    if (stderr.trim() !== '') throw new Error(`openstack: ${stderr.trim()}`);
  }

  /** Runs a Python program, with Debian's Python and its libraries, against the same cloud. */
  async python(file: string, ...words: readonly string[]): Promise<string> {
    return exec([PYTHON, file, ...words], this.#options());
  }

  #options() {
    return { netns: this.#namespace.name, env: this.env, timeoutMs: TIMEOUT_MS };
  }
}

/** Python warns of its own libraries on standard error. */
const QUIET = { PYTHONWARNINGS: 'ignore' };

function anonymous(endpoint: string): Record<string, string> {
  return { ...QUIET, OS_AUTH_TYPE: 'none', OS_ENDPOINT: endpoint };
}

function named({ authUrl, user, password, project, region }: Credentials): Record<string, string> {
  return {
    ...QUIET,
    OS_AUTH_TYPE: 'password',
    OS_AUTH_URL: authUrl,
    OS_USERNAME: user,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
  };
}
