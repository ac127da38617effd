/**
 * Goal: XenServer's way of moving a VM works as libvirt's does: nobody tells the controller, the
 * interfaces are named by XenServer's own keys, and both hosts have one only while the VM is paused.
 * Method: a VM goes over from one host to another and back, pings each 10 ms, both ways; what
 * comes in its pause waits for it.
 */
import { expect } from 'vitest';
import { xenServerIds } from '../../lab/migration.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { LossCount, type Pair } from '../support/lab-losses.ts';
import { PAUSE_MS, useMigrationWorld } from '../support/lab-migration.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const MOVES = 6;

labDescribe('a VM of XenServer', () => {
  const world = useMigrationWorld(xenServerIds);

  labTest(`loses no packet in ${MOVES} moves to and fro`, { timeout: 300_000 }, async () => {
    const { hosts, mover, near, far, stranger } = world().parts;
    const pairs = [near, far].flatMap((peer) =>
      FAMILIES.flatMap((family): Pair[] => [
        [peer, mover, family],
        [mover, peer, family],
      ]),
    );
    const losses = await LossCount.start(hosts, pairs);
    const shut = FAMILIES.map((family) => ContinuousPing.begin(stranger, mover.address(family)));
    for (let count = 0; count < MOVES; count += 1) {
      await world().arrive();
      const frame = world().gratuitousArp();
      await world().goOver({ pauseMs: PAUSE_MS, frame, losses });
    }
    const { lost, unexplained } = await losses.stop();
    for (const each of shut) expect((await each.stop()).answered).toBe(0);
    expect(unexplained, lost.join('; ')).toBe(0);
  });

  labTest('has arrived when the old host lets go, whatever the guest says', async () => {
    const { move } = world().parts;
    const before = move.host;
    await world().arrive();
    await move.go(world().otherHost);
    await move.unplug(before);
    await world().sentTo(move.host);
  });
});
