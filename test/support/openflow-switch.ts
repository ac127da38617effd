/** A real Open vSwitch that dials an OpenFlow listener of the test. */

import type { Ovs } from '../../lab/ovs.ts';
import { nullLogger } from '../../src/lib/log.ts';
import { systemClock } from '../../src/lib/system.ts';
import type { Channel, ChannelLimits } from '../../src/openflow/channel.ts';
import { type Listener, listenOpenFlow } from '../../src/openflow/listen.ts';
import { startSandbox } from './sandbox.ts';

export interface SwitchUnderTest {
  readonly ovs: Ovs;
  /** The next connection of the bridge, its handshake done. */
  connect(): Promise<Channel>;
  stop(): Promise<void>;
}

const BRIDGE_SETTINGS = [
  'protocols=OpenFlow15',
  'fail_mode=secure',
  'other_config:disable-in-band=true',
];

/** Starts a sandbox with bridge br-int, whose controller is a listener of this process. */
export async function startSwitch(limits: Partial<ChannelLimits> = {}): Promise<SwitchUnderTest> {
  const ovs = await startSandbox();
  const waiting: ((channel: Channel) => void)[] = [];
  const arrived: Channel[] = [];
  const listener: Listener = await listenOpenFlow(
    { at: { host: '127.0.0.1', port: 0 }, clock: systemClock, log: nullLogger, limits },
    (channel) => {
      const next = waiting.shift();
      if (next === undefined) arrived.push(channel);
      else next(channel);
    },
  );
  await ovs.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', ...BRIDGE_SETTINGS);
  const target = `tcp:127.0.0.1:${listener.port}`;
  await ovs.vsctl('set-controller', 'br-int', target);
  await ovs.vsctl('set', 'Controller', 'br-int', 'max_backoff=1000', 'inactivity_probe=5000');
  return {
    ovs,
    connect: () =>
      new Promise((resolve) => {
        const channel = arrived.shift();
        if (channel === undefined) waiting.push(resolve);
        else resolve(channel);
      }),
    stop: async () => {
      await listener.close();
      await ovs.stop();
    },
  };
}
