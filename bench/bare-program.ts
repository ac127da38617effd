/** The program of api-floor.ts: what of a POST is Node's, Redis's and the disk's. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../lab/exec.ts';
import { Rest } from '../lab/rest.ts';
import { startProgram, temporaryFolder } from './rig.ts';

const NETWORK = '00000000-0000-4000-8000-000000000001';

export class BareProgram {
  readonly #dir: string;
  readonly #program: { stop(): Promise<void> };
  readonly #rest: Rest;

  private constructor(dir: string, socket: string) {
    this.#dir = dir;
    this.#program = startProgram('api-floor.js', [dir, socket]);
    this.#rest = new Rest(socket);
  }

  static async start(): Promise<BareProgram> {
    const dir = await temporaryFolder();
    const program = new BareProgram(dir, join(dir, 'floor.sock'));
    await until(() => program.post().catch(() => undefined), 'the bare program to answer');
    return program;
  }

  post(): Promise<unknown> {
    return this.#rest.post('/v2.0/ports', { port: { network_id: NETWORK } });
  }

  async stop(): Promise<void> {
    this.#rest.close();
    await this.#program.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
