/** A real ovsdb-server alone, without a switch: for what the sandbox's standalone one cannot do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, killByPidFile } from '../../lab/exec.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export class OvsdbServer {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** A cluster of one member: such a database counts its transactions. */
  static async startCluster(): Promise<OvsdbServer> {
    const server = new OvsdbServer(await mkdtemp(join(tmpdir(), 'heddle-')));
    const raft = `unix:${join(server.dir, 'raft.sock')}`;
    await exec(['ovsdb-tool', 'create-cluster', server.#database, SCHEMA, raft]);
    await server.#start();
    await exec(['ovsdb-client', 'wait', server.target, 'Open_vSwitch', 'connected']);
    return server;
  }

  get target(): string {
    return `unix:${join(this.dir, 'db.sock')}`;
  }

  /** Ends the server and removes its folder. */
  async stop(): Promise<void> {
    await killByPidFile(join(this.dir, 'pid'), 'SIGTERM');
    await rm(this.dir, { recursive: true, force: true });
  }

  get #database(): string {
    return join(this.dir, 'conf.db');
  }

  async #start(): Promise<void> {
    await exec([
      'ovsdb-server',
      this.#database,
      `--remote=p${this.target}`,
      `--pidfile=${join(this.dir, 'pid')}`,
      `--unixctl=${join(this.dir, 'ctl')}`,
      `--log-file=${join(this.dir, 'log')}`,
      '-vconsole:off',
      '--no-chdir',
      '--detach',
    ]);
  }
}
