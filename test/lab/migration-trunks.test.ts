/**
 * Goal: a VM whose port is the parent of a trunk moves with all its subports: each, in its own
 * network, loses no packet by it, and is never without its filters.
 * Method: a VM with a switch of its own, whose machines are in VLANs on its wire, goes to and fro
 * between two hosts; pings each 10 ms, both ways, between the machines and peers on three hosts.
 */
import { expect } from 'vitest';
import { Cloud, type CloudNetwork } from '../../lab/cloud.ts';
import { GuestSwitch } from '../../lab/guest-switch.ts';
import { Migration } from '../../lab/migration.ts';
import { ContinuousPing, pingMatrix, unanswered } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest, useLab } from '../support/lab.ts';
import { at } from '../support/lab-cloud.ts';
import { LossCount, type Pair } from '../support/lab-losses.ts';
import { MigrationWorld, type Moving } from '../support/lab-migration.ts';

const PROJECT = { projectId: 'acme' };
const FAMILIES = ['ipv4', 'ipv6'] as const;
const VLANS = { blue: 100, red: 200 } as const;
const MOVES = 10;

labDescribe('a trunk whose VM moves', () => {
  let world: MigrationWorld<Moving>;
  /** Its machines: the parent port's and the subports', each with a peer in its network. */
  let peers: readonly (readonly [machine: Vm, peer: Vm])[];
  let strangers: readonly (readonly [stranger: Vm, machine: Vm])[];

  useLab(async (lab) => {
    const cloud = await Cloud.up(lab, 3);
    const hosts = [...lab.hosts.values()];
    const network = (name: string, number: number): Promise<CloudNetwork> =>
      cloud.network(name, { ...PROJECT, cidrs: [`10.0.${number}.0/24`, `fd00:${number}::/64`] });
    const plain = await network('plain', 0);
    const blue = await network('blue', 1);
    const red = await network('red', 2);
    const attributes = { 'binding:host_id': '' };
    const mover = await cloud.boot('mover', plain, at(hosts, 0), { isBare: true, attributes });
    const guest = await GuestSwitch.start(lab, mover);
    const { ifaceId: id, mac, addresses } = mover;
    const parent = await guest.attach('parent', { vlan: 0, port: { id, mac, addresses } });
    const ports = { blue: await cloud.port(blue, 'sb'), red: await cloud.port(red, 'sr') };
    const inBlue = await guest.attach('sb', { vlan: VLANS.blue, port: ports.blue });
    const inRed = await guest.attach('sr', { vlan: VLANS.red, port: ports.red });
    await cloud.controller.rest.post('/v2.0/trunks', {
      trunk: {
        port_id: mover.ifaceId,
        project_id: PROJECT.projectId,
        sub_ports: (['blue', 'red'] as const).map((name) => ({
          port_id: ports[name].id,
          segmentation_type: 'vlan',
          segmentation_id: VLANS[name],
        })),
      },
    });
    const far = await cloud.boot('far', plain, at(hosts, 2));
    const farBlue = await cloud.boot('fb', blue, at(hosts, 2));
    const farRed = await cloud.boot('fr', red, at(hosts, 2));
    const nearBlue = await cloud.boot('nb', blue, at(hosts, 0));
    const besideBlue = await cloud.boot('bb', blue, at(hosts, 1));
    const alone = { attributes: { security_groups: [] } };
    const stranger = await cloud.boot('stranger', blue, at(hosts, 2), alone);
    const move = await Migration.prepare(mover, [at(hosts, 0), at(hosts, 1)]);
    await cloud.realized(mover, inBlue, inRed, far, farBlue, farRed, nearBlue, besideBlue);
    await cloud.realized(stranger);
    peers = [
      [parent, far],
      [inBlue, farBlue],
      [inBlue, nearBlue],
      [inBlue, besideBlue],
      [inRed, farRed],
    ];
    strangers = [
      [stranger, inBlue],
      [farRed, inBlue],
    ];
    world = new MigrationWorld({ cloud, hosts, mover, move });
  });

  labTest(`loses no packet in ${MOVES} moves to and fro`, { timeout: 600_000 }, async () => {
    const pairs = peers.flatMap(([machine, peer]) =>
      FAMILIES.flatMap((family): Pair[] => [
        [machine, peer, family],
        [peer, machine, family],
      ]),
    );
    const losses = await LossCount.start(world.parts.hosts, pairs);
    const shut = strangers.map(([from, to]) => ContinuousPing.begin(from, to.address('ipv4')));
    await world.toAndFro(MOVES, losses);
    const { lost, unexplained } = await losses.stop();
    for (const each of shut) expect((await each.stop()).answered).toBe(0);
    expect(unexplained, lost.join('; ')).toBe(0);
  });

  labTest('has all its ports at the new place, and none at the old one', async () => {
    const before = world.parts.move.host;
    await world.arrive();
    await world.goOver();
    for (const [machine, peer] of peers) {
      for (const family of FAMILIES) {
        expect(unanswered(await pingMatrix([machine, peer], { family }))).toEqual([]);
      }
    }
    const left = await before.flows('table=0');
    for (const vlan of Object.values(VLANS)) {
      expect(left.filter((flow) => flow.includes(`dl_vlan=${vlan}`))).toEqual([]);
    }
  });
});
