/**
 * Goal: a real Open vSwitch, with its own connection tracker, judges conversations of guests as the
 * simulator does and as the topology says, while policies change in the middle of them.
 * Method: a sandbox switch whose flows are replaced as a controller would; frames are put into its
 * ports and read where they come out. `ofproto/trace` knows no original tuples. What fails is made
 * smaller until nothing more can be left out, and printed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import { host } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, DesiredState } from '../../../src/compiler/index.ts';
import { diffMeters } from '../../../src/fleet/diff.ts';
import { orderMeters } from '../../../src/fleet/order.ts';
import { ChannelLink } from '../../../src/fleet/switch-link.ts';
import type { Channel } from '../../../src/openflow/channel.ts';
import { Conntrack, SwitchModel } from '../../../src/simulator/index.ts';
import type { Binding, RecordKey, Topology } from '../../../src/topology/index.ts';
import { Capture } from '../../support/captures.ts';
import { randomConversations, type Said } from '../../support/conversations.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';
import { expectedFrom } from '../../support/oracle.ts';
import { Memory } from '../../support/oracle-security.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import { putMeters } from '../../support/put-meters.ts';
import { shrink } from '../../support/shrink.ts';
import { changedPolicy, randomStates, type State } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';
import { flowLines, groupLines } from '../../support/world-text.ts';

const SEEDS = Array.from({ length: 8 }, (_, index) => 408 + index);
const PACKETS = 300;
const CONVERSATIONS = 12;
const PORTS = 14;
const HOST = 'host-1';
/** Milliseconds: a failure is played many times. */
const SHRINKING = 600_000;

/** What happens: a policy comes into force, or a guest says something. */
type Event = State | Said;

let sut: SwitchUnderTest;
let channel: Channel;
let control: ControlSocket;
let captures: Capture[];
/** Packets that came out somewhere. */
let delivered = 0;

beforeAll(async () => {
  sut = await startSwitch();
  for (let port = 1; port <= PORTS; port++) {
    const settings = [`ofport_request=${port}`, `options:tx_pcap=${captureOf(port)}`];
    await sut.ovs.vsctl(
      'add-port',
      'br-int',
      `p${port}`,
      '--',
      'set',
      'Interface',
      `p${port}`,
      ...settings,
    );
  }
  channel = await sut.connect();
  control = await ControlSocket.open(join(sut.ovs.dir, 'ovs-vswitchd.ctl'));
  captures = await Promise.all(
    Array.from({ length: PORTS }, (_, index) => Capture.open(captureOf(index + 1))),
  );
});

afterAll(async () => {
  for (const capture of captures) await capture.close();
  control.close();
  await sut.stop();
});

test.each(SEEDS)(
  'one answer over whole conversations (seed %i)',
  { timeout: SHRINKING },
  async (seed) => {
    const events = randomEvents(new SeededRandom(seed));
    if ((await play(events, inject)) === undefined) return;
    // Where simulator and oracle part by themselves the switch would only cost time.
    const put = (await play(events)) === undefined ? inject : undefined;
    const fails = async (some: readonly Event[]) => (await play(some, put)) !== undefined;
    const fewer = await shrink(events, fails);
    const keys = [...new Set(fewer.filter(isState).flatMap((state) => [...state.keys()]))];
    const needed = await shrink(keys, (some) => fails(fewer.map((event) => only(event, some))));
    const smallest = fewer.map((event) => only(event, needed));
    expect.fail(`${await play(smallest, put)}\n${smallest.map(textOf).join('\n')}`);
  },
);

test('policies let some of it through', () => {
  expect(delivered).toBeGreaterThan((SEEDS.length * PACKETS) / 20);
});

function randomEvents(random: SeededRandom): Event[] {
  let state = onOneHost(randomStates(random, 10).at(-1) ?? new Map());
  const conversations = randomConversations(random, topologyOf(state), CONVERSATIONS);
  const events: Event[] = [state];
  for (let i = 0; i < PACKETS && conversations.length > 0; i++) {
    if (random.chance(0.05)) {
      state = changedPolicy(random, state);
      events.push(state);
    }
    events.push(random.pick(conversations).next());
  }
  return events;
}

/** Every port plugged into the same host, each at a port of its own. */
function onOneHost(state: State): State {
  const draft = new Map(state);
  draft.set(`host/${HOST}`, host(HOST, '198.18.0.1'));
  const ids = [...state.keys()].filter((key) => key.startsWith('port/')).map((key) => key.slice(5));
  for (const [index, id] of ids.entries()) {
    const record: Binding = {
      port_id: id,
      host_id: HOST,
      ofport: index + 1,
      interface_name: `p${index + 1}`,
    };
    draft.set(`binding/${id}`, record);
  }
  return draft;
}

/** Puts a frame into a port, and says what comes out where. */
type Put = typeof inject;

/** Plays events from nothing; says where the answers part, if they do: of the switch with `put`. */
async function play(events: readonly Event[], put?: Put): Promise<string | undefined> {
  if (put !== undefined) await empty();
  const [memory, conntrack] = [new Memory(), new Conntrack()];
  let topology = topologyOf(new Map());
  let model = new SwitchModel(new DesiredState());
  for (const [index, event] of events.entries()) {
    if (isState(event)) {
      topology = topologyOf(event);
      const state = stateOf(topology);
      if (put !== undefined) await install(state);
      model = new SwitchModel(state, conntrack);
      continue;
    }
    const inPort = topology.get('binding', event.from)?.ofport;
    if (inPort === undefined) continue;
    const frame = frameOf(event.packet).toString('hex');
    const copies = model.run(event.packet, inPort).outputs;
    const simulator = copies
      .map(({ port, packet }) => `${port} ${frameOf(packet).toString('hex')}`)
      .sort();
    const { ports, packet } = expectedFrom(topology, event.from, event.packet, memory);
    const arriving = frameOf(packet).toString('hex');
    const oracle = ports.map((id) => `${topology.get('binding', id)?.ofport} ${arriving}`).sort();
    const real = (await put?.(inPort, frame)) ?? simulator;
    if (real.length > 0) delivered++;
    const answers = [real, simulator, oracle].map((ports) => ports.join(' & ') || 'nothing');
    if (new Set(answers).size > 1) return `event ${index}: ${answers.join('; ')}`;
  }
  return undefined;
}

function stateOf(topology: Topology): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topology, HOST));
  return state;
}

async function empty(): Promise<void> {
  await sut.ovs.ofctl('del-flows', 'br-int');
  await sut.ovs.ofctl('del-groups', 'br-int');
  await sut.ovs.ofctl('del-meters', 'br-int');
  await control.call('dpctl/flush-conntrack');
}

/** In place of what is there. Groups and meters stay the same: no port comes or goes. */
async function install(state: DesiredState): Promise<void> {
  const [groups, flows] = [join(sut.ovs.dir, 'groups'), join(sut.ovs.dir, 'flows')];
  await writeFile(
    groups,
    groupLines(state)
      .map((line) => `add_or_mod ${line}\n`)
      .join(''),
  );
  await writeFile(flows, `${flowLines(state).join('\n')}\n`);
  await putMeters(sut.ovs, 'br-int', state);
  await sut.ovs.ofctl('add-groups', 'br-int', groups);
  const link = new ChannelLink(channel, '');
  const meters = diffMeters(await link.readMeters(), state.meters());
  await link.setMeters(orderMeters({ flows: [], groups: [], meters }).before);
  await sut.ovs.ofctl('replace-flows', 'br-int', flows, '--bundle');
  await control.call('revalidator/purge');
}

/**
 * What comes out, by port. A barrier is answered when the packet is through: ovs-vswitchd takes
 * frames of dummy ports before OpenFlow messages in each round of its main loop.
 */
async function inject(inPort: number, frame: string): Promise<string[]> {
  await control.call('netdev-dummy/receive', `p${inPort}`, frame);
  await channel.barrier();
  const copies = await Promise.all(
    captures.map(async (capture, index) =>
      (await capture.fresh()).map((each) => `${index + 1} ${each}`),
    ),
  );
  return copies.flat().sort();
}

function isState(event: Event): event is State {
  return event instanceof Map;
}

function only(event: Event, keys: readonly RecordKey[]): Event {
  return isState(event) ? new Map([...event].filter(([key]) => keys.includes(key))) : event;
}

function textOf(event: Event): string {
  const plain = isState(event) ? Object.fromEntries(event) : event;
  return JSON.stringify(plain, (_, value) =>
    typeof value === 'bigint' ? value.toString(16) : value,
  );
}

function captureOf(port: number): string {
  return join(sut.ovs.dir, `p${port}.pcap`);
}
