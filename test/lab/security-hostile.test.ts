/**
 * Goal: whatever changes, nothing is open in between: a sender that no policy ever allows is never
 * heard, and one that all policies allow is always heard.
 * Method: a VM on each host sends what is forbidden at every moment, about a frame a millisecond; each
 * frame is counted at the victim. Pings, one each 10 ms, count what is lost of what is allowed.
 */
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type Capture, captureIncoming } from '../../lab/capture.ts';
import { udp } from '../../lab/frames.ts';
import { ContinuousPing } from '../../lab/ping.ts';
import { FrameStream } from '../../lab/stream.ts';
import { tcp } from '../../lab/transport-frames.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest } from '../support/lab-cloud.ts';
import { FORBIDDEN_PORT, RestlessPolicy } from '../support/lab-hostile.ts';
import {
  bothVersions,
  FAMILIES,
  newPorts,
  openPorts,
  useSecurityWorld,
} from '../support/lab-security.ts';

const CHANGES = 1_000;
const SEED = 4;
/** Less than the tunnel's queue holds while a switch is busy: honest pings share it. */
const FAR_INTERVAL_MS = 5;
const PING = bothVersions({ protocol: 'icmp' });
/** Below what a policy may take on a machine that is busy with others. */
const TIMEOUT_MS = 300_000;

labDescribe('nothing is open in between', () => {
  const world = useSecurityWorld();
  let streams: readonly FrameStream[];
  let capture: Capture;
  /** Honest ones beside the hostile two: who floods its own link loses its own pings there. */
  let friends: readonly Vm[];

  beforeAll(async () => {
    const { cloud, network, hosts } = world().parts;
    friends = [
      await cloud.boot('friend1', network, at(hosts, 0)),
      await cloud.boot('friend2', network, at(hosts, 1)),
    ];
    await world().realized(...friends);
  });

  beforeEach(async () => {
    const { near, far, server } = world().parts;
    await world().serve(PING);
    capture = await captureIncoming(server, `port ${FORBIDDEN_PORT}`);
    streams = await Promise.all(
      [near, far].map((from) =>
        FrameStream.start(
          from,
          FAMILIES.flatMap((family) => {
            const ends = honest(from, server, family);
            return [
              udp(ends, newPorts(FORBIDDEN_PORT), Buffer.alloc(8)),
              tcp(ends, newPorts(FORBIDDEN_PORT)),
            ];
          }),
          from === near ? 1 : FAR_INTERVAL_MS,
        ),
      ),
    );
  });

  /** What was forbidden all along has been sent, and comes once it is allowed. */
  afterEach(async () => {
    await world().serve([...openPorts('udp', FORBIDDEN_PORT), ...openPorts('tcp', FORBIDDEN_PORT)]);
    await capture.waitFor(100);
    for (const stream of streams) expect(await stream.stop()).toBeGreaterThan(100);
    await capture.stop();
  });

  labTest(
    `${CHANGES} random changes of the policy let no forbidden frame in and lose no ping`,
    async () => {
      const pings = await pingServer();
      const policy = await RestlessPolicy.over(world(), SEED, PING);
      while (policy.changes < CHANGES) await policy.step();
      await world().realized();
      expect(await capture.count()).toBe(0);
      expect(await losses(pings)).toEqual([0, 0, 0, 0]);
    },
    TIMEOUT_MS,
  );

  labTest(
    'nor does a controller that is killed and started again, while groups change',
    async () => {
      const { cloud } = world().parts;
      const pings = await pingServer();
      const policy = await RestlessPolicy.over(world(), SEED, PING);
      for (let round = 0; round < 3; round += 1) {
        for (let steps = 0; steps < 20; steps += 1) await policy.step();
        await cloud.controller.kill();
        await cloud.controller.start();
      }
      await cloud.hostsReady();
      await world().realized();
      expect(await capture.count()).toBe(0);
      expect(await losses(pings)).toEqual([0, 0, 0, 0]);
    },
    TIMEOUT_MS,
  );

  labTest(
    'a port that is unplugged, plugged again and moved to and fro hears none either',
    async () => {
      const { cloud, hosts, server } = world().parts;
      const friend = at(friends, 0);
      for (const host of [at(hosts, 0), at(hosts, 1), at(hosts, 0), at(hosts, 1), at(hosts, 0)]) {
        await cloud.move(server, host);
        await world().realized(server);
        const answered = await ContinuousPing.start(friend, server.address('ipv4'));
        await answered.stop();
      }
      expect(await capture.count()).toBe(0);
    },
    TIMEOUT_MS,
  );

  function pingServer(): Promise<ContinuousPing[]> {
    const { server } = world().parts;
    return Promise.all(
      friends.flatMap((from) =>
        FAMILIES.map((family) => ContinuousPing.start(from, server.address(family))),
      ),
    );
  }

  async function losses(pings: readonly ContinuousPing[]): Promise<number[]> {
    return (await Promise.all(pings.map((one) => one.stop()))).map(({ lost }) => lost);
  }
});
