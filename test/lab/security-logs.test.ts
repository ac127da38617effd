/**
 * Goal: logs tell of each connection that is let through, once, and of what is dropped, with the rule
 * and what the packet was; a flood is told no more than the meter of its port allows, and disturbs
 * nobody.
 * Method: a server that is logged, clients beside it and across that are not; the lines that the
 * controller writes to its file. That others learn nothing is shown by test/integration/controller.
 */
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect } from 'vitest';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { Conversation } from '../../lab/conversation.ts';
import { until } from '../../lab/exec.ts';
import { udp } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { Injector } from '../../lab/inject.ts';
import { ContinuousPing, type Family } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { LOG_RATE } from '../../src/compiler/index.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest, useCloud } from '../support/lab-cloud.ts';
import { bothVersions, FAMILIES, newPorts, openPorts } from '../support/lab-security.ts';

interface Line {
  readonly verdict: string;
  readonly direction: string;
  readonly protocol: string;
  readonly src: string;
  readonly src_port?: number;
  readonly dst_port?: number;
  readonly icmp_type?: number;
  readonly port_id: string;
  readonly project_id: string;
  readonly rule_id: string | null;
  readonly host: string;
  readonly logs: readonly string[];
}

const FILE = join(tmpdir(), `heddle-connections-${process.pid}.log`);
const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];
const NOTHING = Buffer.alloc(0);
const OPEN = 8000;
const CLOSED = 9000;
/** A flow that hands packets over to be written down: that is service 16. */
const TELLS = /controller\(.*userdata=10\./;
/** What kernels say to all routers as their interfaces come up; other ports need not hear it. */
const MLD_REPORT = 143;

labDescribe('logs', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  let server: Vm;
  let clients: readonly Vm[];
  let log: string;
  /** Rules of the server by protocol and IP version, as lines have them. */
  const rules = new Map<string, string>();
  let read = 0;

  useCloud({ hosts: 2, env: { HEDDLE_NETWORK_LOG: FILE } }, async (started, enrolled) => {
    [cloud, hosts] = [started, enrolled];
    network = await cloud.network('red', { cidrs: CIDRS });
    const attributes = { security_groups: [await makeGroup()] };
    server = await cloud.boot('server', network, at(hosts, 0), { attributes });
    const near = await cloud.boot('near', network, at(hosts, 0));
    const far = await cloud.boot('far', network, at(hosts, 1));
    clients = [near, far];
    await cloud.realized(server, near, far);
    const wanted = {
      resource_type: 'security_group',
      target_id: server.ifaceId,
      project_id: 'red',
    };
    const { rest } = cloud.controller;
    const made = await rest.post<{ log: { id: string } }>('/v2.0/log/logs', { log: wanted });
    log = made.log.id;
    await cloud.realized();
  });
  afterAll(() => rm(FILE, { force: true }));
  beforeEach(async () => {
    read = (await all()).length;
  });

  async function makeGroup(): Promise<string> {
    const { rest } = cloud.controller;
    const { security_group: group } = await rest.post<{ security_group: { id: string } }>(
      '/v2.0/security-groups',
      { security_group: { name: 'served', project_id: 'red' } },
    );
    const wanted = [
      ...openPorts('tcp', OPEN),
      ...openPorts('udp', OPEN),
      ...bothVersions({ protocol: 'icmp' }),
    ];
    for (const rule of wanted) {
      const { security_group_rule: made } = await rest.post<{
        security_group_rule: { id: string };
      }>('/v2.0/security-group-rules', {
        security_group_rule: {
          direction: 'ingress',
          security_group_id: group.id,
          project_id: 'red',
          ...rule,
        },
      });
      rules.set(`${rule.protocol} ${rule.ethertype}`, made.id);
    }
    return group.id;
  }

  async function all(): Promise<Line[]> {
    const text = await readFile(FILE, 'utf8').catch(() => '');
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Line);
  }

  /** What has been written since the test began, when all that was sent before has been. */
  async function told(from = at(clients, 1)): Promise<Line[]> {
    const injector = Injector.start(from.namespace, 'eth0');
    const ends = honest(from, server);
    let lines: readonly Line[] = [];
    let fence = newPorts(CLOSED + 1);
    await until(async () => {
      // One may be more than the meter allows.
      fence = newPorts(CLOSED + 1);
      await injector.send([udp(ends, fence, NOTHING)]);
      lines = (await all()).slice(read);
      return lines.some(({ dst_port }) => dst_port === CLOSED + 1);
    }, 'the fence to be told');
    await injector.stop();
    return lines.filter(
      ({ dst_port, icmp_type }) => dst_port !== CLOSED + 1 && icmp_type !== MLD_REPORT,
    );
  }

  const paths = (): { from: Vm; family: Family }[] =>
    clients.flatMap((from) => FAMILIES.map((family) => ({ from, family })));

  labTest(
    'connections over TCP, UDP and ICMP are told once, with the rule that let them in',
    async () => {
      for (const { from, family } of paths()) {
        for (const kind of ['tcp', 'udp'] as const) {
          const talk = await Conversation.open(from, server, { kind, family, port: OPEN });
          for (let round = 0; round < 3; round++) {
            await talk.passes('client', 5_000);
            await talk.passes('server', 5_000);
          }
          await talk.end();
        }
        await from.run(['ping', '-n', '-q', '-i', '0.05', '-c', '5', server.address(family)]);
        const lines = await told();
        const isV4 = family === 'ipv4';
        const icmp = isV4 ? 'icmp' : 'ipv6-icmp';
        const version = isV4 ? 'IPv4' : 'IPv6';
        expect(lines.map(({ verdict, protocol }) => `${verdict} ${protocol}`)).toEqual([
          'ACCEPT tcp',
          'ACCEPT udp',
          `ACCEPT ${icmp}`,
        ]);
        for (const line of lines) {
          expect(line).toMatchObject({
            direction: 'ingress',
            src: from.address(family),
            port_id: server.ifaceId,
            project_id: 'red',
            rule_id: rules.get(`${line.protocol} ${version}`),
            host: at(hosts, 0).ovs.systemId,
            logs: [log],
          });
        }
        expect(lines.map(({ dst_port }) => dst_port)).toEqual([OPEN, OPEN, undefined]);
        read = (await all()).length;
      }
    },
  );

  labTest(
    'datagrams that nobody answers are one connection, and those dropped are each told',
    async () => {
      for (const { from, family } of paths()) {
        const injector = Injector.start(from.namespace, 'eth0');
        const ends = honest(from, server, family);
        const closed = newPorts(CLOSED);
        await injector.send(Array.from({ length: 4 }, () => udp(ends, closed, NOTHING)));
        await injector.stop();
        const lines = await told();
        expect(lines.map(({ verdict, rule_id }) => [verdict, rule_id])).toEqual(
          Array.from({ length: 4 }, () => ['DROP', null]),
        );
        expect(lines[0]).toMatchObject({
          src: from.address(family),
          protocol: 'udp',
          src_port: closed.from,
          dst_port: CLOSED,
        });
        read = (await all()).length;
      }
    },
  );

  labTest('a flood is told as the meter allows, and connections go on beside it', async () => {
    const [near, far] = [at(clients, 0), at(clients, 1)];
    const pings = await ContinuousPing.start(near, server.address('ipv4'), { intervalMs: 20 });
    await told();
    read = (await all()).length;
    const injector = Injector.start(far.namespace, 'eth0');
    const began = performance.now();
    const flood = Array.from({ length: 4_000 }, () =>
      udp(honest(far, server), newPorts(CLOSED), NOTHING),
    );
    await injector.send(flood);
    await injector.stop();
    const seconds = (performance.now() - began) / 1000;
    const count = (await all()).slice(read).length;
    expect(count).toBeLessThanOrEqual(LOG_RATE.burst + LOG_RATE.rate * (seconds + 1));
    expect(count).toBeGreaterThan((LOG_RATE.rate * seconds) / 2);
    expect(count).toBeLessThan(flood.length / 3);
    expect((await pings.stop()).lost).toBe(0);
  });

  labTest('a log that goes is told no more', async () => {
    await cloud.controller.rest.delete(`/v2.0/log/logs/${log}`);
    await cloud.realized();
    const injector = Injector.start(at(clients, 0).namespace, 'eth0');
    const frame = udp(honest(at(clients, 0), server), newPorts(CLOSED), NOTHING);
    await injector.send([frame, frame]);
    await injector.stop();
    for (const host of hosts) {
      expect((await host.flows()).filter((flow) => TELLS.test(flow))).toEqual([]);
    }
    expect((await all()).slice(read)).toEqual([]);
  });
});
