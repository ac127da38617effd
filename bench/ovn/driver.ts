/**
 * The line protocol: requests on standard input, `{"id":n,"done":true}` or `{"id":n,"error":"…"}`
 * on standard output. A request is done when every host that it concerns has confirmed with a
 * barrier: writes say `Prefer: wait`. That a port was plugged in as well, so that its own host was
 * among them, is seen afterwards, by its being ACTIVE.
 *
 * It is a client of the controller that its parent becomes once the hosts are known. What each
 * request took, and the CPU time of the controller and of its Redis, goes to standard error.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../lab/exec.ts';
import { Rest } from '../../lab/rest.ts';
import { Watch } from '../../lab/watch.ts';
import { freePort, temporaryFolder } from '../rig.ts';
import { prepareHosts } from './hosts.ts';
import { placeOnStandIns } from './stand-ins.ts';
import { Tenant } from './tenant.ts';
import type { HostGiven, PortGiven, Request, Workload } from './workload.ts';

const START_TIMEOUT_MS = 60_000;
const WAIT_S = 60;

class Driver {
  readonly #dir: string;
  readonly #api: Rest;
  readonly #confirmed: Rest;
  readonly #tenant: Tenant;
  #watch: Watch | undefined;
  /** What the hosts' interfaces are called. */
  #plugged: ReadonlySet<string> = new Set();
  /** Ports that were added, and have not been seen to be ACTIVE. */
  #added: string[] = [];

  constructor(dir: string) {
    this.#dir = dir;
    this.#api = new Rest(this.#socket);
    this.#confirmed = new Rest(this.#socket, { prefer: `wait=${WAIT_S}` });
    this.#tenant = new Tenant(this.#api, this.#confirmed);
  }

  async serve(request: Request): Promise<void> {
    switch (request.op) {
      case 'hosts':
        return this.#enrol(request.hosts);
      case 'load':
        return this.#load(request.workload, new Set(request.simulated));
      case 'port-add':
        return this.#addPort(request.port);
      case 'port-del':
        return this.#tenant.deletePort(request.port.name);
      case 'rule-add':
        return this.#tenant.addRule(request.group, request.rule, request.key);
      case 'rule-del':
        return this.#tenant.deleteRule(request.group, request.key);
      case 'sync':
        return this.#sync();
    }
  }

  /** Resolves when every port that was added is ACTIVE. */
  async seeAdded(): Promise<void> {
    const watch = this.#watch;
    if (watch !== undefined) await Promise.all(this.#added.splice(0).map((id) => watch.active(id)));
  }

  /** CPU seconds so far, of the controller and of its Redis. */
  async cpu(): Promise<string> {
    const redis = await readFile(join(this.#dir, 'redis.pid'), 'utf8').catch(() => '');
    const [ours, its] = [await cpuSeconds(process.ppid), await cpuSeconds(Number(redis))];
    return `controller ${ours.toFixed(2)} s, Redis ${its.toFixed(2)} s of CPU so far`;
  }

  get #socket(): string {
    return join(this.#dir, 'api.sock');
  }

  async #enrol(hosts: readonly HostGiven[]): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    this.#plugged = await prepareHosts(hosts);
    process.send?.(await settings(this.#dir, this.#socket, hosts));
    const serves = (): Promise<boolean> =>
      this.#api.get('/v1/health').then(
        () => true,
        () => false,
      );
    await until(serves, 'the controller to serve', START_TIMEOUT_MS);
    this.#watch = await Watch.open(this.#socket);
    const ready = async (): Promise<boolean> => {
      const answer = await this.#api.get<{ hosts: { state: string }[] }>('/v1/hosts');
      return answer.hosts.filter(({ state }) => state === 'ready').length >= hosts.length;
    };
    await until(ready, 'every host to be ready', START_TIMEOUT_MS);
  }

  async #load(workload: Workload, standIns: ReadonlySet<string>): Promise<void> {
    await this.#tenant.load(workload);
    const placed = workload.ports.filter(({ host }) => standIns.has(host));
    const ids = await this.#tenant.addPorts(placed);
    const ports = placed.map(({ host }, index) => ({ host, id: ids[index] ?? '' }));
    if (ports.length > 0) await placeOnStandIns(this.#dir, [...standIns], ports);
    this.#added = await this.#tenant.addPorts(
      workload.ports.filter(({ host }) => !standIns.has(host)),
    );
    await this.seeAdded();
    await this.#sync();
  }

  async #addPort(port: PortGiven): Promise<void> {
    if (!this.#plugged.has(port.name)) throw new Error(`no interface is named ${port.name}`);
    this.#added = [await this.#tenant.addPort(port)];
  }

  async #sync(): Promise<void> {
    const path = `/v1/realized?wait=${WAIT_S}`;
    const { realized, lagging } = await this.#api.get<{ realized: boolean; lagging?: string[] }>(
      path,
    );
    if (!realized) throw new Error(`not confirmed by ${lagging?.join(', ')}`);
  }
}

/** A host that listens is dialled there, any other at its socket. */
async function settings(
  dir: string,
  api: string,
  hosts: readonly HostGiven[],
): Promise<Record<string, string>> {
  const targets = hosts.map(({ mgmt_ip, ovsdb }) => (mgmt_ip ? `tcp:${mgmt_ip}:6640` : ovsdb));
  const openflow = await freePort();
  const isLocal = hosts.some(({ mgmt_ip }) => !mgmt_ip);
  return {
    HEDDLE_DATA_DIR: dir,
    HEDDLE_API_LISTEN: `unix:${api}`,
    HEDDLE_OVSDB_LISTEN: `127.0.0.1:${await freePort()}`,
    HEDDLE_OPENFLOW_LISTEN: `${isLocal ? '127.0.0.1' : '0.0.0.0'}:${openflow}`,
    HEDDLE_OPENFLOW_ADVERTISE: isLocal ? `tcp:127.0.0.1:${openflow}` : '',
    HEDDLE_DIAL_HOSTS: targets.join(','),
    HEDDLE_CONTROLLER_ID: 'backend',
    HEDDLE_LOG_FILE: join(dir, 'controller.log'),
  };
}

/** Of all threads of a process: proc(5), in clock ticks of 10 ms. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

// A controller that is started anew in the same folder finds what it had stored.
const rundir = process.env['OVS_RUNDIR'];
const driver = new Driver(rundir === undefined ? await temporaryFolder() : join(rundir, 'heddle'));
process.on('disconnect', () => process.exit(0));
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const start = performance.now();
  const failed = await driver.serve(request).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const answer = failed === undefined ? { done: true } : { error: failed };
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer })}\n`);
  const took = (performance.now() - start).toFixed(1);
  await driver.seeAdded();
  console.error(`${request.op}: ${failed ?? 'done'} in ${took} ms; ${await driver.cpu()}`);
}
process.exit(0);
