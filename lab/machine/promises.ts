/**
 * What becomes of promises where two VMs of a host want more than its way out has: one of them is
 * promised most of it, then the other, and then less, while both send without a pause.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from '../background.ts';
import type { Cloud, Served } from '../cloud.ts';
import { IperfServer, type Load } from '../iperf.ts';
import type { Vm } from '../vm.ts';

/** In kilobits a second, as they leave the host: with the headers of the tunnel. */
export interface PromiseReport {
  /** What one VM is promised. */
  readonly set: number;
  /** What came of it, and of the other at the same time. */
  readonly came: number;
  readonly other: number;
}

export const UPLINK_KBPS = 1000;
const [PROMISED_KBPS, LATER_KBPS] = [750, 500];
/** What each VM sends: more than there is, and no more than an emulated processor can take. */
const POURED: Load = { family: 'ipv4', kbps: UPLINK_KBPS * 1.25, size: 1400 };
/** Of the packet in the tunnel, Ethernet, IPv4 and UDP; and of the tunnel, the same and Geneve. */
const [FRAME_HEADERS, TUNNEL_HEADERS] = [14 + 20 + 8, 14 + 20 + 8 + 8];

export async function measurePromises(
  cloud: Cloud<Served>,
  [first, second]: readonly [Vm, Vm],
  to: Vm,
): Promise<PromiseReport[]> {
  await first.host.nameUplink(UPLINK_KBPS);
  const pours = [await Pour.begin(first, to, 5301), await Pour.begin(second, to, 5302)];
  const policy = await Policy.create(cloud);
  const look = async (vm: Vm, set: number): Promise<PromiseReport> => {
    await cloud.realized(vm);
    await vm.host.promises(vm.ifaceId, set);
    const rates = await Promise.all(pours.map((pour) => pour.pace()));
    const [came = 0, other = 0] = vm === first ? rates : rates.toReversed();
    return { set, came, other };
  };
  const reports: PromiseReport[] = [];
  await policy.promise(PROMISED_KBPS);
  for (const [vm, before] of [[second], [first, second]] as const) {
    if (before !== undefined) await cloud.setPort(before, { qos_policy_id: null });
    await cloud.setPort(vm, { qos_policy_id: policy.id });
    reports.push(await look(vm, PROMISED_KBPS));
  }
  await policy.promise(LATER_KBPS);
  reports.push(await look(first, LATER_KBPS));
  for (const pour of pours) await pour.end();
  return reports;
}

/** A policy whose one rule is a promise. */
class Policy {
  readonly id: string;
  readonly #cloud: Cloud<Served>;
  #ruleId: string | undefined;

  private constructor(cloud: Cloud<Served>, id: string) {
    this.#cloud = cloud;
    this.id = id;
  }

  static async create(cloud: Cloud<Served>): Promise<Policy> {
    const body = { policy: { name: 'sure', project_id: 'red' } };
    const { policy } = await cloud.controller.rest.post<{ policy: { id: string } }>(
      '/v2.0/qos/policies',
      body,
    );
    return new Policy(cloud, policy.id);
  }

  async promise(min_kbps: number): Promise<void> {
    const { rest } = this.#cloud.controller;
    const rules = `/v2.0/qos/policies/${this.id}/minimum_bandwidth_rules`;
    const body = { minimum_bandwidth_rule: { min_kbps } };
    if (this.#ruleId !== undefined) {
      await rest.put(`${rules}/${this.#ruleId}`, body);
      return;
    }
    const made = await rest.post<{ minimum_bandwidth_rule: { id: string } }>(rules, body);
    this.#ruleId = made.minimum_bandwidth_rule.id;
  }
}

/** A VM that sends to another without a pause. */
class Pour {
  readonly #receiver: IperfServer;
  readonly #sender: ChildProcess;

  private constructor(receiver: IperfServer, sender: ChildProcess) {
    this.#receiver = receiver;
    this.#sender = sender;
  }

  static async begin(from: Vm, to: Vm, port: number): Promise<Pour> {
    const receiver = await IperfServer.start(to, { port });
    return new Pour(receiver, await receiver.pour(from, POURED));
  }

  async pace(): Promise<number> {
    const perBit = (POURED.size + FRAME_HEADERS + TUNNEL_HEADERS) / (POURED.size + FRAME_HEADERS);
    return (await this.#receiver.pace(POURED)) * perBit;
  }

  async end(): Promise<void> {
    await endChild(this.#sender, 'SIGKILL');
    await this.#receiver.stop();
  }
}
