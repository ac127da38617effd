/**
 * Goal: the counts of rules are exactly the packets that passed, in each direction and IP version,
 * whatever fails meanwhile: controllers, channels, switches.
 * Method: pings whose requests and answers are known in number; a rule counts both. What is read is
 * what the REST API says, again and again until it says so, and then nothing more.
 */
import { expect } from 'vitest';
import { until } from '../../lab/exec.ts';
import { python } from '../../lab/python.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at } from '../support/lab-cloud.ts';
import { bothVersions, type Group, useSecurityWorld } from '../support/lab-security.ts';

type Family = 'ipv4' | 'ipv6';

interface Stats {
  readonly packets: number;
  readonly as_of: string | null;
  readonly hosts: readonly { readonly host: string; readonly packets: number }[];
}

const ICMP = bothVersions({ protocol: 'icmp' });
const OUT = ICMP.map((rule) => ({ ...rule, direction: 'egress' as const }));

labDescribe('rules that count', () => {
  const world = useSecurityWorld();
  let serving: Group;
  let asking: Group;
  /** What each rule must have counted, by the position of its IP version. */
  const passed = { in: [0, 0], out: [0, 0] };

  labTest('what comes in and what goes out is counted by rule, version and host', async () => {
    const { near, far, server } = world().parts;
    asking = await world().group(OUT, { isEgressFree: false });
    serving = await world().group([...ICMP, ...bothVersions({ protocol: 'tcp' })], {
      isEgressFree: false,
    });
    await world().regroup(server, serving);
    for (const vm of [near, far]) await world().regroup(vm, asking);
    await world().realized();
    await pings(near, 'ipv4', 7);
    await pings(near, 'ipv6', 5);
    await pings(far, 'ipv4', 11);
    await pings(far, 'ipv6', 3);
    await expectExact();
    const { hosts } = await statsOf(at(asking.rules, 0));
    const [first, second] = world().parts.hosts.map(({ ovs }) => ovs.systemId);
    expect(hosts).toMatchObject([
      { host: first, packets: 14 },
      { host: second, packets: 22 },
    ]);
  });

  labTest(
    'what no rule lets through is nobody’s, and rules that nothing met are listed',
    async () => {
      const { near, server, cloud, network } = world().parts;
      const address = server.address('ipv4');
      await near.run(python(`import socket; socket.create_connection(('${address}', 81), 0.3)`));
      await expectExact();
      const path = `/v1/projects/${network.projectId}/never-hit-rules`;
      const { security_group_rules: unmet } = await cloud.controller.rest.get<{
        security_group_rules: { id: string; counted: boolean }[];
      }>(path);
      const ids = unmet.filter(({ counted }) => counted).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(serving.rules.slice(2)));
      for (const met of [...serving.rules.slice(0, 2), ...asking.rules])
        expect(ids).not.toContain(met);
    },
  );

  labTest('kill -9 of the controller under traffic loses nothing and doubles nothing', async () => {
    const { cloud, near } = world().parts;
    const running = pings(near, 'ipv4', 300);
    for (let round = 0; round < 2; round++) {
      await statsOf(at(serving.rules, 0));
      await cloud.controller.kill();
      await cloud.controller.start();
      await cloud.hostsReady();
    }
    await running;
    await expectExact();
  });

  labTest('a switch that was cut off counts on, and is read when it is back', async () => {
    const { cloud, hosts, far } = world().parts;
    const host = at(hosts, 1);
    await host.cut('control');
    await pings(far, 'ipv6', 40);
    await host.heal('control');
    await cloud.hostsReady();
    await expectExact();
  });

  labTest('a switch that begins anew adds to what it had counted', async () => {
    const { cloud, hosts, far, server } = world().parts;
    await at(hosts, 1).restartDaemon('ovs-vswitchd', 'SIGKILL');
    await cloud.hostsReady();
    await world().realized(far, server);
    await pings(far, 'ipv4', 60);
    await expectExact();
  });

  labTest('flows that go with a port and come back with it count on', async () => {
    const { far } = world().parts;
    for (const count of [4, 4, 9]) {
      await pings(far, 'ipv4', count);
      await counted();
      await world().regroup(far);
      await world().realized();
      await world().regroup(far, asking);
      await world().realized();
      await Promise.all(world().parts.hosts.map((host) => host.settled()));
    }
    await expectExact();
  });

  /** All are answered; both ways are counted, by the rule of whoever asks and of the server. */
  async function pings(from: Vm, family: Family, count: number): Promise<void> {
    const address = world().parts.server.address(family);
    const { stdout } = await from.run([
      'ping',
      '-n',
      '-q',
      '-i',
      '0.02',
      '-c',
      String(count),
      address,
    ]);
    expect(stdout).toContain(`${count} packets transmitted, ${count} received`);
    const version = family === 'ipv4' ? 0 : 1;
    passed.in[version] = at(passed.in, version) + 2 * count;
    passed.out[version] = at(passed.out, version) + 2 * count;
  }

  /** What the datapaths have counted is with the flows. */
  async function counted(): Promise<void> {
    await Promise.all(world().parts.hosts.map((host) => host.counted()));
  }

  function statsOf(rule: string): Promise<Stats> {
    const { rest } = world().parts.cloud.controller;
    return rest.get<Stats>(`/v1/security-group-rules/${rule}/stats`);
  }

  async function readAfter(rule: string, ms: number): Promise<Stats> {
    let stats = await statsOf(rule);
    await until(async () => {
      stats = await statsOf(rule);
      return Date.parse(stats.as_of ?? '') > ms;
    }, `rule ${rule} to be read`);
    return stats;
  }

  async function expectExact(): Promise<void> {
    await counted();
    const asked = Math.floor(Date.now() / 1000) * 1000;
    const rules = [...serving.rules.slice(0, 2), ...asking.rules];
    const told = await Promise.all(rules.map((rule) => readAfter(rule, asked)));
    expect(told.map(({ packets }) => packets)).toEqual([...passed.in, ...passed.out]);
  }
});
