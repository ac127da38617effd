/**
 * A program in a VM that listens to a multicast group: the kernel tells of that by IGMP or MLD, and
 * answers queries, as in any VM.
 */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import { type Ends, udp } from './frames.ts';
import { python } from './python.ts';
import type { Vm } from './vm.ts';

const PORT = 5004;

/** Prints what comes; ends as any program does, and the kernel leaves the group for it. */
const LISTENER = `
import socket, struct, sys
group, port = sys.argv[1], int(sys.argv[2])
six = ':' in group
sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind((group, port))
index = socket.if_nametoindex('eth0')
if six:
    request = socket.inet_pton(socket.AF_INET6, group) + struct.pack('@I', index)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
else:
    request = socket.inet_aton(group) + socket.inet_aton('0.0.0.0') + struct.pack('@i', index)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
print('ready', flush=True)
while True:
    print(sock.recv(2048).decode(), flush=True)
`;

export class GroupListener {
  readonly #child: ChildProcess;
  readonly #name: string;
  #heard = '';

  private constructor(vm: Vm, child: ChildProcess) {
    this.#child = child;
    this.#name = vm.name;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#heard += chunk.toString();
      });
    }
  }

  /** Joins; the VM's host and others hear of it a moment later. */
  static async join(vm: Vm, group: string): Promise<GroupListener> {
    const command = python(LISTENER, group, String(PORT));
    const listener = new GroupListener(vm, vm.namespace.background(command));
    await until(
      () => {
        if (listener.#child.exitCode !== null) throw new Error(listener.#heard);
        return listener.#heard.includes('ready\n');
      },
      `${vm.name} to join ${group}`,
      30_000,
    );
    return listener;
  }

  /** Waits until a datagram with these words has come. */
  async hears(words: string): Promise<void> {
    await until(() => this.#heard.includes(`${words}\n`), `${this.#name} to hear ${words}`);
  }

  async leave(): Promise<void> {
    await endChild(this.#child, 'SIGKILL');
  }
}

/** A datagram to whoever listens to a group. */
export function datagramTo(from: Vm, group: string, words: string): Buffer {
  const family = group.includes(':') ? 'ipv6' : 'ipv4';
  const ends: Ends = {
    source: from.mac,
    sourceIp: from.address(family),
    destination: groupMac(group),
    destinationIp: group,
  };
  return udp(ends, { from: PORT, to: PORT }, Buffer.from(words));
}

/** RFC 1112 section 6.4; RFC 2464 section 7, of a group that ends with `::` and one word. */
function groupMac(group: string): string {
  if (group.includes(':')) {
    const last = Number.parseInt(group.slice(group.lastIndexOf(':') + 1), 16);
    return `33:33:00:00:${hex(last >> 8)}:${hex(last & 0xff)}`;
  }
  const [, second = 0, third = 0, fourth = 0] = group.split('.').map(Number);
  return `01:00:5e:${hex(second & 0x7f)}:${hex(third)}:${hex(fourth)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
