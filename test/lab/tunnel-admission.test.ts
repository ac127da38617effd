/**
 * Goal: a host takes from the underlay only what another host of the same network sent for a network
 * that it carries.
 * Method: Geneve frames forged by a stranger in the underlay, counted at the VM and in the drop flows.
 */
import { expect } from 'vitest';
import { type Capture, captureIncoming } from '../../lab/capture.ts';
import type { CloudNetwork } from '../../lab/cloud.ts';
import { Cloud } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import { type Ends, echoRequest, geneve } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import { STRANGER_MAC } from '../../lab/lab.ts';
import type { Namespace } from '../../lab/namespace.ts';
import type { Vm } from '../../lab/vm.ts';
import { TunnelNetwork, TunnelPeer } from '../../src/pipeline/index.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';

const STRANGER = '198.18.255.1';
const COPIES = 5;

labDescribe('frames forged in the underlay', () => {
  let stranger: Namespace;
  let hosts: readonly Host[];
  let network: CloudNetwork;
  let elsewhere: CloudNetwork;
  let vm: Vm;
  let peer: Vm;
  let capture: Capture;

  useLab(async (lab) => {
    const cloud = await Cloud.up(lab, 2);
    hosts = [...lab.hosts.values()];
    network = await cloud.network('red');
    elsewhere = await cloud.network('green');
    vm = await cloud.boot('vm', network, at(hosts, 0));
    peer = await cloud.boot('peer', network, at(hosts, 1));
    const other = await cloud.boot('other', elsewhere, at(hosts, 1));
    await cloud.realized(vm, peer, other);
    stranger = await lab.addStranger('stranger', STRANGER);
    capture = await captureIncoming(vm, 'icmp');
  });

  /** As if the peer's host had sent it, but for what `lie` changes. */
  async function forge(vni: number, lie: Partial<Ends> = {}): Promise<void> {
    const [to, from] = [at(hosts, 0), at(hosts, 1)];
    const outer = {
      source: STRANGER_MAC,
      destination: to.underlayMac,
      sourceIp: from.underlayAddress,
      destinationIp: to.underlayAddress,
    };
    const frame = geneve({ ...outer, ...lie }, vni, echoRequest(honest(peer, vm)));
    await inject(stranger, 'eth0', Array<Buffer>(COPIES).fill(frame));
  }

  async function expectDropped(table: number, send: () => Promise<void>): Promise<void> {
    const [drops, frames] = [await at(hosts, 0).dropped(table), await capture.count()];
    await send();
    await until(
      async () => (await at(hosts, 0).dropped(table)) >= drops + COPIES,
      `${COPIES} drops in table ${table}`,
    );
    expect(await capture.count()).toBe(frames);
  }

  labTest('a perfect forgery arrives: the method can tell the difference', async () => {
    const before = await capture.count();
    await forge(network.vni);
    await capture.waitFor(before + COPIES);
  });

  labTest('a frame from an unknown tunnel address is dropped', async () => {
    await expectDropped(TunnelPeer.id, () => forge(network.vni, { sourceIp: STRANGER }));
  });

  labTest('a frame for a network that exists nowhere is dropped', async () => {
    await expectDropped(TunnelNetwork.id, () => forge(0xfffffe));
  });

  labTest('a frame for a network that only the other host carries is dropped', async () => {
    await expectDropped(TunnelNetwork.id, () => forge(elsewhere.vni));
  });
});
