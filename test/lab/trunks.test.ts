/**
 * Goal: subports of a trunk are ports like all others, in networks of their own, whatever the VM
 * around them sends; they come and go without any other noticing.
 * Method: VMs with switches of their own, whose machines are in VLANs on the wires of two hosts;
 * frames with tags that nobody has, or that are another's.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import { Cloud, type CloudNetwork, type CloudPort } from '../../lab/cloud.ts';
import { Conversation } from '../../lab/conversation.ts';
import { DhcpClient } from '../../lab/dhcp.ts';
import { until } from '../../lab/exec.ts';
import { udp } from '../../lab/frames.ts';
import { GuestSwitch } from '../../lab/guest-switch.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import type { Lab } from '../../lab/lab.ts';
import { ContinuousPing, ping, pingMatrix, unanswered } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';

const PROJECT = { projectId: 'acme' };
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** A VM with a switch of its own, and the trunk of its port. */
interface Trunk {
  readonly id: string;
  readonly guest: GuestSwitch;
  /** The machine that sends untagged, as the parent port. */
  readonly native: Vm;
}

labDescribe('a trunk', () => {
  let lab: Lab;
  let cloud: Cloud;
  let hosts: readonly Host[];
  let [blue, red, plain] = [] as CloudNetwork[] as [CloudNetwork, CloudNetwork, CloudNetwork];
  let [near, far] = [] as Trunk[] as [Trunk, Trunk];
  let [nearBlue, alsoNearBlue, nearRed, farBlue, farRed] = [] as Vm[] as [Vm, Vm, Vm, Vm, Vm];
  let besideBlue: Vm;

  useLab(async (started) => {
    lab = started;
    cloud = await Cloud.up(lab, 2);
    hosts = [...lab.hosts.values()];
    plain = await cloud.network('plain', { ...PROJECT, cidrs: ['10.0.0.0/24', 'fd00:1::/64'] });
    blue = await cloud.network('blue', { ...PROJECT, cidrs: ['10.0.1.0/24', 'fd00:2::/64'] });
    red = await cloud.network('red', { ...PROJECT, cidrs: ['10.0.2.0/24', 'fd00:3::/64'] });
    near = await trunk('near', at(hosts, 0));
    far = await trunk('far', at(hosts, 1));
    nearBlue = await subport(near, 'nb', { vlan: 100, network: blue });
    alsoNearBlue = await subport(near, 'nb2', { vlan: 101, network: blue });
    nearRed = await subport(near, 'nr', { vlan: 200, network: red });
    farBlue = await subport(far, 'fb', { vlan: 300, network: blue });
    farRed = await subport(far, 'fr', { vlan: 100, network: red });
    besideBlue = await cloud.boot('bb', blue, at(hosts, 0));
    await cloud.realized(near.native, far.native, besideBlue);
    await cloud.realized(nearBlue, alsoNearBlue, nearRed, farBlue, farRed);
  });

  async function trunk(name: string, host: Host): Promise<Trunk> {
    const vm = await cloud.boot(name, plain, host, { isBare: true });
    const guest = await GuestSwitch.start(lab, vm);
    const port: CloudPort = { id: vm.ifaceId, mac: vm.mac, addresses: vm.addresses };
    const native = await guest.attach(`${name}-n`, { vlan: 0, port });
    const body = { trunk: { name, port_id: port.id, project_id: PROJECT.projectId } };
    const answer = await cloud.controller.rest.post<{ trunk: { id: string } }>(
      '/v2.0/trunks',
      body,
    );
    return { id: answer.trunk.id, guest, native };
  }

  async function subport(
    { id, guest }: Trunk,
    name: string,
    { vlan, network, isBare = false }: { vlan: number; network: CloudNetwork; isBare?: boolean },
  ): Promise<Vm> {
    const port = await cloud.port(network, name);
    await change(id, 'add', { port_id: port.id, segmentation_type: 'vlan', segmentation_id: vlan });
    return guest.attach(name, { vlan, port, isBare });
  }

  async function change(id: string, what: 'add' | 'remove', ...sub_ports: object[]): Promise<void> {
    await cloud.controller.rest.put(`/v2.0/trunks/${id}/${what}_subports`, { sub_ports });
  }

  async function status({ id }: Trunk): Promise<string> {
    const answer = await cloud.controller.rest.get<{ trunk: { status: string } }>(
      `/v2.0/trunks/${id}`,
    );
    return answer.trunk.status;
  }

  labTest.each(FAMILIES)('puts its subports into networks of their own (%s)', async (family) => {
    const inBlue = [nearBlue, alsoNearBlue, farBlue, besideBlue];
    for (const vms of [inBlue, [nearRed, farRed], [near.native, far.native]]) {
      expect(unanswered(await pingMatrix(vms, { family }))).toEqual([]);
    }
    expect(await Promise.all([near, far].map(status))).toEqual(['ACTIVE', 'ACTIVE']);
  });

  labTest('carries TCP, between hosts and from one VLAN of a wire to another', async () => {
    for (const server of [farBlue, alsoNearBlue, besideBlue]) {
      const talk = await Conversation.open(nearBlue, server, { port: 4_000 });
      await talk.passes('client', 20_000);
      await talk.passes('server', 20_000);
      await talk.end();
    }
  });

  labTest('has subports with security groups of their own', async () => {
    const { port } = await cloud.controller.rest.get<{ port: { security_groups: string[] } }>(
      `/v2.0/ports/${farBlue.ifaceId}`,
    );
    await cloud.setPort(farBlue, { security_groups: [] });
    await cloud.realized(farBlue);
    expect(await ping(nearBlue, farBlue.address('ipv4'))).toEqual({ answered: false });
    expect(await ping(farBlue, nearBlue.address('ipv4'))).toEqual({ answered: false });
    for (const [from, to] of [
      [nearRed, farRed],
      [near.native, far.native],
      [nearBlue, besideBlue],
    ] as const) {
      expect(await ping(from, to.address('ipv4'))).toMatchObject({ answered: true });
    }
    await cloud.setPort(farBlue, { security_groups: port.security_groups });
    await cloud.realized(farBlue);
    expect(await ping(nearBlue, farBlue.address('ipv4'))).toMatchObject({ answered: true });
  });

  labTest('gives a subport its address by DHCP', async () => {
    const vm = await subport(near, 'dhcp', { vlan: 102, network: blue, isBare: true });
    await cloud.realized(vm);
    const client = await DhcpClient.start(vm, 'dhclient', { labDir: lab.dir });
    await client.bound(vm.address('ipv4'));
    await client.stop();
    expect(await ping(vm, farBlue.address('ipv4'))).toMatchObject({ answered: true });
    await change(near.id, 'remove', { port_id: vm.ifaceId });
  });

  labTest('gains and loses subports while the others go on', async () => {
    const pings = await Promise.all([
      ContinuousPing.start(near.native, far.native.address('ipv4')),
      ContinuousPing.start(nearBlue, farBlue.address('ipv4')),
      ContinuousPing.start(alsoNearBlue, nearBlue.address('ipv4')),
    ]);
    const late = await subport(near, 'late', { vlan: 103, network: red });
    await cloud.realized(late);
    expect(await ping(late, farRed.address('ipv4'))).toMatchObject({ answered: true });
    await change(near.id, 'remove', { port_id: late.ifaceId });
    await until(async () => (await cloud.portStatus(late.ifaceId)) === 'DOWN', 'it to be down');
    await cloud.realized(near.native);
    expect(await ping(late, farRed.address('ipv4'))).toEqual({ answered: false });
    expect(await ping(farRed, late.address('ipv4'))).toEqual({ answered: false });
    for (const running of pings) expect((await running.stop()).lost).toBe(0);
    expect(await status(near)).toBe('ACTIVE');
  });

  labTest('brings a frame into no network by a tag that is none of its own', async () => {
    const machines = [nearBlue, alsoNearBlue, nearRed, farBlue, farRed, besideBlue];
    const all = [...machines, near.native, far.native];
    // Nothing but the tag is to keep a frame from anybody.
    for (const vm of all) {
      await cloud.setPort(vm, { security_groups: [], port_security_enabled: false });
    }
    await cloud.realized(...all);
    const marks = ['none', 'theirs', 'priority', 'double', 'double-s', 'untagged', 'own'];
    const frame = (mark: string, ...tags: number[]): Buffer =>
      tagged(
        udp(honest(nearBlue, farBlue), { from: 9, to: 9 }, Buffer.from(`mark ${mark};`)),
        tags,
      );
    const seen = await Promise.all(
      [farBlue, besideBlue, alsoNearBlue, nearRed, farRed, far.native].map((vm) =>
        captureIncoming(vm, 'udp port 9 or ether proto 0x8100'),
      ),
    );
    await inject(near.guest.vm.namespace, 'eth0', [
      frame('none', C | 999),
      frame('theirs', C | 300),
      frame('priority', C),
      frame('double', C | 100, C | 300),
      frame('double-s', C | 100, S | 100),
      frame('untagged'),
      frame('own', C | 100),
    ]);
    await at(seen, 0).waitFor(1);
    const frames = (await Promise.all(seen.map((capture) => capture.frames()))).flat();
    for (const capture of seen) await capture.stop();
    const heard = marks.filter((mark) => frames.some((each) => each.includes(`mark ${mark};`)));
    expect(heard).toEqual(['own']);
  });

  labTest('stays as it is when the controller comes again', async () => {
    const running = await ContinuousPing.start(alsoNearBlue, farBlue.address('ipv4'));
    await cloud.controller.restart();
    await cloud.hostsReady();
    await cloud.realized(alsoNearBlue, farBlue);
    expect(await cloud.modificationsSent()).toBe(0);
    expect((await running.stop()).lost).toBe(0);
  });
});

/** Protocols of tags: of customers (IEEE 802.1Q) and of services (802.1ad). */
const C = 0x8100_0000;
const S = 0x88a8_0000;

function tagged(frame: Buffer, tags: readonly number[]): Buffer {
  const headers = tags.map((tag) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(tag >>> 0);
    return header;
  });
  return Buffer.concat([frame.subarray(0, 12), ...headers, frame.subarray(12)]);
}
