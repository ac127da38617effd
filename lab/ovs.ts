/**
 * One stock Open vSwitch: an `ovsdb-server` and an `ovs-vswitchd` with a folder of their own.
 * Either a sandbox (`dummy`: real OVS code, no root, no packets) or a host's switch inside a
 * network namespace (userspace datapath, real packets).
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DATAPATH_TYPE } from './datapath.ts';
import { exec, killByPidFile, PATIENCE, until } from './exec.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export type OvsDaemon = 'ovsdb-server' | 'ovs-vswitchd';

export interface OvsOptions {
  /** Holds sockets, database, logs and pid files; made if absent. Keep it short: socket paths. */
  readonly dir: string;
  readonly netns?: string;
  /** Every device type is a dummy: no root needed, `netdev-dummy/receive` injects packets. */
  readonly dummy?: boolean;
  readonly systemId: string;
}

export class Ovs {
  readonly dir: string;
  readonly systemId: string;
  readonly netns: string | undefined;
  readonly #dummy: boolean;

  constructor(options: OvsOptions) {
    this.dir = options.dir;
    this.systemId = options.systemId;
    this.netns = options.netns;
    this.#dummy = options.dummy ?? false;
  }

  get ovsdbSocket(): string {
    return join(this.dir, 'db.sock');
  }

  /** Makes the database and starts both daemons; each has opened its sockets when this returns. */
  async start(): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    await exec(['ovsdb-tool', 'create', join(this.dir, 'conf.db'), SCHEMA]);
    await this.startDaemon('ovsdb-server');
    await this.vsctl('--no-wait', 'init');
    await this.vsctl(
      '--no-wait',
      'set',
      'Open_vSwitch',
      '.',
      `external_ids:system-id=${this.systemId}`,
    );
    await this.startDaemon('ovs-vswitchd');
  }

  async startDaemon(daemon: OvsDaemon): Promise<void> {
    const command = [daemon, ...this.#arguments(daemon), ...this.#common(daemon), '--detach'];
    await exec(command, { netns: this.netns, env: this.#environment() });
  }

  /** Ends a daemon with `signal` (SIGKILL: a crash) and waits until it has gone. */
  async stopDaemon(daemon: OvsDaemon, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await killByPidFile(this.pidFile(daemon), signal);
  }

  async restartDaemon(daemon: OvsDaemon, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stopDaemon(daemon, signal);
    await this.startDaemon(daemon);
  }

  /** Ends both daemons and removes the folder. */
  async stop(): Promise<void> {
    await this.stopDaemon('ovs-vswitchd');
    await this.stopDaemon('ovsdb-server');
    await rm(this.dir, { recursive: true, force: true });
  }

  pidFile(daemon: OvsDaemon): string {
    return join(this.dir, `${daemon}.pid`);
  }

  /** `ovs-vsctl` on this switch; waits until ovs-vswitchd has applied the change. */
  vsctl(...args: string[]): Promise<string> {
    return this.#run([
      'ovs-vsctl',
      `--db=unix:${this.ovsdbSocket}`,
      `--timeout=${20 * PATIENCE}`,
      ...args,
    ]);
  }

  /** `ovs-ofctl` with OpenFlow 1.5; name the bridge as `br-int`. */
  ofctl(command: string, bridge: string, ...args: string[]): Promise<string> {
    const target = `unix:${join(this.dir, `${bridge}.mgmt`)}`;
    return this.#run(['ovs-ofctl', '-O', 'OpenFlow15', command, target, ...args]);
  }

  /** Waits until ovs-vswitchd serves OpenFlow for a bridge; after a start it takes a moment. */
  async bridgeReady(bridge: string): Promise<void> {
    await until(
      () => this.ofctl('show', bridge).catch(() => ''),
      `bridge ${bridge} of ${this.systemId} to answer`,
    );
  }

  /** `ovs-appctl` to ovs-vswitchd. */
  appctl(...args: string[]): Promise<string> {
    return this.#run(['ovs-appctl', '-t', join(this.dir, 'ovs-vswitchd.ctl'), ...args]);
  }

  /** What ovs-vswitchd has written down. */
  log(): Promise<string> {
    return readFile(join(this.dir, 'ovs-vswitchd.log'), 'utf8');
  }

  /** Runs a tool; it talks to the daemons through unix sockets, in whatever namespace they are. */
  #run(command: readonly string[]): Promise<string> {
    return exec(command, { env: this.#environment() });
  }

  #environment(): Record<string, string> {
    return { OVS_RUNDIR: this.dir, OVS_LOGDIR: this.dir };
  }

  #arguments(daemon: OvsDaemon): string[] {
    if (daemon === 'ovs-vswitchd') {
      // The order matters: only types that are still enabled can be overridden by dummies.
      const mode = this.#dummy ? ['--enable-dummy=override'] : [];
      const system = DATAPATH_TYPE === 'system' && !this.#dummy ? [] : ['--disable-system'];
      return [`unix:${this.ovsdbSocket}`, ...mode, ...system];
    }
    // Without the second remote a host's `ovs-vsctl set-manager` has no effect.
    return [
      join(this.dir, 'conf.db'),
      `--remote=punix:${this.ovsdbSocket}`,
      '--remote=db:Open_vSwitch,Open_vSwitch,manager_options',
    ];
  }

  #common(daemon: OvsDaemon): string[] {
    return [
      `--pidfile=${this.pidFile(daemon)}`,
      `--unixctl=${join(this.dir, `${daemon}.ctl`)}`,
      `--log-file=${join(this.dir, `${daemon}.log`)}`,
      '--no-chdir',
      '-vconsole:off',
    ];
  }
}
