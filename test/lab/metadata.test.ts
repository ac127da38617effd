/**
 * Goal: a VM gets its metadata, and nobody else's, from whichever controller owns its host; what it
 * does to the service hurts itself alone.
 * Method: curl, unmodified, in VMs; a service that believes what is signed and tells what it was asked;
 * made-up segments where curl would be too polite; a controller that is killed.
 */
import { beforeAll, expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Cloud, type CloudNetwork } from '../../lab/cloud.ts';
import type { Controller } from '../../lab/controller.ts';
import { DhcpClient } from '../../lab/dhcp.ts';
import { until } from '../../lab/exec.ts';
import type { Ends } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { Injector, inject } from '../../lab/inject.ts';
import type { Lab } from '../../lab/lab.ts';
import {
  addMetadataRoute,
  askMetadata,
  METADATA_ENV,
  MetadataService,
} from '../../lab/metadata.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import { TCP_FLAG, tcp } from '../../lab/transport-frames.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at } from '../support/lab-cloud.ts';

const SERVICE_MAC = '02:48:44:00:00:01';
const ADDRESS = '169.254.169.254';
const ENV = { HEDDLE_LEASE_MS: '2000', ...METADATA_ENV };
const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];
const FAMILIES = ['ipv4', 'ipv6'] as const;
/** What curl says when nobody answered, and when nobody is there. */
const [REFUSED, TIMED_OUT] = [7, 28];
const KIB = 1024;

labDescribe('a cloud with metadata', () => {
  let lab: Lab;
  let cloud: Cloud;
  let host: Host;
  let spare: Controller;
  let network: CloudNetwork;
  /** Who may misbehave, and who must not notice. */
  let mallory: Vm;
  let victim: Vm;
  let peer: Vm;

  useLab(async (started) => {
    lab = started;
    cloud = await Cloud.up(lab, 1, ENV);
    host = at([...lab.hosts.values()], 0);
    const redis = `${cloud.controller.dataDir}/redis.sock`;
    spare = await lab.addController({
      name: 'spare',
      index: 0xff02,
      env: { ...ENV, HEDDLE_REDIS_URL: redis },
    });
    await MetadataService.start(cloud.controller);
    await MetadataService.start(spare);
    network = await cloud.network('red', { cidrs: CIDRS });
    mallory = await boot('mallory');
    victim = await boot('victim');
    peer = await boot('peer');
    await cloud.realized(mallory, victim, peer);
  });

  async function boot(name: string, attributes = {}): Promise<Vm> {
    const server = { device_id: `server-${name}`, device_owner: 'compute:nova', ...attributes };
    const vm = await cloud.boot(name, network, host, { attributes: server });
    await addMetadataRoute(vm);
    return vm;
  }

  labTest.each(FAMILIES)('a server is known by its port, and vouched for (%s)', async (family) => {
    const path = '/openstack/latest/meta_data.json?a=b';
    const { status, body } = await askMetadata(victim, path, { family });
    expect(status).toBe(200);
    const { method, path: asked, headers } = JSON.parse(body);
    expect({ method, asked }).toEqual({ method: 'GET', asked: path });
    // The address is the one that asked, or, where that is none of the cloud's, the port's first.
    expect(headers).toMatchObject({
      'x-instance-id': 'server-victim',
      'x-tenant-id': 'red',
      'x-forwarded-for': victim.address('ipv4'),
    });
  });

  labTest('a VM that asks for its address by DHCP finds the service', async () => {
    const attributes = { device_id: 'server-bare' };
    const vm = await cloud.boot('bare', network, host, { attributes, isBare: true });
    await cloud.realized(vm);
    const client = await DhcpClient.start(vm, 'dhclient', { labDir: lab.dir });
    await client.bound(vm.address('ipv4'));
    await until(async () => (await vm.run(['ip', 'route'])).stdout.includes(ADDRESS), 'the route');
    const { body } = await askMetadata(vm, '/');
    expect(JSON.parse(body).headers).toMatchObject({ 'x-instance-id': 'server-bare' });
    await client.stop();
  });

  labTest('no header of a guest gets any further', async () => {
    const forged = [
      'X-Instance-ID: server-victim',
      'X_Instance_ID: server-victim',
      'X-Tenant-ID: blue',
      'X-Instance-ID-Signature: 00',
      'X-Forwarded-For: 10.9.9.9',
      'Forwarded: for=10.9.9.9',
      'Cookie: a=b',
    ];
    const words = forged.flatMap((header) => ['-H', header]);
    const { body } = await askMetadata(mallory, '/', { words });
    const { headers } = JSON.parse(body);
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'connection',
      'host',
      'x-forwarded-for',
      'x-instance-id',
      'x-instance-id-signature',
      'x-tenant-id',
    ]);
    expect(headers).toMatchObject({
      'x-instance-id': 'server-mallory',
      'x-tenant-id': 'red',
      'x-forwarded-for': mallory.address('ipv4'),
    });
  });

  labTest.each(FAMILIES)('300 KB arrive whole, and a body goes out (%s)', async (family) => {
    const large = await askMetadata(victim, `/bytes/${300 * KIB}`, { family });
    expect([large.status, large.body.length]).toEqual([200, 300 * KIB]);
    expect(large.body).toBe(Buffer.alloc(300 * KIB, 'abcdefghijk').toString());
    const data = 'p'.repeat(20 * KIB);
    const sent = await askMetadata(victim, '/password', { family, words: ['--data-raw', data] });
    expect(JSON.parse(sent.body)).toMatchObject({ method: 'POST', path: '/password', body: data });
  });

  labTest('what the service says too much of is not passed on', async () => {
    const { status } = await askMetadata(victim, `/bytes/${2 * KIB * KIB}`);
    expect(status).toBe(502);
  });

  labTest('another’s address asks in vain', async () => {
    // Not what connections of before still say.
    const toThese = 'tcp src port 80 and tcp dst portrange 997-999';
    const answers = await captureIncoming(mallory, toThese);
    const others = await captureIncoming(victim, toThese);
    await inject(mallory.namespace, 'eth0', [
      tcp(ends({ sourceIp: victim.address('ipv4') }), { from: 999, to: 80 }),
      tcp(ends({ source: victim.mac, sourceIp: victim.address('ipv4') }), { from: 998, to: 80 }),
      tcp(ends({}), { from: 997, to: 80 }),
    ]);
    await answers.waitFor(1);
    expect(await answers.count()).toBe(1);
    expect(await others.count()).toBe(0);
    await answers.stop();
    await others.stop();
  });

  labTest('a tenant who forbids it has none, and no way round', async () => {
    const vm = await boot('closed', { security_groups: [] });
    await cloud.realized(vm);
    expect((await askMetadata(vm, '/', { timeoutS: 2 })).exitCode).toBe(TIMED_OUT);
    const answers = await captureIncoming(vm, 'tcp src port 80');
    const later = {
      flags: TCP_FLAG.ack,
      acknowledged: 7,
      data: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    };
    const from = { source: vm.mac, sourceIp: vm.address('ipv4') };
    await inject(vm.namespace, 'eth0', [tcp(ends(from), { from: 999, to: 80 }, later)]);
    await answers.waitFor(1);
    const [answer, ...rest] = await answers.frames();
    expect(rest).toEqual([]);
    expect(at([...(answer ?? [])], 14 + 20 + 13)).toBe(TCP_FLAG.rst);
    await answers.stop();
  });

  labTest(
    'a port that nobody judges, and one that is judged packet by packet, have it',
    async () => {
      const open = await boot('open', { port_security_enabled: false, security_groups: [] });
      const { security_group: group } = await cloud.controller.rest.post<{
        security_group: { id: string };
      }>('/v2.0/security-groups', {
        security_group: { name: 'stateless', project_id: network.projectId, stateful: false },
      });
      const stateless = await boot('free', { security_groups: [group.id] });
      await cloud.realized(open, stateless);
      for (const vm of [open, stateless]) {
        const { status, body } = await askMetadata(vm, `/bytes/${20 * KIB}`);
        expect([status, body.length]).toEqual([200, 20 * KIB]);
      }
    },
  );

  labTest('twenty ask at once', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => askMetadata(victim, `/${n}`));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(answers.map(({ body }) => JSON.parse(body).path)).toEqual(
      Array.from({ length: 20 }, (_, n) => `/${n}`),
    );
  });

  labTest(
    'a service that is slow for one is not for others',
    async () => {
      const slow = Array.from({ length: 8 }, () => askMetadata(mallory, '/slow', { timeoutS: 30 }));
      const quick = await askMetadata(victim, '/');
      expect(quick.status).toBe(200);
      expect(quick.ms).toBeLessThan(2_000);
      expect(new Set((await Promise.all(slow)).map(({ status }) => status))).toEqual(
        new Set([502]),
      );
    },
    60_000,
  );

  labTest('a flood of 4,000 that open connections hurts its sender alone', async () => {
    const injector = Injector.start(mallory.namespace, 'eth0');
    const pings = await ContinuousPing.start(victim, peer.address('ipv4'));
    const flood = Array.from({ length: 4_000 }, (_, n) =>
      tcp(ends({}), { from: 1_024 + n, to: 80 }, { sequence: n }),
    );
    const flooding = injector.send(flood);
    const times: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const { status, ms } = await askMetadata(victim, '/', { timeoutS: 5 });
      expect(status).toBe(200);
      times.push(ms);
    }
    await flooding;
    const { lost, answered } = await pings.stop();
    expect(answered).toBeGreaterThan(50);
    expect(lost).toBe(0);
    expect(times.toSorted((one, other) => one - other)[5]).toBeLessThan(1_000);
    await injector.stop();
  });

  labTest(
    'when a controller dies the next one answers',
    async () => {
      await spare.start();
      await host.enrol(cloud.controller.manager, spare.manager);
      expect((await askMetadata(victim, '/')).status).toBe(200);
      await cloud.controller.kill();
      const answer = await until(
        async () => {
          const { status, body } = await askMetadata(victim, '/', { timeoutS: 2 });
          return status === 200 ? body : '';
        },
        'the other controller to answer',
        20_000,
      );
      expect(JSON.parse(answer).headers).toMatchObject({ 'x-instance-id': 'server-victim' });
    },
    60_000,
  );

  /** From mallory to the service, honest but for what is said. */
  function ends(said: Partial<Ends>): Ends {
    const honest = { source: mallory.mac, sourceIp: mallory.address('ipv4') };
    return { ...honest, destination: SERVICE_MAC, destinationIp: ADDRESS, ...said };
  }
});

labDescribe('a cloud without metadata', () => {
  let vm: Vm;
  let nobody: Vm;

  useLab(async (lab) => {
    const cloud = await Cloud.up(lab, 1);
    const host = at([...lab.hosts.values()], 0);
    const network = await cloud.network('red', { cidrs: CIDRS });
    vm = await cloud.boot('vm', network, host, { attributes: { device_id: 'server' } });
    const without = { subnet: { enable_dhcp: false } };
    nobody = await cloud.boot('nobody', await cloud.network('blue', without), host);
    await cloud.realized(vm, nobody);
  });

  beforeAll(async () => {
    await addMetadataRoute(vm);
    await addMetadataRoute(nobody);
  });

  labTest.each(FAMILIES)('a guest is told what is missing (%s)', async (family) => {
    const { status, body } = await askMetadata(vm, '/', { family });
    expect(status).toBe(404);
    expect(body).toContain('HEDDLE_METADATA_URL');
  });

  labTest('a network without DHCP has no such address', async () => {
    const { exitCode } = await askMetadata(nobody, '/', { timeoutS: 5 });
    expect([REFUSED, TIMED_OUT]).toContain(exitCode);
  });
});
