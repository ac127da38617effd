/**
 * Goal: a real switch holds the very meters that it was told of, says which one it refuses, and
 * hands packets to the owner of its host alone.
 * Method: a random walk through meters, read back after each step; packets that go in at a dummy
 * port, through a fleet and back out.
 */
import { readFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import type { MeterState } from '../../../src/fleet/changes.ts';
import { diffMeters } from '../../../src/fleet/diff.ts';
import { orderMeters } from '../../../src/fleet/order.ts';
import { RejectedError } from '../../../src/fleet/ports.ts';
import { ChannelLink } from '../../../src/fleet/switch-link.ts';
import {
  Classifier,
  type CompiledUnit,
  encodeUnit,
  InPort,
  METERED_PORT_MAX,
  Output,
  OutputPort,
  PortSecurityEth,
  PRIORITY,
  packetMeter,
  portMeter,
} from '../../../src/pipeline/index.ts';
import { framesOf } from '../../support/captures.ts';
import {
  configOf,
  hostReady,
  join,
  resetHost,
  type StartedFleet,
  startFleet,
  unitMap,
} from '../../support/fleet-host.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { SeededRandom } from '../../support/world-random.ts';

const MAC = '020000000001';
const FRAME = `ffffffffffff${MAC}88b5${'00'.repeat(46)}`;
const VNI = 7;

/** Port 1: its packets go through a meter to a service; whatever is for a port goes out there. */
function puntingUnit(rate: number): CompiledUnit {
  const meterId = portMeter('services', 1);
  const metadata = BigInt(VNI);
  const flows = [
    Classifier.flow(PRIORITY.normal)
      .match({ in_port: 1 })
      .setField('metadata', metadata)
      .load(InPort, 1)
      .goto(PortSecurityEth),
    PortSecurityEth.flow(PRIORITY.normal)
      .match({ in_port: 1 })
      .meter(meterId)
      .punt('dhcpv4')
      .drop(),
    Output.flow(PRIORITY.normal).outputTo(OutputPort).done(),
  ];
  const meters = [packetMeter(meterId, { rate, burst: rate })];
  return encodeUnit('local-port/p', ['local-port', 'p'], { flows, meters });
}

describe('meters', () => {
  let sut: SwitchUnderTest;
  let link: ChannelLink;

  beforeAll(async () => {
    sut = await startSwitch();
    link = new ChannelLink(await sut.connect(), '');
  });

  afterAll(() => sut.stop());

  const meterOf = (ofport: number, rate: number): MeterState => {
    const meters = [packetMeter(portMeter('storm', ofport), { rate, burst: rate * 2 })];
    return encodeUnit('', ['base', ''], { flows: [], meters }).meters[0] as MeterState;
  };

  test('a walk through meters, the highest port with its own among them', async () => {
    const random = new SeededRandom(5);
    let before: MeterState[] = [];
    for (let step = 0; step < 30; step += 1) {
      const ports = [1, 2, 3, 4, METERED_PORT_MAX - 1, METERED_PORT_MAX].filter(() =>
        random.chance(0.6),
      );
      const after = ports.map((ofport) => meterOf(ofport, 1 + random.integer(3)));
      const meters = diffMeters(before, after);
      const { before: first, after: last } = orderMeters({ flows: [], groups: [], meters });
      await link.setMeters([...first, ...last]);
      expect(diffMeters(await link.readMeters(), after)).toEqual([]);
      before = after;
    }
  });

  test('a meter that is there already is refused, by name; the others are done', async () => {
    const meters = [11, 12, 13].map((ofport) => meterOf(ofport, 1));
    const steps = meters.map((meter) => ({ type: 'add_meter', meter }) as const);
    await link.setMeters(steps.slice(1, 2));
    const error = await link.setMeters(steps).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RejectedError);
    expect((error as RejectedError).step).toBe(steps[1]);
    const read = new Set((await link.readMeters()).map(({ meterId }) => meterId));
    expect(meters.every(({ meterId }) => read.has(meterId))).toBe(true);
  });
});

describe('packets of guests', () => {
  let ovs: Ovs;
  let started: StartedFleet;

  beforeAll(async () => {
    ovs = await startSandbox('host-a');
  });

  beforeEach(async () => {
    started = await startFleet();
    await join(ovs, started.fleet);
  });

  afterEach(async () => {
    await started.fleet.stop();
    await resetHost(ovs);
  });

  afterAll(() => ovs.stop());

  const capture = () => joinPath(ovs.dir, 'out.pcap');

  async function adopted({ fleet }: StartedFleet, rate: number, epoch = 1): Promise<void> {
    const units = unitMap([puntingUnit(rate)]);
    fleet.adopt('host-a', { epoch, revision: 1, units, config: configOf('host-a') });
    await hostReady(fleet, 'host-a');
  }

  async function plug(): Promise<void> {
    const settings = ['ofport_request=1', `options:tx_pcap=${capture()}`];
    await ovs.vsctl('add-port', 'br-int', 'p1', '--', 'set', 'Interface', 'p1', ...settings);
  }

  async function receive(times = 1): Promise<void> {
    const control = await ControlSocket.open(joinPath(ovs.dir, 'ovs-vswitchd.ctl'));
    for (let turn = 0; turn < times; turn++)
      await control.call('netdev-dummy/receive', 'p1', FRAME);
    control.close();
  }

  test('come with host, port and network, and what is answered leaves by the port', async () => {
    await adopted(started, 100);
    await plug();
    await receive();
    await until(() => started.record.packets.length > 0, 'the packet to come');
    const [packet] = started.record.packets;
    const place = { hostId: 'host-a', service: 'dhcpv4', ofport: 1, vni: VNI };
    expect(packet).toMatchObject({ ...place, cookie: puntingUnit(100).cookie });
    expect(packet?.data.toString('hex')).toBe(FRAME);
    const answer = Buffer.from(`${MAC}02000000000288b5${'ab'.repeat(46)}`, 'hex');
    started.fleet.sendPacket('host-a', 1, answer);
    const frames = await until(async () => {
      const captured = framesOf(await readFile(capture()));
      return captured.length > 0 && captured;
    }, 'the answer to leave');
    expect(frames).toEqual([answer.toString('hex')]);
    expect(started.fleet.status('host-a')).toMatchObject({ packetIns: 1, meterModsSent: 1 });
  });

  test('that are more than the meter lets through do not come', async () => {
    await adopted(started, 3);
    await plug();
    await receive(40);
    const dump = () => ovs.ofctl('meter-stats', 'br-int');
    await until(async () => /packet_in_count:40/.test(await dump()), 'all to be counted');
    await until(() => started.record.packets.length >= 3, 'the first to come');
    expect(started.record.packets.length).toBeLessThan(20);
  });

  test('go to the owner, and to nobody else, when another controller takes over', async () => {
    await adopted(started, 100);
    await plug();
    const other = await startFleet();
    try {
      const managers = [started, other].map(({ fleet }) => `tcp:127.0.0.1:${fleet.ports.ovsdb}`);
      await ovs.vsctl('set-manager', ...managers);
      await until(() => other.fleet.status('host-a') !== undefined, 'the host to be known');
      await adopted(other, 100, 2);
      await until(() => started.record.fences.length > 0, 'the older owner to be fenced');
      await receive();
      await until(() => other.record.packets.length > 0, 'the packet to come to the owner');
      expect(started.record.packets).toEqual([]);
      expect(other.fleet.status('host-a')).toMatchObject({ meterModsSent: 0, flowModsSent: 0 });
    } finally {
      await other.fleet.stop();
    }
  });

  test('an unchanged switch gets no meter mod, whatever restarts', async () => {
    await adopted(started, 100);
    await started.fleet.stop();
    const { ports } = started.fleet;
    started = await startFleet({ ports });
    await adopted(started, 100, 2);
    const status = started.fleet.status('host-a');
    expect(status).toMatchObject({ flowModsSent: 0, meterModsSent: 0, bundles: 0 });
    await ovs.ofctl('del-meters', 'br-int');
    expect(await started.fleet.auditNow('host-a')).toMatchObject({
      metersMissing: 1,
      flowsMissing: 1,
    });
    expect(await ovs.ofctl('dump-meters', 'br-int')).toContain(`meter=${portMeter('services', 1)}`);
  });
});
