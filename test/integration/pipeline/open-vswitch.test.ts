/**
 * Goal: a real Open vSwitch takes compiled flows as they are and does with packets what the
 * simulator and the topology say: the third of the three answers.
 * Method: one bridge a host in a sandbox; flows and groups go in by `ovs-ofctl --bundle`, come back
 * by a dump, and random packets go through `ofproto/trace`, from bridge to bridge by their tunnels.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { binding, host, network, port, qosPolicy, qosRule } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, DesiredState } from '../../../src/compiler/index.ts';
import { TUNNEL_PORT } from '../../../src/pipeline/index.ts';
import {
  type Delivery,
  FleetSimulator,
  inVlan,
  type PacketFields,
  type Place,
  sendFrom,
  vlanOf,
} from '../../../src/simulator/index.ts';
import {
  type AnyRecord,
  formatAddress,
  type Host,
  parseAddress,
  type RecordKey,
  type SecurityGroup,
  type Topology,
} from '../../../src/topology/index.ts';
import { framesOf } from '../../support/captures.ts';
import { expectedFrom } from '../../support/oracle.ts';
import { Memory } from '../../support/oracle-security.ts';
import { boundPorts, ipv6Of, placeOf, randomPacket } from '../../support/packets.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import { exactFields, readTrace } from '../../support/packets-trace.ts';
import { putMeters } from '../../support/put-meters.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { placeName } from '../../support/transition-oracle.ts';
import { randomStates, type State } from '../../support/world.ts';
import { SeededRandom } from '../../support/world-random.ts';
import { flowLines, groupLines, meterLines } from '../../support/world-text.ts';

const SEEDS = [31, 32, 33, 34, 35, 36];
const PACKETS = 250;
const HOSTS = ['host-1', 'host-2', 'host-3', 'host-4', 'host-5'];
const OFPORTS = 40;

let ovs: Ovs;
let control: ControlSocket;

beforeAll(async () => {
  ovs = await startSandbox('pipeline');
  for (const [index, bridge] of HOSTS.entries()) await addBridge(bridge, `198.18.9.${index}`);
  control = await ControlSocket.open(join(ovs.dir, 'ovs-vswitchd.ctl'));
});

afterAll(async () => {
  control.close();
  await ovs.stop();
});

test.each(SEEDS)('Open vSwitch agrees with simulator and topology (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const topology = topologyOf(withoutState(randomStates(random, 20).at(-1) ?? new Map()));
  const hosts = [...topology.list('host')];
  const states = new Map(hosts.map((host) => [host.id, stateOf(topology, host.id)]));
  for (const [hostId, state] of states) await install(hostId, state);

  const memory = new Memory();
  const fleet = new FleetSimulator(hosts.map((host) => simulated(host, states)));
  const senders = boundPorts(topology).filter(({ binding }) => states.has(binding.host_id));
  for (let i = 0; i < PACKETS && senders.length > 0; i++) {
    const { port, binding } = random.pick(senders);
    const packet = randomPacket(random, topology, port);
    const note = `${port.id} ${JSON.stringify(packet, (_, v) => (typeof v === 'bigint' ? v.toString(16) : v))}`;
    const place = placeOf(binding);
    const { delivered, questions } = sendFrom(fleet, place, packet);
    const real = await throughBridges(hosts, place, packet);
    expect(real.copies, note).toEqual(delivered.map(arrivalOf).sort());
    expect(real.services, note).toEqual(questions.map(({ service }) => service));

    const { copies, reply, service } = expectedFrom(topology, port.id, packet, memory);
    expect(real.services, note).toEqual(service === undefined ? [] : [service]);
    const expected = copies.map(placeName);
    const own = [placeName(place)];
    expect(real.copies, note).toEqual(reply === undefined ? expected.sort() : own);
    if (reply !== undefined) expect(real.reply, note).toMatchObject(headersOf(reply));
  }
});

/** A trace knows no original tuple: only what is judged packet by packet can be traced. */
function withoutState(state: State): State {
  return new Map(
    [...state].map(([key, value]) => [
      key,
      key.startsWith('security_group/') ? { ...(value as SecurityGroup), stateful: false } : value,
    ]),
  );
}

test('questions come back as answers, byte for byte', async () => {
  const topology = topologyOf(
    new Map<RecordKey, AnyRecord>([
      ['host/host-1', host('host-1', '198.18.0.1')],
      ['network/net', network('net', 7)],
      [
        'port/a',
        port('a', { network: 'net', mac: '02:00:00:00:00:0a', ips: ['fd00::a', '10.0.0.10'] }),
      ],
      [
        'port/b',
        port('b', { network: 'net', mac: '02:00:00:00:00:0b', ips: ['fd00::b', '10.0.0.11'] }),
      ],
      ['binding/a', binding('a', 'host-1', 1)],
      ['binding/b', binding('b', 'host-1', 2)],
    ]),
  );
  await install('host-1', stateOf(topology, 'host-1'));
  const capture = join(ovs.dir, 'answers.pcap');
  await ovs.vsctl('set', 'Interface', 'host-1-1', `options:tx_pcap=${capture}`);
  const arp = { eth_src: 0x0200_0000_000a, eth_dst: 0xffff_ffff_ffff, eth_type: 0x0806, arp_op: 1 };
  const v6 = { eth_src: arp.eth_src, eth_type: 0x86dd, ip_proto: 58, nw_ttl: 255 };
  const questions: PacketFields[] = [
    { ...arp, arp_sha: arp.eth_src, arp_spa: 0x0a00_000a, arp_tpa: 0x0a00_000b },
    {
      ...v6,
      eth_dst: 0x3333_ff00_000b,
      ipv6_src: ipv6Of('fd00::a'),
      ipv6_dst: ipv6Of('ff02::1:ff00:b'),
      icmpv6_type: 135,
      nd_target: ipv6Of('fd00::b'),
      nd_sll: arp.eth_src,
    },
  ];
  for (const [index, question] of questions.entries()) {
    const { reply = {} } = expectedFrom(topology, 'a', question, new Memory());
    const { nd_sll: _, ...answer } = reply;
    await control.call('netdev-dummy/receive', 'host-1-1', frameOf(question).toString('hex'));
    const frames = await until(async () => {
      const captured = framesOf(await readFile(capture));
      return captured.length > index ? captured : undefined;
    }, 'the answer to be captured');
    expect(frames?.[index]).toBe(frameOf(answer).toString('hex'));
  }
});

/** An answer of the switch took the daemon with it, or its main thread for ever, in a trace. */
test('a limited port whose announcement is told asks whoever it wants to know of', async () => {
  const shared = { mac_address: '00:00:5e:00:01:07', ip_address: '10.0.0.100' };
  const topology = topologyOf(
    new Map<RecordKey, AnyRecord>([
      ['host/host-1', host('host-1', '198.18.0.1')],
      ['network/net', network('net', 7)],
      ['qos_policy/slow', qosPolicy('slow')],
      [
        'qos_rule/pps',
        qosRule('pps', 'slow', {
          type: 'packet_rate_limit',
          direction: 'egress',
          max_kpps: 1,
          max_burst_kpps: 1,
        }),
      ],
      [
        'port/a',
        port(
          'a',
          { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] },
          { qos_policy_id: 'slow', allowed_address_pairs: [shared] },
        ),
      ],
      ['port/b', port('b', { network: 'net', mac: '02:00:00:00:00:0b', ips: ['10.0.0.11'] })],
      ['binding/a', binding('a', 'host-1', 1)],
      ['binding/b', binding('b', 'host-1', 2)],
    ]),
  );
  await install('host-1', stateOf(topology, 'host-1'));
  const capture = join(ovs.dir, 'asked.pcap');
  await ovs.vsctl('set', 'Interface', 'host-1-2', `options:tx_pcap=${capture}`);
  const [eth_src, arp_spa] = [0x5e00_0107, 0x0a00_0064];
  const who = { eth_type: 0x0806, arp_op: 1, arp_sha: eth_src, arp_spa, arp_tpa: 0x0a00_000b };
  const question = frameOf({ eth_src, eth_dst: 0xffff_ffff_ffff, ...who }).toString('hex');
  await control.call('ofproto/trace', 'host-1', 'in_port=1', question);
  await control.call('netdev-dummy/receive', 'host-1-1', question);
  const frames = await until(async () => {
    const captured = framesOf(await readFile(capture));
    return captured.length > 0 ? captured : undefined;
  }, 'the question to be captured');
  expect(frames).toEqual([question]);
});

async function addBridge(bridge: string, localIp: string): Promise<void> {
  const ports = Array.from({ length: OFPORTS }, (_, index) => index + 1).flatMap((ofport) => {
    const name = `${bridge}-${ofport}`;
    return [
      '--',
      'add-port',
      bridge,
      name,
      '--',
      'set',
      'Interface',
      name,
      `ofport_request=${ofport}`,
    ];
  });
  const tunnel = `${bridge}-tun`;
  const options = [
    'type=geneve',
    'options:remote_ip=flow',
    'options:key=flow',
    `options:local_ip=${localIp}`,
  ];
  const bridgeColumns = ['protocols=OpenFlow15', 'fail_mode=secure'];
  const addTunnel = ['--', 'add-port', bridge, tunnel, '--', 'set', 'Interface', tunnel];
  const number = `ofport_request=${TUNNEL_PORT}`;
  const addBridgeItself = ['add-br', bridge, '--', 'set', 'Bridge', bridge, ...bridgeColumns];
  await ovs.vsctl(...addBridgeItself, ...addTunnel, ...options, number, ...ports);
}

/** Replaces what the bridge holds, and proves that it holds exactly that, to the letter. */
async function install(bridge: string, state: DesiredState): Promise<void> {
  const [groups, flows] = [join(ovs.dir, 'groups'), join(ovs.dir, 'flows')];
  await writeFile(groups, `${groupLines(state).join('\n')}\n`);
  await writeFile(flows, `${flowLines(state).join('\n')}\n`);
  await ovs.ofctl('del-flows', bridge);
  await ovs.ofctl('del-groups', bridge);
  await ovs.ofctl('del-meters', bridge);
  await putMeters(ovs, bridge, state);
  await ovs.ofctl('add-groups', bridge, groups);
  await ovs.ofctl('add-flows', bridge, flows, '--bundle');
  expect(lines(await ovs.ofctl('dump-flows', bridge, '--no-stats'))).toEqual(
    flowLines(state).sort(),
  );
  expect(lines(await ovs.ofctl('dump-groups', bridge))).toEqual(groupLines(state).sort());
  const meters = (await ovs.ofctl('dump-meters', bridge)).split('\n').slice(1).join('\n').trim();
  const dumped = meters.split(/\n\n/).filter((meter) => meter !== '');
  expect(dumped.sort()).toEqual(meterLines(state.meters()).sort());
}

function lines(dump: string): string[] {
  const all = dump.split('\n').map((line) => line.trim());
  return all.filter((line) => line !== '' && !line.startsWith('OFPST_')).sort();
}

interface Result {
  readonly copies: string[];
  /** What the controller is asked for on any of the bridges. */
  readonly services: string[];
  readonly reply: Record<string, number | bigint> | undefined;
}

/** Traces a packet on its bridge, and what went into the tunnel on the bridge where it comes out. */
async function throughBridges(
  hosts: readonly Host[],
  from: Place,
  packet: PacketFields,
): Promise<Result> {
  const frame = frameOf(packet).toString('hex');
  const bytes = frame.length / 2;
  const sent = frameOf(inVlan(packet, from.vlan)).toString('hex');
  const first = await trace(from.hostId, { port: from.ofport, metadata: '', bytes }, sent);
  const nameOf = (hostId: string, { port: ofport, vlan }: { port: number; vlan: number }) =>
    placeName({ hostId, ofport, vlan });
  const copies = first.outputs
    .filter(({ port }) => port !== TUNNEL_PORT)
    .map((output) => nameOf(from.hostId, output));
  const services = [...first.services];
  const source = hosts.find((host) => host.id === from.hostId)?.encap_ip ?? '';
  for (const { tunnel } of first.outputs.filter(({ port }) => port === TUNNEL_PORT)) {
    const hostId = hosts.find((host) => host.encap_ip === tunnel.destination)?.id ?? '';
    const outer = tunnelMetadata(source, tunnel.destination);
    const metadata = `,${outer},tun_id=${tunnel.key},tun_flags=${tunnel.flags}`;
    const { outputs, ...second } = await trace(
      hostId,
      { port: TUNNEL_PORT, metadata, bytes },
      frame,
    );
    services.push(...second.services);
    copies.push(...outputs.map((output) => nameOf(hostId, output)));
  }
  const answered = copies.includes(placeName(from));
  return {
    copies: copies.sort(),
    services,
    reply: answered ? exactFields(first.final) : undefined,
  };
}

function tunnelMetadata(source: string, destination: string): string {
  const name = (address: string) => (address.includes(':') ? 'tun_ipv6' : 'tun');
  return `${name(source)}_src=${source},${name(destination)}_dst=${destination}`;
}

interface Arrival {
  readonly port: number;
  readonly metadata: string;
  /** Of the frame, without tags. */
  readonly bytes: number;
}

async function trace(bridge: string, at: Arrival, frame: string) {
  const flow = `in_port=${at.port}${at.metadata}`;
  const said = await control.call('ofproto/trace', bridge, flow, frame);
  return readTrace(said, at.bytes);
}

/** What a trace prints of a reply; the bytes of one are looked at in a test of their own. */
function headersOf(reply: PacketFields): object {
  const { nd_sll: _, nw_ttl: _ttl, nd_reserved: _flags, nd_options_type: _type, ...rest } = reply;
  return rest;
}

function stateOf(topology: Topology, hostId: string): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topology, hostId));
  return state;
}

function simulated(host: Host, states: ReadonlyMap<string, DesiredState>) {
  const encap = parseAddress(host.encap_ip) ?? 0;
  expect(formatAddress(encap)).toBe(host.encap_ip);
  return { id: host.id, encap, state: states.get(host.id) ?? new DesiredState() };
}

function arrivalOf({ hostId, port: ofport, packet }: Delivery): string {
  return placeName({ hostId, ofport, vlan: vlanOf(packet) });
}
