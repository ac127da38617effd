/**
 * A VM that moves to and fro between two of three hosts, with a peer beside it on each: what tests
 * of moves need. Its port is in a group of its own, which lets in pings and one service of its
 * peers: so an answer to what the VM asks gets in where the VM is known to have asked.
 */
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import { arp, ethernet } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { type ExternalIds, libvirtIds, Migration } from '../../lab/migration.ts';
import type { Json, Rest } from '../../lab/rest.ts';
import type { Vm } from '../../lab/vm.ts';
import { at, useCloud } from './lab-cloud.ts';
import type { LossCount } from './lab-losses.ts';
import { bothVersions, openPorts } from './lab-security.ts';

/** A TCP port of the moving VM that its peers may open connections to. */
export const SERVICE_PORT = 7000;
export const PAUSE_MS = 100;
const CIDRS = ['10.0.0.0/24', 'fd00::/64'];
const RARP = 0x8035;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** A VM that moves between the first two of three hosts; a peer in its network is on the third. */
export interface Moving {
  readonly cloud: Cloud;
  readonly hosts: readonly Host[];
  readonly mover: Vm;
  readonly move: Migration;
}

interface Going {
  readonly pauseMs?: number;
  readonly frame?: Buffer;
  /** What is lost meanwhile. */
  readonly losses?: LossCount;
}

interface Parts extends Moving {
  readonly network: CloudNetwork;
  /** On the first host, on the second and on the third; the VM moves between the first two. */
  readonly near: Vm;
  readonly beside: Vm;
  readonly far: Vm;
  /** On the third host, in a group that the VM lets nothing in from. */
  readonly stranger: Vm;
}

/** Starts the world before the tests of a block; what it gives must be read inside a test. */
export function useMigrationWorld(idsOf: ExternalIds = libvirtIds): () => MigrationWorld<Parts> {
  let world: MigrationWorld<Parts> | undefined;
  useCloud({ hosts: 3 }, async (cloud, hosts) => {
    const network = await cloud.network('red', { cidrs: CIDRS, subnet: { enable_dhcp: false } });
    const near = await cloud.boot('near', network, at(hosts, 0));
    const beside = await cloud.boot('beside', network, at(hosts, 1));
    const far = await cloud.boot('far', network, at(hosts, 2));
    const others = await group(cloud, network, []);
    const outsider = { attributes: { security_groups: [others] } };
    const stranger = await cloud.boot('stranger', network, at(hosts, 2), outsider);
    const peers = await defaultGroup(cloud, network);
    const rules = [...bothVersions({ protocol: 'icmp' }), ...openPorts('tcp', SERVICE_PORT)];
    const own = await group(
      cloud,
      network,
      rules.map((rule) => ({ ...rule, remote_group_id: peers })),
    );
    for (const rule of bothVersions({ remote_group_id: own })) {
      await addRule(cloud.controller.rest, network.projectId, {
        security_group_id: peers,
        ...rule,
      });
    }
    const attributes = { 'binding:host_id': '', security_groups: [own] };
    const mover = await cloud.boot('mover', network, at(hosts, 0), { attributes });
    const move = await Migration.prepare(mover, [at(hosts, 0), at(hosts, 1)], idsOf);
    await cloud.realized(mover, near, beside, far, stranger);
    world = new MigrationWorld({ cloud, hosts, network, mover, move, near, beside, far, stranger });
  });
  return () => {
    if (world === undefined) throw new Error('the world is not there yet');
    return world;
  };
}

export class MigrationWorld<P extends Moving> {
  readonly parts: P;

  constructor(parts: P) {
    this.parts = parts;
  }

  /** Where the VM does not run, of the two that it moves between. */
  get otherHost(): Host {
    const { hosts, move } = this.parts;
    return move.host === at(hosts, 0) ? at(hosts, 1) : at(hosts, 0);
  }

  /** Waits until the third host sends what is for the VM to these hosts and no others. */
  async sentTo(...wanted: readonly Host[]): Promise<void> {
    const { cloud, hosts, mover } = this.parts;
    const addresses = wanted.map(({ underlayAddress }) => underlayAddress);
    // A copy ends with an address that is none.
    const others = (to = '') => to !== '0.0.0.0' && !addresses.includes(to);
    await until(
      async () => {
        const [flow = ''] = await at(hosts, 2).flows(`table=60,dl_dst=${mover.mac}`);
        const found = [...flow.matchAll(/set_field:([\d.]+)->tun_dst/g)].map(([, to]) => to);
        return addresses.every((to) => found.includes(to)) && !found.some(others);
      },
      `packets for ${mover.name} to go to ${addresses.join(' and ')}`,
    );
    await cloud.realized(mover);
  }

  /** The other host has the port, too, and the fast path of each host does what its flows say. */
  async arrive(): Promise<void> {
    const { hosts, move } = this.parts;
    const other = this.otherHost;
    await move.plug(other);
    await this.sentTo(move.host, other);
    await Promise.all(hosts.map((host) => host.settled()));
  }

  /** It goes over to the other host, which is told by a frame, and is gone from the first. */
  async goOver({ pauseMs = 0, frame = this.rarp(), losses }: Going = {}): Promise<void> {
    const { move, cloud, mover } = this.parts;
    const before = move.host;
    await move.go(this.otherHost, pauseMs);
    await move.announce(frame);
    await this.sentTo(move.host);
    await losses?.look();
    await move.unplug(before);
    await cloud.realized(mover);
  }

  /** Moves with a pause, so many times. */
  async toAndFro(moves: number, losses: LossCount): Promise<void> {
    for (let count = 0; count < moves; count += 1) {
      await this.arrive();
      await this.goOver({ pauseMs: PAUSE_MS, losses });
    }
  }

  /** As a guest does it whose network card comes back (`arp_notify` of Linux). */
  gratuitousArp(): Buffer {
    const { mover } = this.parts;
    const ip = mover.address('ipv4');
    return arp({ operation: 'request', senderMac: mover.mac, senderIp: ip, targetIp: ip });
  }

  /** As QEMU does it (`qemu_announce_self`). */
  rarp(): Buffer {
    const { mac } = this.parts.mover;
    const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
    const operation = Buffer.from([0, 1, 8, 0, 6, 4, 0, 3]);
    const body = [operation, address, Buffer.alloc(4), address, Buffer.alloc(22)];
    return ethernet({
      source: mac,
      destination: BROADCAST,
      type: RARP,
      payload: Buffer.concat(body),
    });
  }
}

/** Gives its id; everything may go out. */
async function group(
  { controller: { rest } }: Cloud,
  { projectId }: CloudNetwork,
  rules: readonly object[],
): Promise<string> {
  const made = await rest.post<{ security_group: { id: string } }>('/v2.0/security-groups', {
    security_group: { name: 'made', project_id: projectId },
  });
  const { id } = made.security_group;
  for (const rule of rules) await addRule(rest, projectId, { security_group_id: id, ...rule });
  return id;
}

async function addRule(rest: Rest, projectId: string, rule: Json): Promise<void> {
  const wire = { direction: 'ingress', project_id: projectId, ...rule };
  await rest.post('/v2.0/security-group-rules', { security_group_rule: wire });
}

async function defaultGroup(cloud: Cloud, { projectId }: CloudNetwork): Promise<string> {
  const path = `/v2.0/security-groups?name=default&project_id=${projectId}`;
  const { rest } = cloud.controller;
  const { security_groups } = await rest.get<{ security_groups: { id: string }[] }>(path);
  return at(security_groups, 0).id;
}
