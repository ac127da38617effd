/**
 * Goal: a VM gets its address and all that belongs to it from whichever controller owns its host,
 * keeps it when there is none, and can harm nobody but itself by asking.
 * Method: the DHCP clients of Debian, unmodified, in VMs; made-up questions where a client would be
 * too polite; controllers that are killed.
 */
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Cloud, type CloudNetwork } from '../../lab/cloud.ts';
import type { Controller } from '../../lab/controller.ts';
import { DHCP_CLIENTS, DhcpClient, type DhcpClientKind } from '../../lab/dhcp.ts';
import { until } from '../../lab/exec.ts';
import type { Host } from '../../lab/host.ts';
import { Injector, inject } from '../../lab/inject.ts';
import type { Lab } from '../../lab/lab.ts';
import { ping } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { dhcpFrame, dotted, ip, readAnswer } from '../support/dhcp-client.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at } from '../support/lab-cloud.ts';

const [DISCOVER, REQUEST, NAK] = [1, 3, 6];
const ANSWERS = 'udp src port 67';
const LEASE_MS = 2_000;

labDescribe('a network with DHCP', () => {
  let lab: Lab;
  let cloud: Cloud;
  let host: Host;
  let spare: Controller;
  let network: CloudNetwork;
  let peer: Vm;
  /** For when nobody is left who could make one. */
  let last: Vm;
  let count = 0;

  useLab(async (started) => {
    lab = started;
    cloud = await Cloud.up(lab, 1, { HEDDLE_LEASE_MS: String(LEASE_MS) });
    host = at([...lab.hosts.values()], 0);
    spare = await lab.addController({
      name: 'spare',
      index: 0xff02,
      env: {
        HEDDLE_LEASE_MS: String(LEASE_MS),
        HEDDLE_REDIS_URL: `${cloud.controller.dataDir}/redis.sock`,
      },
    });
    network = await cloud.network('red', {
      subnet: {
        dns_nameservers: ['10.0.0.250', '10.0.0.251'],
        host_routes: [{ destination: '192.168.7.0/24', nexthop: '10.0.0.177' }],
      },
    });
    peer = await cloud.boot('peer', network, host);
    await cloud.realized(peer);
    last = await boot();
  });

  /** A VM that has no address before it asks for one. */
  async function boot(extra: Readonly<Record<string, string>> = {}): Promise<Vm> {
    count += 1;
    const options = Object.entries(extra).map(([opt_name, opt_value]) => ({ opt_name, opt_value }));
    const attributes = { extra_dhcp_opts: options };
    const vm = await cloud.boot(`vm${count}`, network, host, { attributes, isBare: true });
    await cloud.realized(vm);
    return vm;
  }

  function start(vm: Vm, kind: DhcpClientKind): Promise<DhcpClient> {
    return DhcpClient.start(vm, kind, { labDir: lab.dir });
  }

  labTest.each(DHCP_CLIENTS)('%s gets address, routes, name servers and MTU', async (kind) => {
    const vm = await boot();
    const client = await start(vm, kind);
    const address = vm.address('ipv4');
    await client.bound(address);
    const { stdout: addresses } = await vm.run(['ip', '-o', 'addr', 'show', 'dev', 'eth0']);
    expect(addresses).toContain(`${address}/24`);
    await until(async () => (await ping(vm, peer.address('ipv4'))).answered, 'the peer to answer');
    // The client's script may add the default route last.
    const routes = await until(async () => {
      const { stdout } = await vm.run(['ip', 'route']);
      return stdout.includes('default via 10.0.0.1 ') && stdout;
    }, 'the default route');
    // Debian's script of udhcpc is told of other routes and passes over them.
    if (kind === 'udhcpc') {
      expect(await client.seen()).toMatch(/staticroutes=.*192\.168\.7\.0\/24 10\.0\.0\.177/);
    } else expect(routes).toMatch(/192\.168\.7\.0\/24 via 10\.0\.0\.177 /);
    await until(async () => (await client.file('etc/resolv.conf')).includes('10.0.0.251'), 'DNS');
    expect(await client.file('etc/resolv.conf')).toMatch(/nameserver 10\.0\.0\.250/);
    const { stdout: link } = await vm.run(['ip', 'link', 'show', 'dev', 'eth0']);
    expect(link).toContain(`mtu ${network.mtu} `);
    await client.stop();
  });

  labTest('what the port says itself arrives: what to boot, and other options', async () => {
    const vm = await boot({
      'bootfile-name': 'pxelinux.0',
      'tftp-server': '10.0.0.5',
      'server-ip-address': '10.0.0.6',
      'domain-search': 'a.example,b.example',
    });
    const client = await start(vm, 'udhcpc');
    await client.bound(vm.address('ipv4'));
    const seen = await client.seen();
    expect(seen).toMatch(/boot_?file=pxelinux\.0/);
    expect(seen).toMatch(/tftp=10\.0\.0\.5/);
    expect(seen).toMatch(/siaddr=10\.0\.0\.6/);
    expect(seen).toMatch(/search=a\.example b\.example/);
    await client.stop();
  });

  labTest('another address than the own is refused; so is nobody else’s identity', async () => {
    const vm = await boot();
    const answers = await captureIncoming(vm, ANSWERS);
    const wrong = [[50, ip('10.0.0.223')] as const];
    await inject(vm.namespace, 'eth0', [
      dhcpFrame({ type: DISCOVER, mac: vm.mac, chaddr: peer.mac }),
      dhcpFrame({ type: DISCOVER, mac: vm.mac, source: peer.address('ipv4') }),
      dhcpFrame({ type: DISCOVER, mac: peer.mac }),
      dhcpFrame({ type: REQUEST, mac: vm.mac, options: wrong }),
    ]);
    await answers.waitFor(1);
    const [only, ...others] = await answers.frames();
    expect(others).toEqual([]);
    expect(readAnswer(only ?? '')).toMatchObject({ type: NAK });
    await answers.stop();
  });

  labTest('questions and answers are seen by nobody else in the network', async () => {
    const vm = await boot();
    const others = await captureIncoming(peer, 'udp port 67');
    const own = await captureIncoming(vm, ANSWERS);
    await inject(vm.namespace, 'eth0', [dhcpFrame({ type: DISCOVER, mac: vm.mac })]);
    await own.waitFor(1);
    expect(await others.count()).toBe(0);
    await others.stop();
    await own.stop();
  });

  labTest('a VM that starves or floods hurts itself alone', async () => {
    const mallory = await boot();
    const victim = await boot();
    const answers = await captureIncoming(mallory, ANSWERS);
    const injector = Injector.start(mallory.namespace, 'eth0');
    const quiet = await latencies(victim);
    const cpuBefore = await cpuMs(cloud.controller);
    const began = performance.now();
    const flood = Array.from({ length: 8_000 }, (_, index) => {
      const made = `02:66:${hex(index >> 8)}:${hex(index)}:00:01`;
      return dhcpFrame({
        type: DISCOVER,
        mac: mallory.mac,
        chaddr: index % 2 ? made : mallory.mac,
      });
    });
    const flooding = injector.send(flood);
    const busy = await latencies(victim);
    await flooding;
    const seconds = (performance.now() - began) / 1_000;
    const cpuShare = ((await cpuMs(cloud.controller)) - cpuBefore) / (seconds * 1_000);
    expect(busy.answered).toBe(quiet.answered);
    expect(busy.medianMs).toBeLessThan(100);
    expect(cpuShare).toBeLessThan(0.5);
    // The meter lets 20 a second through, and 40 at once; half of them are about nobody.
    expect(await answers.count()).toBeLessThan(20 * seconds + 60);
    await injector.stop();
    await answers.stop();
  });

  labTest('a renewal is answered where the address of the server is found by ARP', async () => {
    const vm = await boot({ '51': '600' });
    const client = await start(vm, 'udhcpc');
    await client.bound(vm.address('ipv4'));
    const answers = await captureIncoming(vm, ANSWERS);
    client.signal('SIGUSR1');
    await answers.waitFor(1);
    const [answer] = await answers.frames();
    expect(readAnswer(answer ?? '')).toMatchObject({ destination: vm.address('ipv4') });
    await answers.stop();
    await client.stop();
  });

  labTest('a lease is renewed in time, by another controller when one dies', async () => {
    const vm = await boot({ '51': '10' });
    await spare.start();
    await host.enrol(cloud.controller.manager, spare.manager);
    const client = await start(vm, 'dhclient');
    await client.bound(vm.address('ipv4'));
    const answers = await captureIncoming(vm, ANSWERS);
    await cloud.controller.kill();
    await answers.waitFor(1, 20_000);
    const renewal = readAnswer(at(await answers.frames(), 0));
    expect(renewal.yiaddr).toBe(vm.address('ipv4'));
    expect(dotted(renewal.options.get(54))).toBe('169.254.169.254');
    expect(await client.has(vm.address('ipv4'))).toBe(true);
    await answers.stop();
    await client.stop();
    const path = '/v1/hosts';
    const { hosts } = await spare.rest.get<{ hosts: { flow_mods_sent: number }[] }>(path);
    expect(hosts.map(({ flow_mods_sent }) => flow_mods_sent)).toEqual([0]);
  });

  labTest('with no controller at all a VM keeps its address and goes on', async () => {
    const client = await start(last, 'udhcpc');
    await client.bound(last.address('ipv4'));
    await spare.kill();
    client.signal('SIGUSR1');
    await until(() => /renew/.test(client.said), 'the client to ask in vain');
    expect((await ping(last, peer.address('ipv4'))).answered).toBe(true);
    expect(await client.has(last.address('ipv4'))).toBe(true);
    await client.stop();
  });

  /** Milliseconds from a question to its answer, asked one after the other. */
  async function latencies(vm: Vm): Promise<{ answered: number; medianMs: number; maxMs: number }> {
    const answers = await captureIncoming(vm, ANSWERS);
    const injector = Injector.start(vm.namespace, 'eth0');
    const times: number[] = [];
    for (let turn = 1; turn <= 20; turn++) {
      const began = performance.now();
      await injector.send([dhcpFrame({ type: DISCOVER, mac: vm.mac })]);
      await answers.waitFor(turn, 2_000);
      times.push(performance.now() - began);
    }
    await injector.stop();
    await answers.stop();
    const sorted = times.toSorted((one, other) => one - other).map(Math.round);
    return { answered: times.length, medianMs: sorted[10] ?? 0, maxMs: sorted.at(-1) ?? 0 };
  }
});

/** Processor time that a controller has taken, in milliseconds. */
async function cpuMs(controller: Controller): Promise<number> {
  const stat = await readFile(`/proc/${await controller.pid()}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const TICK_MS = 10;
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function hex(value: number): string {
  return (value & 0xff).toString(16).padStart(2, '0');
}
