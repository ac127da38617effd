/**
 * Goal: VMs find one another by name, whichever server they ask and whichever controller owns their
 * host; nobody learns a name of another tenant, what is no name of theirs reaches their server, and
 * who floods loses queries of its own.
 * Method: dig and the C library of Debian, unmodified, in VMs; dnsmasq in a VM as the server of the
 * subnet; made-up frames where a client would be too honest; a controller that is killed.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Cloud, type CloudNetwork } from '../../lab/cloud.ts';
import type { Controller } from '../../lab/controller.ts';
import { DhcpClient } from '../../lab/dhcp.ts';
import { DnsServer, dig, digInFull, lookUp } from '../../lab/dns.ts';
import { until } from '../../lab/exec.ts';
import type { Host } from '../../lab/host.ts';
import { Injector, inject } from '../../lab/inject.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Vm } from '../../lab/vm.ts';
import { dnsFrame, dnsMessage, readDnsFrame } from '../support/dns-client.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at } from '../support/lab-cloud.ts';

const SERVER = '10.0.0.153';
const SERVER_V6 = 'fd00::53';
const WORLD = { 'www.world.test': '192.0.2.80', 'nobody.cloud.example': '192.0.2.81' };
const ENV = { HEDDLE_DNS_DOMAIN: 'cloud.example.', HEDDLE_LEASE_MS: '2000' };

labDescribe('a network whose ports have names', () => {
  let lab: Lab;
  let cloud: Cloud;
  let hosts: readonly Host[];
  let spare: Controller;
  let blue: CloudNetwork;
  let green: CloudNetwork;
  /** On the first host: one that asks, one beside it, one of another tenant. */
  let client: Vm;
  let neighbour: Vm;
  let stranger: Vm;
  /** On the second host. */
  let web: Vm;
  let server: Vm;
  const servers: DnsServer[] = [];

  useLab(async (started) => {
    lab = started;
    cloud = await Cloud.up(lab, 2, ENV);
    hosts = [...lab.hosts.values()];
    const env = { ...ENV, HEDDLE_REDIS_URL: `${cloud.controller.dataDir}/redis.sock` };
    spare = await lab.addController({ name: 'spare', index: 0xff02, env });
    const cidrs = ['10.0.0.0/24', 'fd00::/64'];
    blue = await cloud.network('blue', { cidrs });
    green = await cloud.network('green');
    client = await boot('client', blue, { dns_name: 'client' });
    neighbour = await boot('peer', blue);
    stranger = await boot('other', green, { dns_name: 'other' });
    web = await boot('web', blue, { dns_name: 'web' }, { host: 1 });
    server = await boot('server', blue, {}, { host: 1, ips: [SERVER, SERVER_V6] });
    await cloud.realized(client, neighbour, stranger, web, server);
    servers.push(await DnsServer.start(server, WORLD));
  });

  function boot(
    name: string,
    network: CloudNetwork,
    attributes: Readonly<Record<string, string>> = {},
    { host = 0, ...more }: { host?: number; ips?: string[]; isBare?: boolean } = {},
  ): Promise<Vm> {
    return cloud.boot(name, network, at(hosts, host), { attributes, ...more });
  }

  async function portOf(vm: Vm): Promise<{ security_groups: string[] }> {
    const path = `/v2.0/ports/${vm.ifaceId}`;
    const { port } = await cloud.controller.rest.get<{ port: { security_groups: string[] } }>(path);
    return port;
  }

  const ask = (...words: string[]) => dig(client, words);

  labTest.each([SERVER, SERVER_V6])('names are answered in the place of %s', async (to) => {
    const seen = await captureIncoming(server, 'udp dst port 53');
    expect(await ask(`@${to}`, 'web.cloud.example')).toEqual([web.address('ipv4')]);
    expect(await ask(`@${to}`, 'web')).toEqual([web.address('ipv4')]);
    expect(await ask(`@${to}`, 'web.cloud.example', 'AAAA')).toEqual([web.address('ipv6')]);
    for (const family of ['ipv4', 'ipv6'] as const) {
      const name = await ask(`@${to}`, '-x', web.address(family));
      expect(name).toEqual(['web.cloud.example.']);
    }
    expect(await dig(web, [`@${to}`, 'client.cloud.example'])).toEqual([client.address('ipv4')]);
    expect(await seen.count()).toBe(0);
    await seen.stop();
  });

  labTest('an answer repeats the letters of the question, and speaks EDNS', async () => {
    const text = await digInFull(client, [`@${SERVER}`, 'wEb.cLoud.eXample', '+dnssec']);
    expect(text).toMatch(/status: NOERROR/);
    expect(text).toMatch(/flags: qr aa rd ra;/);
    expect(text).toMatch(/EDNS: version: 0, flags: do; udp: 1232/);
    expect(text).toMatch(/^wEb\.cLoud\.eXample\.\s+\d+\s+IN\s+A\s+10\.0\.0\./m);
    const none = await digInFull(client, [`@${SERVER}`, 'web.cloud.example', 'MX', '+noedns']);
    expect(none).toMatch(/status: NOERROR/);
    expect(none).toMatch(/ANSWER: 0/);
  });

  labTest.each([SERVER, SERVER_V6])('all else is answered by %s itself', async (to) => {
    expect(await ask(`@${to}`, 'www.world.test')).toEqual(['192.0.2.80']);
    expect(await ask(`@${to}`, 'nobody.cloud.example')).toEqual(['192.0.2.81']);
    expect(await ask(`@${to}`, '-x', '192.0.2.80')).toEqual(['www.world.test.']);
    expect(await ask(`@${to}`, '+tcp', 'www.world.test')).toEqual(['192.0.2.80']);
    // By TCP nobody stands before the server.
    expect(await ask(`@${to}`, '+tcp', 'web.cloud.example')).toEqual([]);
  });

  labTest('a name is another’s, or nobody’s, as soon as it is said', async () => {
    expect(await ask(`@${SERVER}`, 'new.cloud.example')).toEqual([]);
    await cloud.setPort(web, { dns_name: 'new' });
    expect(await ask(`@${SERVER}`, 'new.cloud.example')).toEqual([web.address('ipv4')]);
    expect(await ask(`@${SERVER}`, 'web.cloud.example')).toEqual([]);
    await cloud.setPort(web, { dns_name: 'web' });
  });

  labTest('a tenant without servers learns its own names, and of no others', async () => {
    const own = (...words: string[]) => digInFull(stranger, ['@169.254.169.254', ...words]);
    await stranger.namespace.ip('route add 169.254.169.254/32 dev eth0');
    expect(await own('other')).toContain(stranger.address('ipv4'));
    expect(await own('web.cloud.example')).toMatch(/status: NXDOMAIN/);
    expect(await own('-x', '10.0.0.153')).toMatch(/status: NXDOMAIN/);
    expect(await own('www.world.test')).toMatch(/status: REFUSED/);
  });

  labTest('programs of a VM find names by what DHCP says', async () => {
    const vm = await boot('booted', green, { dns_name: 'booted' }, { isBare: true });
    await cloud.realized(vm);
    const dhcp = await DhcpClient.start(vm, 'dhclient', { labDir: lab.dir });
    await dhcp.bound(vm.address('ipv4'));
    await until(async () => (await dhcp.file('etc/resolv.conf')).includes('169.254'), 'DNS');
    // The script of the client sets routes last.
    const routed = async () => (await vm.run(['ip', 'route'])).stdout.includes('169.254.169.254');
    await until(routed, 'the route to the server');
    const found = await lookUp(vm, `${lab.dir}/dhcp-booted`, 'other');
    expect(found).toContain(stranger.address('ipv4'));
    expect(found).toContain('other.cloud.example');
    await dhcp.stop();
  });

  labTest(
    'who lies about its address, or may not send, is neither answered nor passed on',
    async () => {
      const answers = await captureIncoming(client, 'udp src port 53');
      const seen = await captureIncoming(server, 'udp dst port 53');
      const honest = { mac: client.mac, source: client.address('ipv4') };
      const to = { server: SERVER, serverMac: server.mac };
      const messages = ['web', 'www.world.test'].map((name) => dnsMessage({ name }));
      const lies = [{ source: '10.0.0.199' }, { source: web.address('ipv4') }, { mac: web.mac }];
      const frames = lies.flatMap((lie) =>
        messages.map((message) => dnsFrame(message, { ...honest, ...to, ...lie })),
      );
      await inject(client.namespace, 'eth0', frames);
      const { security_groups } = await portOf(client);
      await cloud.setPort(client, { security_groups: [] });
      await cloud.realized(client);
      const silenced = messages.map((message) => dnsFrame(message, { ...honest, ...to }));
      await inject(client.namespace, 'eth0', silenced);
      expect(await answers.count()).toBe(0);
      expect(await seen.count()).toBe(0);
      await cloud.setPort(client, { security_groups });
      await cloud.realized(client);
      await inject(client.namespace, 'eth0', silenced);
      await answers.waitFor(2);
      expect(await seen.count()).toBe(1);
      await answers.stop();
      await seen.stop();
    },
  );

  labTest('a VM that floods leaves the lookups of its neighbour alone', async () => {
    const answers = await captureIncoming(client, 'udp src port 53');
    const injector = Injector.start(client.namespace, 'eth0');
    const message = dnsMessage({ name: 'web.cloud.example' });
    const ends = { mac: client.mac, source: client.address('ipv4'), serverMac: server.mac };
    const flood = Array<Buffer>(4_000).fill(dnsFrame(message, { ...ends, server: SERVER }));
    const began = performance.now();
    const flooding = injector.send(flood);
    for (let turn = 0; turn < 10; turn++) {
      const [mine] = await dig(neighbour, [`@${SERVER}`, 'web.cloud.example']);
      const [others] = await dig(neighbour, [`@${SERVER}`, 'www.world.test']);
      expect([mine, others]).toEqual([web.address('ipv4'), '192.0.2.80']);
    }
    await flooding;
    const seconds = (performance.now() - began) / 1_000;
    const answered = await answers.count();
    // The meter lets 100 a second through, and 100 at once.
    expect(answered).toBeGreaterThan(100);
    expect(answered).toBeLessThan(100 * seconds + 150);
    const [first] = await answers.frames();
    expect(readDnsFrame(at([first ?? Buffer.alloc(0)], 0)).from).toBe(SERVER);
    await injector.stop();
    await answers.stop();
  });

  labTest('another controller answers when one dies, and sends the switches nothing', async () => {
    await spare.start();
    for (const host of hosts) await host.enrol(cloud.controller.manager, spare.manager);
    await cloud.controller.kill();
    const answered = async () => (await ask(`@${SERVER}`, 'web.cloud.example')).length > 0;
    await until(answered, 'the other controller to answer', 30_000);
    expect(await ask(`@${SERVER}`, 'www.world.test')).toEqual(['192.0.2.80']);
    const path = '/v1/hosts';
    const found = await spare.rest.get<{ hosts: { flow_mods_sent: number }[] }>(path);
    expect(found.hosts.map(({ flow_mods_sent }) => flow_mods_sent)).toEqual([0, 0]);
    for (const running of servers) await running.stop();
  });
});
