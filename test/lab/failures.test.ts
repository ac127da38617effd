/**
 * Goal: packets flow on whatever fails beside them, and what was lost comes back by itself.
 * Method: real crashes (SIGKILL) and real damage under running pings; exact counts of answers.
 */
import { expect } from 'vitest';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import type { Host } from '../../lab/host.ts';
import { ContinuousPing, ping, pingMatrix, unanswered } from '../../lab/ping.ts';
import type { RestError } from '../../lab/rest.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const AUDIT_INTERVAL_MS = 500;

labDescribe('a network on two hosts', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  let vms: readonly Vm[];
  let near: readonly [Vm, Vm];
  let far: readonly [Vm, Vm];

  const env = { HEDDLE_AUDIT_INTERVAL_MS: String(AUDIT_INTERVAL_MS) };
  useCloud({ hosts: 2, env }, async (started, enrolled) => {
    cloud = started;
    hosts = enrolled;
    network = await cloud.network('red');
    const a = await cloud.boot('a', network, at(hosts, 0));
    const b = await cloud.boot('b', network, at(hosts, 0));
    const c = await cloud.boot('c', network, at(hosts, 1));
    [vms, near, far] = [
      [a, b, c],
      [a, b],
      [a, c],
    ];
    await cloud.realized(...vms);
  });

  labTest('kill -9 of the controller loses no packet; its return sends no flow mod', async () => {
    await expectQuiet(async () => {
      await cloud.controller.kill();
      await cloud.controller.start();
    });
  });

  labTest('an orderly restart of the controller is as quiet', async () => {
    await expectQuiet(() => cloud.controller.restart());
  });

  /** Runs a fault of the controller under running pings; nobody may notice it. */
  async function expectQuiet(fault: () => Promise<void>): Promise<void> {
    const pings = await Promise.all([near, far].map(([from, to]) => pingBetween(from, to)));
    const began = performance.now();
    await fault();
    await cloud.hostsReady();
    await cloud.realized();
    await Promise.all(pings.map((one) => one.answers(50)));
    const reports = await Promise.all(pings.map((one) => one.stop()));
    expect(reports.map(({ lost }) => lost)).toEqual([0, 0]);
    expect(await cloud.modificationsSent()).toBe(0);
    // The switches say the same: none of their flows is younger than the fault.
    const ageS = (performance.now() - began) / 1_000;
    for (const host of hosts) expect(await youngestFlowS(host)).toBeGreaterThan(ageS);
  }

  labTest('flows are back within 2 s of the reconnect of a crashed ovs-vswitchd', async () => {
    const host = at(hosts, 1);
    const before = (await host.flows()).length;
    await host.restartDaemon('ovs-vswitchd', 'SIGKILL');
    await until(() => connected(host), 'br-int to be connected to the controller');
    const reconnected = performance.now();
    await until(async () => (await host.flows()).length === before, `${before} flows`);
    expect(performance.now() - reconnected).toBeLessThan(2_000);
    expect(unanswered(await pingMatrix(vms))).toEqual([]);
  });

  /**
   * The main thread of ovs-vswitchd polls the ports of a userspace datapath, and not while it waits
   * for its database: packets queue in the kernel for a second or more, and whether the queue holds
   * them all is between the switch and its kernel. Ours is that no flow is touched.
   */
  labTest('kill -9 of an ovsdb-server touches no flow; the host is served again', async () => {
    const host = at(hosts, 1);
    const pings = await pingBetween(...far);
    const began = performance.now();
    await host.restartDaemon('ovsdb-server', 'SIGKILL');
    await cloud.hostsReady();
    await pings.answers(20);
    await pings.stop();
    const ageS = (performance.now() - began) / 1_000;
    expect(await youngestFlowS(host)).toBeGreaterThan(ageS);
    const late = await cloud.boot('after', network, host);
    await cloud.realized(late);
    expect((await ping(at(vms, 0), late.address('ipv4'))).answered).toBe(true);
  });

  labTest('flows that somebody deleted are put back by the audit', async () => {
    const host = at(hosts, 0);
    const before = (await host.flows()).length;
    expect(before).toBeGreaterThan(10);
    await host.ovs.ofctl('del-flows', 'br-int');
    await until(async () => (await host.flows()).length === before, `${before} flows`);
    await until(async () => (await driftOf(host)) >= before - 1, 'the repair to be reported');
    expect(unanswered(await pingMatrix(vms))).toEqual([]);
  });

  labTest('a flow that somebody added is taken out by the audit', async () => {
    const host = at(hosts, 0);
    const [before, drift] = [(await host.flows()).length, await driftOf(host)];
    await host.ovs.ofctl('add-flow', 'br-int', 'table=60,priority=65000,actions=drop');
    await until(async () => (await driftOf(host)) > drift, 'the audit to report drift');
    expect((await host.flows()).length).toBe(before);
    expect(unanswered(await pingMatrix(vms))).toEqual([]);
  });

  labTest('a host cut from the controller forwards on and catches up when healed', async () => {
    const host = at(hosts, 1);
    // A new link of a host costs a userspace datapath a packet now and then; a plug does not.
    const late = await cloud.prepare('late', network, at(hosts, 0));
    const pings = await pingBetween(...far);
    await host.cut('control');
    await late.plug();
    await pings.answers(50);
    await host.heal('control');
    await cloud.hostsReady();
    await cloud.realized(late);
    expect((await ping(at(vms, 2), late.address('ipv4'))).answered).toBe(true);
    expect((await pings.stop()).lost).toBe(0);
  });

  labTest('kill -9 of Redis loses no acknowledged write and no packet', async () => {
    const pings = await pingBetween(...far);
    const acknowledged: string[] = [];
    const write = async (number: number): Promise<void> => {
      const name = `after-${number}`;
      const body = { network: { name } };
      await cloud.controller.rest.post('/v2.0/networks', body).then(
        () => acknowledged.push(name),
        (error: unknown) => expect((error as RestError).status).toBe(503),
      );
    };
    const writes = Promise.all(Array.from({ length: 200 }, (_, number) => write(number)));
    await until(() => acknowledged.length > 20, '20 acknowledged writes');
    await cloud.controller.crashRedis();
    await writes;
    await until(() => write(1_000).then(() => acknowledged.includes('after-1000')), 'a write');
    await cloud.controller.kill();
    await cloud.controller.start();
    const path = '/v2.0/networks?fields=name';
    const { networks } = await cloud.controller.rest.get<{ networks: { name: string }[] }>(path);
    const names = networks.map(({ name }) => name);
    expect(acknowledged.filter((name) => !names.includes(name))).toEqual([]);
    expect((await pings.stop()).lost).toBe(0);
  });

  function pingBetween(from: Vm, to: Vm): Promise<ContinuousPing> {
    return ContinuousPing.start(from, to.address('ipv4'), { intervalMs: 10 });
  }

  async function driftOf(host: Host): Promise<number> {
    const found = (await cloud.hosts()).find(({ id }) => id === host.ovs.systemId);
    return found?.drift_repaired ?? 0;
  }
});

async function youngestFlowS(host: Host): Promise<number> {
  const ages = (await host.flows()).map((flow) => Number(/duration=([\d.]+)s/.exec(flow)?.[1]));
  return Math.min(...ages);
}

async function connected(host: Host): Promise<boolean> {
  const states = await host.ovs.vsctl(
    '--columns=is_connected',
    '--format=csv',
    '-d',
    'bare',
    'list',
    'Controller',
  );
  return states.includes('true');
}
