/** The demo's story, step by step; each step shows what it did and keeps its figures. */
import { Cloud, type CloudNetwork } from '../cloud.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { ContinuousPing, type MatrixCell, pingMatrix, unanswered } from '../ping.ts';
import type { Vm } from '../vm.ts';
import { pairKey, proveIsolation } from './isolation.ts';
import { addLive } from './live.ts';
import type { DemoFigures } from './report.ts';
import { type Cell, duration, type Screen } from './screen.ts';

const HOSTS = 3;
const RANGE = '10.0.0.0/24';
/** Answers under way before and after the fault, so that a gap at either end would be seen. */
const PINGS_AROUND = 50;

interface Tenant {
  readonly name: string;
  readonly network: CloudNetwork;
  readonly vms: Vm[];
}

export class Story {
  readonly #lab: Lab;
  readonly #screen: Screen;
  readonly figures: DemoFigures = { ping_matrix: [], live: [] };

  constructor(lab: Lab, screen: Screen) {
    this.#lab = lab;
    this.#screen = screen;
  }

  async tell(): Promise<void> {
    const cloud = await this.#startCloud();
    const tenants = await this.#createTenants(cloud);
    await this.#showReachability(tenants);
    await this.#addLiveVms(cloud, tenants);
    await this.#restartController(cloud, tenants);
  }

  async #startCloud(): Promise<Cloud> {
    this.#screen.step(`Start a controller and ${HOSTS} hosts with a stock Open vSwitch each`);
    const started = performance.now();
    const cloud = await Cloud.up(this.#lab, HOSTS);
    this.figures.hosts_ready_ms = performance.now() - started;
    this.#screen.done(
      `all hosts enrolled and ready after ${duration(this.figures.hosts_ready_ms)}`,
    );
    this.#screen.note('each host was told one thing: ovs-vsctl set-manager tcp:CONTROLLER:6640');
    return cloud;
  }

  async #createTenants(cloud: Cloud): Promise<Tenant[]> {
    this.#screen.step(`Create two tenants with the same addresses, ${RANGE}, over the REST API`);
    const hosts = [...this.#lab.hosts.values()];
    const tenants: Tenant[] = [];
    for (const name of ['a', 'b']) {
      const projectId = `tenant-${name}`;
      const network = await cloud.network(`net-${name}`, { projectId, cidrs: [RANGE] });
      const vms: Vm[] = [];
      for (const [index, host] of hosts.entries()) {
        const ips = [`10.0.0.${11 + index}`];
        vms.push(await cloud.boot(`${name}${index + 1}`, network, host, { ips }));
      }
      this.#screen.done(`tenant ${name}: network ${network.id}, VNI ${network.vni}`);
      this.#screen.note(vms.map(describeVm).join('   '));
      tenants.push({ name, network, vms });
    }
    const started = performance.now();
    await cloud.realized(...tenants.flatMap(({ vms }) => vms));
    this.figures.ports_active_ms = performance.now() - started;
    const after = duration(this.figures.ports_active_ms);
    this.#screen.done(`every port ACTIVE on every host, ${after} after the last VM was plugged`);
    return tenants;
  }

  async #showReachability(tenants: readonly Tenant[]): Promise<void> {
    this.#screen.step('Who reaches whom');
    const pings = (await Promise.all(tenants.map(({ vms }) => pingMatrix(vms)))).flat();
    const proof = await proveIsolation(tenants.map(({ vms }) => vms));
    const { leaked, ...isolation } = proof;
    this.figures.isolation = isolation;
    this.figures.ping_matrix = pings.map(({ from, to, answered, ms }) => ({
      from: from.name,
      to: to.name,
      answered,
      rtt_ms: ms ?? null,
    }));
    const all = tenants.flatMap(({ vms }) => vms);
    this.#screen.matrix(all.map(placeOf), (row, column) => {
      const [from, to] = [all[row], all[column]];
      if (from === undefined || to === undefined || from === to)
        return { text: '-', tone: 'quiet' };
      const leaks = leaked.get(pairKey(from, to));
      return leaks === undefined ? pingCell(pings, from, to) : leakCell(leaks);
    });
    this.#screen.note('milliseconds to an answer; · = frames sent straight at it, none arrived');
    const silent = unanswered(pings);
    const answered = `${pings.length - silent.length} of ${pings.length}`;
    this.#screen.check(`within a tenant ${answered} pings were answered`, silent.length === 0);
    const { frames_sent, frames_leaked, control_counted, control_expected } = isolation;
    this.#screen.check(
      `of ${frames_sent} frames sent at the other tenant and broadcast, ` +
        `${frames_leaked} were counted there`,
      frames_leaked === 0,
    );
    this.#screen.check(
      `the same broadcasts reached their own tenant: ${control_counted} of ${control_expected}`,
      control_counted === control_expected,
    );
  }

  async #addLiveVms(cloud: Cloud, tenants: readonly Tenant[]): Promise<void> {
    this.#screen.step('Add a fourth VM to each tenant, live');
    const hosts = [...this.#lab.hosts.values()];
    for (const [index, tenant] of tenants.entries()) {
      const [host, peer] = [hosts[index], tenant.vms.at(-1)];
      if (host === undefined || peer === undefined) throw new Error('a tenant without VMs');
      const name = `${tenant.name}4`;
      const mac = `fa:16:3e:00:0${index}:04`;
      const options = { name, network: tenant.network, host, peer, ip: '10.0.0.14', mac };
      const { vm, figures } = await addLive(this.#lab, cloud, options);
      tenant.vms.push(vm);
      this.figures.live.push(figures);
      this.#screen.done(
        `${placeOf(vm)}: POST answered ${duration(figures.post_ms)}, ` +
          `plugged ${duration(figures.plugged_ms)}, ACTIVE ${duration(figures.active_ms)}, ` +
          `first packet answered ${duration(figures.first_answer_ms)}`,
      );
    }
    await cloud.realized();
    const pings = (await Promise.all(tenants.map(({ vms }) => pingMatrix(vms)))).flat();
    const silent = unanswered(pings);
    const answered = `${pings.length - silent.length} of ${pings.length}`;
    this.#screen.check(`now ${answered} pings within a tenant were answered`, silent.length === 0);
  }

  async #restartController(cloud: Cloud, tenants: readonly Tenant[]): Promise<void> {
    this.#screen.step('Kill the controller (kill -9) under running pings, and start it again');
    const pairs = tenants.flatMap(({ vms }) => [pairOf(vms, 0, 1), pairOf(vms, 0, -1)]);
    const running = await Promise.all(
      pairs.map(async ({ from, to }) => ({
        pair: `${placeOf(from)} > ${placeOf(to)}`,
        ping: await ContinuousPing.start(from, to.address('ipv4'), { intervalMs: 10 }),
      })),
    );
    await Promise.all(running.map(({ ping }) => ping.answers(PINGS_AROUND)));
    const killed = performance.now();
    await cloud.controller.kill();
    this.#screen.done('controller killed');
    await cloud.controller.start();
    await cloud.hostsReady();
    await cloud.realized();
    const back = performance.now() - killed;
    await Promise.all(running.map(({ ping }) => ping.answers(PINGS_AROUND)));
    const reports = await Promise.all(
      running.map(async ({ pair, ping }) => {
        const { sent, lost, longestGapMs } = await ping.stop();
        return { pair, sent, lost, longest_gap_ms: longestGapMs };
      }),
    );
    const mods = await cloud.modificationsSent();
    this.figures.restart = { back_ms: back, flow_mods: mods, pings: reports };
    this.#screen.done(`back, every host compared and ready, ${duration(back)} after the kill`);
    this.#screen.check(`${mods} flow mods were sent`, mods === 0);
    for (const { pair, sent, lost, longest_gap_ms } of reports) {
      const gap = `longest gap ${duration(longest_gap_ms)}`;
      this.#screen.check(`${pair}: ${lost} of ${sent} pings lost, ${gap}`, lost === 0);
    }
  }
}

function pairOf(vms: readonly Vm[], first: number, second: number): { from: Vm; to: Vm } {
  const [from, to] = [vms.at(first), vms.at(second)];
  if (from === undefined || to === undefined) throw new Error('a tenant with too few VMs');
  return { from, to };
}

function describeVm(vm: Vm): string {
  return `${placeOf(vm)} ${vm.address('ipv4')} ${vm.mac}`;
}

function placeOf(vm: Vm & { host: Host }): string {
  return `${vm.name}@${vm.host.name}`;
}

function pingCell(pings: readonly MatrixCell[], from: Vm, to: Vm): Cell {
  const found = pings.find((cell) => cell.from === from && cell.to === to);
  return found?.ms === undefined
    ? { text: '✗', tone: 'bad' }
    : { text: found.ms.toFixed(2), tone: 'good' };
}

function leakCell(leaks: number): Cell {
  return leaks === 0 ? { text: '·', tone: 'quiet' } : { text: `✗ ${leaks}`, tone: 'bad' };
}
