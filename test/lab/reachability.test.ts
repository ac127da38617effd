/**
 * Goal: VMs of a network reach each other in both families, wherever they run, and nobody else.
 * Method: networks through REST, real pings; isolation by counting frames at the receivers.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { proveIsolation } from '../../lab/demo/isolation.ts';
import type { Host } from '../../lab/host.ts';
import { ping, pingMatrix, unanswered } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { defined } from '../../src/lib/assert.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];

labDescribe('two tenants with the same addresses on two hosts', () => {
  let cloud: Cloud;
  let hosts: readonly Host[];
  let tenants: readonly Vm[][];
  let blue: CloudNetwork;

  useCloud({ hosts: 2 }, async (started, enrolled) => {
    cloud = started;
    hosts = enrolled;
    const red = await cloud.network('red', { cidrs: CIDRS });
    blue = await cloud.network('blue', { cidrs: CIDRS });
    tenants = [await threeVms('r', red), await threeVms('b', blue)];
    await cloud.realized(...tenants.flat());
  });

  /** Two on the first host, one on the second; both tenants with the same addresses. */
  async function threeVms(prefix: string, network: CloudNetwork): Promise<Vm[]> {
    const vms: Vm[] = [];
    for (const [index, place] of [0, 0, 1].entries()) {
      const ips = [`10.0.0.${11 + index}`, `fd00:1::${11 + index}`];
      vms.push(await cloud.boot(`${prefix}${index + 1}`, network, at(hosts, place), { ips }));
    }
    return vms;
  }

  labTest('every VM reaches those of its tenant over IPv4, on its host and across', async () => {
    for (const vms of tenants) expect(unanswered(await pingMatrix(vms))).toEqual([]);
  });

  labTest('every VM reaches those of its tenant over IPv6, on its host and across', async () => {
    for (const vms of tenants) {
      expect(unanswered(await pingMatrix(vms, { family: 'ipv6' }))).toEqual([]);
    }
  });

  labTest(
    'who asks for a known address is answered by its switch, and nobody else hears it',
    async () => {
      const [asking, ...others] = at(tenants, 0);
      const from = defined(asking, 'a VM');
      const questions = 'arp or (icmp6 and ip6[40] == 135 and ether[0] == 0x33)';
      const captures = await Promise.all(others.map((vm) => captureIncoming(vm, questions)));
      await from.run(['ip', 'neigh', 'flush', 'dev', 'eth0']);
      for (const to of others) {
        expect((await ping(from, to.address('ipv4'))).answered).toBe(true);
        expect((await ping(from, to.address('ipv6'))).answered).toBe(true);
      }
      for (const capture of captures) {
        // One that asks a single owner whether it is still there may reach it; broadcasts may not.
        const broadcasts = (await capture.frames()).filter((frame) => (frame[0] ?? 0) % 2 === 1);
        expect(broadcasts).toEqual([]);
        await capture.stop();
      }
    },
  );

  labTest('no frame of one tenant is ever counted at the other', async () => {
    const proof = await proveIsolation(tenants);
    expect(proof.frames_leaked).toBe(0);
    expect(proof.control_counted).toBe(proof.control_expected);
    expect(proof.frames_sent).toBeGreaterThan(100);
  });

  labTest('a VM moved to another host is reachable there at once', async () => {
    const [first, moved] = [at(at(tenants, 0), 0), at(at(tenants, 0), 1)];
    await cloud.move(moved, at(hosts, 1));
    await cloud.realized(moved);
    expect((await ping(first, moved.address('ipv4'))).answered).toBe(true);
    expect((await ping(first, moved.address('ipv6'))).answered).toBe(true);
    expect((await proveIsolation(tenants)).frames_leaked).toBe(0);
  });

  labTest('a VM whose port is deleted reaches nobody and is reached by nobody', async () => {
    const gone = await cloud.boot('b4', blue, at(hosts, 1));
    await cloud.realized(gone);
    const peer = at(at(tenants, 1), 0);
    expect((await ping(peer, gone.address('ipv4'))).answered).toBe(true);
    await cloud.controller.rest.delete(`/v2.0/ports/${gone.ifaceId}`);
    await cloud.realized();
    expect((await ping(peer, gone.address('ipv4'), 0.3)).answered).toBe(false);
    expect((await ping(gone, peer.address('ipv4'), 0.3)).answered).toBe(false);
  });
});
