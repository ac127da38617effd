/**
 * Goal: a port sends and gets what its QoS policy says, within 10 %, and its neighbours do not notice.
 * Method: UDP by iperf3 at more than the limit, counted where it arrives; pings through a limited
 * port while its rate changes; the mark in captured packets.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import type { Cloud } from '../../lab/cloud.ts';
import { IperfServer, type Load } from '../../lab/iperf.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import type { Json } from '../../lab/rest.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];
const FAST = { kbps: 16_000, size: 1200 };

labDescribe('QoS policies', () => {
  let cloud: Cloud;
  let near: Vm;
  let neighbour: Vm;
  let far: Vm;
  let toNear: IperfServer;
  let toFar: IperfServer;
  let toFarAgain: IperfServer;

  useCloud({ hosts: 2 }, async (made, hosts) => {
    cloud = made;
    const network = await cloud.network('blue', { cidrs: CIDRS });
    near = await cloud.boot('near', network, at(hosts, 0));
    neighbour = await cloud.boot('beside', network, at(hosts, 0));
    far = await cloud.boot('far', network, at(hosts, 1));
    await cloud.realized(near, neighbour, far);
  });

  beforeAll(async () => {
    toNear = await IperfServer.start(near);
    toFar = await IperfServer.start(far);
    toFarAgain = await IperfServer.start(far, { port: 5202 });
  });

  afterAll(async () => {
    for (const server of [toNear, toFar, toFarAgain]) await server?.stop();
  });

  async function policy(name: string): Promise<string> {
    const body = { policy: { name, project_id: 'blue' } };
    const answer = await cloud.controller.rest.post<{ policy: { id: string } }>(
      '/v2.0/qos/policies',
      body,
    );
    return answer.policy.id;
  }

  /** Adds a rule; gives the path that it has from then on. */
  async function addRule(policyId: string, kind: string, rule: Json): Promise<string> {
    const path = `/v2.0/qos/policies/${policyId}/${kind}_rules`;
    const answer = await cloud.controller.rest.post<Record<string, { id: string }>>(path, {
      [`${kind}_rule`]: rule,
    });
    return `${path}/${answer[`${kind}_rule`]?.id}`;
  }

  async function give(vm: Vm, policyId: string | null): Promise<void> {
    await cloud.setPort(vm, { qos_policy_id: policyId });
    await cloud.realized(vm);
  }

  const sent = (load: Load) => toFar.measure(near, load);
  const got = (load: Load) => toNear.measure(far, load);
  /** At the same time: a limit of one direction has nothing to do with the other. */
  const sentAndGot = (load: Load) => Promise.all([sent(load), got(load)]);

  function expectWithin10Percent(measured: number, set: number): void {
    expect(measured).toBeGreaterThan(set * 0.9);
    expect(measured).toBeLessThan(set * 1.1);
  }

  labTest('limit the bandwidth of a port, both ways and in both IP versions', async () => {
    const id = await policy('bandwidth');
    const limit = { max_burst_kbps: 600 };
    await addRule(id, 'bandwidth_limit', { ...limit, max_kbps: 8000 });
    await give(near, id);
    for (const family of FAMILIES) {
      const [limited, free] = await sentAndGot({ ...FAST, family });
      expectWithin10Percent(limited.kbps, 8000);
      expect(free.kbps).toBeGreaterThan(14_000);
    }
    await addRule(id, 'bandwidth_limit', { ...limit, max_kbps: 5000, direction: 'ingress' });
    await cloud.realized(near);
    for (const family of FAMILIES) {
      const [out, back] = await sentAndGot({ ...FAST, family });
      expectWithin10Percent(out.kbps, 8000);
      expectWithin10Percent(back.kbps, 5000);
    }
    await give(near, null);
    expect((await sent({ ...FAST, family: 'ipv4' })).kbps).toBeGreaterThan(14_000);
  });

  labTest('change while packets flow: a meter changes, no flow, and nothing is lost', async () => {
    const id = await policy('live');
    const rule = await addRule(id, 'bandwidth_limit', { max_kbps: 4000, max_burst_kbps: 600 });
    await give(near, id);
    const before = await cloud.hosts();
    const ping = await ContinuousPing.start(near, far.address('ipv4'));
    for (const max_kbps of [5000, 6000, 7000, 8000]) {
      await cloud.controller.rest.put(rule, { bandwidth_limit_rule: { max_kbps } });
      await cloud.realized(near);
    }
    expect((await ping.stop()).lost).toBe(0);
    const sum = (hosts: typeof before, of: 'flow_mods_sent' | 'meter_mods_sent') =>
      hosts.reduce((total, host) => total + host[of], 0);
    const after = await cloud.hosts();
    expect(sum(after, 'meter_mods_sent') - sum(before, 'meter_mods_sent')).toBe(4);
    expect(sum(after, 'flow_mods_sent') - sum(before, 'flow_mods_sent')).toBe(0);
    expectWithin10Percent((await sent({ ...FAST, family: 'ipv4' })).kbps, 8000);
    await give(near, null);
  });

  labTest('leave neighbours alone', async () => {
    const id = await policy('neighbours');
    await addRule(id, 'bandwidth_limit', { max_kbps: 4000, max_burst_kbps: 600 });
    await give(near, id);
    const load = { family: 'ipv4', kbps: 5000, size: 1200 } as const;
    const [limited, free] = await Promise.all([
      sent({ ...load, kbps: 8000 }),
      toFarAgain.measure(neighbour, load),
    ]);
    expectWithin10Percent(limited.kbps, 4000);
    expect(free.kbps).toBeGreaterThan(5000 * 0.95);
    await give(near, null);
  });

  labTest('limit packets, both ways, of whatever size, and next to the bandwidth', async () => {
    const id = await policy('packets');
    for (const direction of ['egress', 'ingress']) {
      await addRule(id, 'packet_rate_limit', { max_kpps: 1, max_burst_kpps: 1, direction });
      await addRule(id, 'bandwidth_limit', { max_kbps: 4000, max_burst_kbps: 600, direction });
    }
    await give(near, id);
    const small = { kbps: 1600, size: 100 };
    for (const family of FAMILIES) {
      for (const { packetsPerSecond } of await sentAndGot({ ...small, family })) {
        expectWithin10Percent(packetsPerSecond, 1000);
      }
    }
    expectWithin10Percent((await sent({ ...FAST, family: 'ipv4', kbps: 7000 })).kbps, 4000);
    await give(near, null);
  });

  labTest('mark what a port sends, of its own policy or that of its network', async () => {
    const marks = async () => {
      const capture = await captureIncoming(far, 'icmp[0] == 8 or ip6[40] == 128');
      for (const family of FAMILIES) await near.run(['ping', '-c1', far.address(family)]);
      await capture.waitFor(2);
      const frames = await capture.frames();
      await capture.stop();
      return frames.map(codePointOf);
    };
    expect(await marks()).toEqual([0, 0]);
    const id = await policy('mark');
    const rule = await addRule(id, 'dscp_marking', { dscp_mark: 46 });
    await give(near, id);
    expect(await marks()).toEqual([46, 46]);
    await cloud.controller.rest.put(rule, { dscp_marking_rule: { dscp_mark: 10 } });
    await cloud.realized(near);
    expect(await marks()).toEqual([10, 10]);
    await give(near, null);
    expect(await marks()).toEqual([0, 0]);
  });
});

/** Of the IP header of a frame: six bits of the traffic class. */
function codePointOf(frame: Buffer): number {
  const isIpv4 = frame.readUInt16BE(12) === 0x0800;
  return isIpv4 ? frame.readUInt8(15) >> 2 : (frame.readUInt16BE(14) >> 6) & 0x3f;
}
