/**
 * Proves that no frame of one tenant reaches another, by counting at the receivers: a ping without
 * answer would prove only that no answer came.
 */
import { type Capture, captureIncoming } from '../capture.ts';
import { type Ends, echoRequest, udp } from '../frames.ts';
import { inject } from '../inject.ts';
import type { Vm } from '../vm.ts';
import type { IsolationFigures } from './report.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** Of each kind of frame, so that one stray loss does not look like isolation. */
const REPEAT = 3;
/** Ports of the discard service: nobody answers. */
const DISCARD = { from: 9, to: 9 };
/** What is sent on purpose, apart from the chatter of the VMs' kernels. */
const PROBES = 'udp port 9 or icmp[icmptype] == icmp-echo';

export interface IsolationProof extends IsolationFigures {
  /** Frames of `from` counted at `to`, for every pair of different tenants. */
  readonly leaked: ReadonlyMap<string, number>;
}

/** The key of a pair in `leaked`. */
export function pairKey(from: Vm, to: Vm): string {
  return `${from.name}>${to.name}`;
}

/**
 * Every VM sends frames to the MAC and IP address of every VM of other tenants, and broadcasts. The
 * broadcasts must reach the VMs of its own tenant: that shows that frames were sent and counted.
 */
export async function proveIsolation(tenants: readonly (readonly Vm[])[]): Promise<IsolationProof> {
  const captures = new Map<Vm, Capture>();
  const capture = async (vm: Vm) => captures.set(vm, await captureIncoming(vm, PROBES));
  await Promise.all(tenants.flat().map(capture));
  const sent = (await Promise.all(tenants.map((own) => provoke(own, tenants.flat())))).flat();
  const controlOfOne = (own: readonly Vm[]): number => (own.length - 1) * REPEAT;
  // Frames pass a switch in order: when a VM's last broadcast has come, all before it has as well.
  for (const own of tenants) {
    for (const vm of own) await captures.get(vm)?.waitFor(controlOfOne(own));
  }
  const leaked = new Map<string, number>();
  let counted = 0;
  const tally = async (to: Vm, own: readonly Vm[]): Promise<void> => {
    const got = await framesBySource(captures.get(to));
    const count = (from: Vm): number => got.get(from.mac) ?? 0;
    counted += sum(own.filter((from) => from !== to).map(count));
    const strangers = tenants.flat().filter((from) => !own.includes(from));
    for (const from of strangers) leaked.set(pairKey(from, to), count(from));
    await captures.get(to)?.stop();
  };
  await Promise.all(tenants.flatMap((own) => own.map((to) => tally(to, own))));
  return {
    leaked,
    frames_sent: sum(sent),
    frames_leaked: sum([...leaked.values()]),
    control_expected: sum(tenants.map((own) => own.length * controlOfOne(own))),
    control_counted: counted,
  };
}

/**
 * Every VM of a tenant sends what it should not be able to deliver; gives the frames sent by each.
 */
function provoke(own: readonly Vm[], all: readonly Vm[]): Promise<number[]> {
  const others = all.filter((vm) => !own.includes(vm));
  return Promise.all(
    own.map(async (vm) => {
      const frames = [...others.flatMap((other) => straightAt(vm, other)), ...broadcasts(vm)];
      await inject(vm.namespace, 'eth0', frames);
      return frames.length;
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function framesBySource(capture: Capture | undefined): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const frame of (await capture?.frames()) ?? []) {
    const source = (frame.toString('hex', 6, 12).match(/../g) ?? []).join(':');
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

function straightAt(from: Vm, to: Vm): Buffer[] {
  const ends = between(from, to.mac, to.address('ipv4'));
  const datagram = udp(ends, DISCARD, Buffer.alloc(0));
  return Array.from({ length: REPEAT }, () => [datagram, echoRequest(ends)]).flat();
}

function broadcasts(from: Vm): Buffer[] {
  const ends = between(from, BROADCAST, '255.255.255.255');
  return Array<Buffer>(REPEAT).fill(udp(ends, DISCARD, Buffer.alloc(0)));
}

function between(from: Vm, destination: string, destinationIp: string): Ends {
  return { source: from.mac, destination, sourceIp: from.address('ipv4'), destinationIp };
}
