/**
 * What guests ask the controller: how much one core answers, and how long a guest waits. The first
 * in this process, from a packet that a switch handed over to the frame that goes back; the second
 * with a real controller and a real switch, whose ports are given frames and write down what they
 * get. A switch hands over at most 1,000 packets a second (docs/pipeline.md), so VMs that boot at
 * once show how long the last of them waits, asking again as a client does.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlSocket } from '../lab/control-socket.ts';
import { until } from '../lab/exec.ts';
import type { Ovs } from '../lab/ovs.ts';
import { binding, host, network, port as portRecord, subnet } from '../lab/records.ts';
import type { Rest } from '../lab/rest.ts';
import { type Row, topologyOf } from '../lab/topology.ts';
import { Watch } from '../lab/watch.ts';
import { ServiceDesk } from '../src/controller/service-desk.ts';
import { serviceHandlers } from '../src/controller/services.ts';
import type { ServicePacket } from '../src/fleet/index.ts';
import { nullLogger } from '../src/lib/log.ts';
import type { Topology } from '../src/topology/index.ts';
import { createNetwork } from './api.ts';
import { discover, query } from './guest-frames.ts';
import { plugger } from './plugger.ts';
import { type Bench, type Figure, quantile, rate } from './report.ts';
import { ControllerProcess, startSwitch } from './rig.ts';
import { moveFigures } from './virtual-addresses.ts';

const GUESTS = 1_000;
const SAMPLES = 300;
/** Milliseconds of each figure of this process: services are warm in a controller that runs. */
const WARM_MS = 3_000;
/** Milliseconds until a client asks again (RFC 2131 section 4.1). */
const RETRY_MS = 4_000;
const VNI = 77;

export const services: Bench = {
  name: 'services',
  async run(note) {
    note(`${GUESTS} ports of one host, in this process`);
    const atDesk = deskFigures();
    const cloud = await Guests.boot(note);
    note(`DHCP, ${SAMPLES} one after the other; then ${GUESTS} at once`);
    const figures = [...(await cloud.latencies()), ...(await cloud.bootAll())];
    await cloud.stop();
    return [...atDesk, ...figures, ...(await moveFigures(note))];
  },
};

function deskFigures(): Figure[] {
  const topology = deskTopology();
  let sent = 0;
  const desk = new ServiceDesk({
    topology,
    send: () => void sent++,
    passOn: () => void sent++,
    handlers: serviceHandlers(topology, { dnsDomain: 'cloud.example.' }),
    log: nullLogger,
  });
  const asked = (name: string, packetOf: (number: number) => ServicePacket): Figure => {
    const packets = Array.from({ length: GUESTS }, (_, index) => packetOf(index + 1));
    sent = 0;
    let calls = 0;
    const value = rate(() => desk.take(packets[calls++ % GUESTS] as ServicePacket), WARM_MS);
    if (sent !== calls) throw new Error(`${name}: ${calls - sent} packets were not answered`);
    return { name: `${name}, one core`, value, unit: 'answers/s' };
  };
  const other = 'www.example.com';
  return [
    asked('DHCP offers', (number) => packet('dhcpv4', number, discover(macOf(number)))),
    asked('DNS answers', (number) =>
      packet('dns', number, query(ends(number), `vm-${number}.cloud.example`)),
    ),
    asked('DNS queries passed on', (number) => packet('dns', number, query(ends(number), other))),
  ];
}

function deskTopology(): Topology {
  const rows: Row[] = [
    ['host/h', host('h', '198.18.0.1')],
    ['network/n', network('n', VNI)],
    ['subnet/s', subnet('s', 'n', { cidr: '10.64.0.0/16' })],
  ];
  for (let number = 1; number <= GUESTS; number++) {
    const id = `p${number}`;
    const fixed_ips = [{ subnet_id: 's', ip_address: addressOf(number) }];
    const at = { network: 'n', mac: textOf(macOf(number)), ips: [] };
    rows.push([`port/${id}`, portRecord(id, at, { fixed_ips, dns_name: `vm-${number}` })]);
    rows.push([`binding/${id}`, binding(id, 'h', number)]);
  }
  return topologyOf(rows);
}

function packet(service: 'dhcpv4' | 'dns', ofport: number, data: Buffer): ServicePacket {
  const flow = { parameters: Buffer.alloc(0), cookie: 0n, metadata: {} };
  return { hostId: 'h', service, ofport, vni: VNI, data, ...flow };
}

function ends(number: number): { mac: number; address: number } {
  return { mac: macOf(number), address: 0x0a40_0000 + number };
}

function macOf(number: number): number {
  return 0x0200_0000_0000 + number;
}

function textOf(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');
}

function addressOf(number: number): string {
  return `10.64.${number >> 8}.${number & 255}`;
}

interface Guest {
  readonly device: string;
  readonly frame: string;
  /** What its port has sent it. */
  readonly pcap: string;
}

/** VMs on one sandbox switch, each with a port that is ACTIVE. */
class Guests {
  readonly #controller: ControllerProcess;
  readonly #ovs: Ovs;
  readonly #guests: readonly Guest[];
  readonly #control: ControlSocket;

  private constructor(
    { controller, ovs }: { controller: ControllerProcess; ovs: Ovs },
    guests: readonly Guest[],
    control: ControlSocket,
  ) {
    this.#controller = controller;
    this.#ovs = ovs;
    this.#guests = guests;
    this.#control = control;
  }

  static async boot(note: (text: string) => void): Promise<Guests> {
    note(`${GUESTS} ports are plugged into a switch`);
    const controller = await ControllerProcess.start();
    const ovs = await startSwitch('bench-guests');
    await ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.1');
    await ovs.vsctl('set-manager', controller.manager);
    await ovs.bridgeReady('br-int');
    const guests = await plugAll(controller, ovs);
    const control = await ControlSocket.open(join(ovs.dir, 'ovs-vswitchd.ctl'));
    return new Guests({ controller, ovs }, guests, control);
  }

  async stop(): Promise<void> {
    this.#control.close();
    await this.#controller.stop();
    await this.#ovs.stop();
  }

  /** From the question of a VM to its answer, one VM after the other. */
  async latencies(): Promise<Figure[]> {
    const times: number[] = [];
    for (const guest of this.#guests.slice(0, SAMPLES)) {
      const before = await sizeOf(guest);
      const start = performance.now();
      await this.#ask(guest);
      await until(async () => (await sizeOf(guest)) > before, `an offer for ${guest.device}`);
      times.push(performance.now() - start);
    }
    return [
      { name: 'DISCOVER → OFFER, p50', value: quantile(times, 0.5), unit: 'ms' },
      { name: 'DISCOVER → OFFER, p99', value: quantile(times, 0.99), unit: 'ms' },
    ];
  }

  /** All ask at once, and ask again when they have waited. */
  async bootAll(): Promise<Figure[]> {
    const waiting = new Map<Guest, number>();
    for (const guest of this.#guests) waiting.set(guest, await sizeOf(guest));
    const times: number[] = [];
    const start = performance.now();
    let asked = Number.NEGATIVE_INFINITY;
    let questions = 0;
    await until(
      async () => {
        if (performance.now() - asked > RETRY_MS) {
          asked = performance.now();
          questions += waiting.size;
          await Promise.all([...waiting.keys()].map((guest) => this.#ask(guest)));
        }
        for (const [guest, before] of waiting) {
          if ((await sizeOf(guest)) === before) continue;
          waiting.delete(guest);
          times.push(performance.now() - start);
        }
        return waiting.size === 0;
      },
      'all VMs to be offered an address',
      60_000,
    );
    const of = `of ${GUESTS} that boot at once`;
    return [
      { name: `DISCOVER → OFFER, p50 ${of}`, value: quantile(times, 0.5), unit: 'ms' },
      { name: `DISCOVER → OFFER, p99 ${of}`, value: quantile(times, 0.99), unit: 'ms' },
      { name: `questions ${of}`, value: questions, unit: 'packets' },
    ];
  }

  async #ask({ device, frame }: Guest): Promise<void> {
    await this.#control.call('netdev-dummy/receive', device, frame);
  }
}

async function plugAll({ rest, apiSocket }: ControllerProcess, ovs: Ovs): Promise<Guest[]> {
  const watch = await Watch.open(apiSocket);
  const host = await plugger(ovs);
  const guests: Guest[] = [];
  for (let done = 0; done < GUESTS; done += BATCH) {
    const made = await createPorts(rest, await createNetwork(rest));
    const batch = made.map(({ id, mac_address }): Guest & { id: string } => {
      const device = `tap${id.slice(0, 11)}`;
      const frame = discover(Number.parseInt(mac_address.replaceAll(':', ''), 16));
      return { id, device, frame: frame.toString('hex'), pcap: join(ovs.dir, `${device}.pcap`) };
    });
    await host.plug(batch.map(({ id, device }) => ({ name: device, ifaceId: id })));
    const captures = batch.flatMap(({ device, pcap }) => [
      '--',
      'set',
      'Interface',
      device,
      `options:tx_pcap=${pcap}`,
    ]);
    await ovs.vsctl(...captures);
    for (const { id } of batch) await watch.active(id);
    guests.push(...batch);
  }
  watch.close();
  host.client.close('done');
  return guests;
}

/** Ports of one network: a host takes no more than some 500 of one (docs/pipeline.md). */
const BATCH = 100;

interface Made {
  readonly id: string;
  readonly mac_address: string;
}

async function createPorts(rest: Rest, network_id: string): Promise<readonly Made[]> {
  const bodies = Array.from({ length: BATCH }, () => ({ network_id }));
  return (await rest.post<{ ports: Made[] }>('/v2.0/ports', { ports: bodies })).ports;
}

async function sizeOf({ pcap }: Guest): Promise<number> {
  return (await stat(pcap)).size;
}
