/**
 * Goal: with connection tracking, conjunctions and resubmissions the simulator does what Open
 * vSwitch does.
 * Method: random pipelines and random conversations go through a sandbox switch, with its own
 * connection tracker, and through the simulator; every frame that leaves has to be the same.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import type { Channel } from '../../../src/openflow/channel.ts';
import { type PacketFields, SwitchModel } from '../../../src/simulator/index.ts';
import { framesOf } from '../../support/captures.ts';
import {
  IN_PORTS,
  randomConversation,
  type SentPacket,
} from '../../support/conversation-random.ts';
import { stateFromText } from '../../support/flow-text.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import {
  OUT_PORTS,
  type RandomPipeline,
  randomPipeline,
  ZONES,
} from '../../support/pipeline-random.ts';
import { SeededRandom } from '../../support/world-random.ts';

const SEEDS = Array.from({ length: 24 }, (_, index) => 100 + index);
const PACKETS = 25;

let sut: SwitchUnderTest;
let channel: Channel;
let control: ControlSocket;

beforeAll(async () => {
  sut = await startSwitch();
  for (const port of [...IN_PORTS, ...OUT_PORTS]) {
    const name = `p${port}`;
    const settings = [`ofport_request=${port}`, `options:tx_pcap=${captureOf(port)}`];
    await sut.ovs.vsctl('add-port', 'br-int', name, '--', 'set', 'Interface', name, ...settings);
  }
  channel = await sut.connect();
  control = await ControlSocket.open(join(sut.ovs.dir, 'ovs-vswitchd.ctl'));
});

afterAll(async () => {
  control.close();
  await sut.stop();
});

test.each(SEEDS)('one answer of switch and simulator (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const pipeline = randomPipeline(random);
  await install(pipeline);
  const model = new SwitchModel(stateFromText(pipeline.flows, pipeline.groups));
  const conversation = randomConversation(random, PACKETS);
  const before = await captured();
  const expected: string[][] = [];
  for (const { packet, inPort } of conversation) {
    if (random.chance(0.05)) await flush(model, random.pick(ZONES));
    await inject(inPort, packet);
    expected.push(emissionsOf(model, { packet, inPort }));
  }
  const after = await captured();
  const fresh = new Map(
    [...after].map(([port, all]) => [port, all.slice(before.get(port)?.length)]),
  );
  for (const [index, { packet, inPort }] of conversation.entries()) {
    const got = OUT_PORTS.concat(IN_PORTS).flatMap((port) =>
      (fresh.get(port) ?? [])
        .filter((frame) => sentBy(frame) === packet.eth_src)
        .map((frame) => `${port} ${frame}`),
    );
    const note = `packet ${index} at port ${inPort}: ${JSON.stringify(packet, (_, v) => (typeof v === 'bigint' ? v.toString(16) : v))}`;
    expect(got, note).toEqual(expected[index]);
  }
});

/** Empty of connections and of cached decisions. */
async function install({ flows, groups }: RandomPipeline): Promise<void> {
  const [groupFile, flowFile] = [join(sut.ovs.dir, 'groups'), join(sut.ovs.dir, 'flows')];
  await writeFile(groupFile, `${groups.join('\n')}\n`);
  await writeFile(flowFile, `${flows.join('\n')}\n`);
  await sut.ovs.ofctl('del-flows', 'br-int');
  await sut.ovs.ofctl('del-groups', 'br-int');
  await sut.ovs.ofctl('add-groups', 'br-int', groupFile);
  await sut.ovs.ofctl('add-flows', 'br-int', flowFile, '--bundle');
  await control.call('revalidator/purge');
  await control.call('dpctl/flush-conntrack');
}

async function flush(model: SwitchModel, zone: number): Promise<void> {
  await control.call('dpctl/flush-conntrack', `zone=${zone}`);
  model.conntrack.flush(zone);
}

/**
 * When this returns, the packet is through: ovs-vswitchd takes frames of dummy ports before
 * OpenFlow messages in each round of its main loop.
 */
async function inject(inPort: number, packet: PacketFields): Promise<void> {
  await control.call('netdev-dummy/receive', `p${inPort}`, frameOf(packet).toString('hex'));
  await channel.barrier();
}

/** By port, and in the order in which they left it. */
function emissionsOf(model: SwitchModel, { packet, inPort }: SentPacket): string[] {
  const { outputs } = model.run(packet, inPort);
  return [...OUT_PORTS, ...IN_PORTS].flatMap((port) =>
    outputs
      .filter((output) => output.port === port)
      .map((output) => `${port} ${frameOf(output.packet).toString('hex')}`),
  );
}

function captureOf(port: number): string {
  return join(sut.ovs.dir, `p${port}.pcap`);
}

async function captured(): Promise<Map<number, string[]>> {
  const all = new Map<number, string[]>();
  for (const port of [...OUT_PORTS, ...IN_PORTS]) {
    all.set(port, framesOf(await readFile(captureOf(port))));
  }
  return all;
}

function sentBy(frame: string): number {
  return Number.parseInt(frame.slice(12, 24), 16);
}
