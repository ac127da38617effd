/**
 * Asks Nova's metadata service what a server asks for, as the server, the way Neutron's agents do
 * (Nova, `service_metadata_proxy`): we vouch for who asks by a signature with a shared secret.
 */
import { createHmac } from 'node:crypto';
import type { HttpCall, HttpClient } from '../lib/http-client.ts';

export interface NovaMetadataOptions {
  readonly http: HttpClient;
  /** Paths are put behind it. */
  readonly url: string;
  /** Nova's `metadata_proxy_shared_secret`. */
  readonly secret: string;
}

/** Who asks: a server, its project, and the address that it asks from. */
interface Server {
  readonly id: string;
  readonly projectId: string;
  readonly address: string;
}

interface Question {
  readonly method: HttpCall['method'];
  /** With the query. */
  readonly path: string;
  readonly body: Buffer;
}

interface Metadata {
  readonly status: number;
  /** Media type of the body; '' when it says none. */
  readonly type: string;
  readonly body: Buffer;
}

export class NovaMetadata {
  readonly #options: NovaMetadataOptions;

  constructor(options: NovaMetadataOptions) {
    this.#options = options;
  }

  /** Rejects with `HttpFailure` when there is no answer. Any status is one. */
  async ask(server: Server, { method, path, body }: Question): Promise<Metadata> {
    const { http, url } = this.#options;
    const headers = this.#headersOf(server);
    const call = { method, url: `${url}${path}`, headers };
    const answer = await http.send(body.length === 0 ? call : { ...call, body });
    const type = answer.headers['content-type'] ?? '';
    return { status: answer.status, type, body: answer.bytes };
  }

  #headersOf({ id, projectId, address }: Server): Record<string, string> {
    const signature = createHmac('sha256', this.#options.secret).update(id).digest('hex');
    return {
      accept: '*/*',
      'x-instance-id': id,
      'x-instance-id-signature': signature,
      'x-tenant-id': projectId,
      'x-forwarded-for': address,
    };
  }
}
