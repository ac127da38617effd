/**
 * A conversation between the kernels of two VMs over TCP or UDP: each side says lines when it is
 * told to, and what the other side hears is known line by line.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Family } from './ping.ts';
import { python } from './python.ts';
import type { Vm } from './vm.ts';

/** `TALKER tcp|udp listen|connect ADDRESS PORT`: prints what happens, says what it reads. */
const TALKER = `
import socket, sys, threading
kind, role, address, port = sys.argv[1:5]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
sock = socket.socket(family, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
peer = None
def tell(*words): print(*words, flush=True)
if role == 'listen':
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, int(port)))
    if kind == 'tcp':
        sock.listen()
        tell('ready')
        sock, peer = sock.accept()
    else:
        tell('ready')
else:
    sock.settimeout(20)
    sock.connect((address, int(port)))
    sock.settimeout(None)
    tell('ready', sock.getsockname()[1])
if kind == 'tcp': sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def hear():
    global peer
    rest = b''
    while True:
        data, sender = sock.recvfrom(65536)
        if not data: break
        if kind == 'udp': peer = sender
        *lines, rest = (rest + data).split(b'\\n')
        for line in lines: tell('heard', line[:40].decode())
threading.Thread(target=hear, daemon=True).start()
for line in sys.stdin:
    data = line.encode()
    if kind == 'udp' and role == 'listen': sock.sendto(data, peer)
    else: sock.sendall(data)
    tell('said', line[:40].strip())
`;

export type Side = 'client' | 'server';

export interface ConversationOptions {
  readonly kind?: 'tcp' | 'udp';
  readonly family?: Family;
  readonly port: number;
}

export class Conversation {
  readonly #talkers: Readonly<Record<Side, Talker>>;
  #lines = 0;

  private constructor(talkers: Readonly<Record<Side, Talker>>) {
    this.#talkers = talkers;
  }

  /** The server listens; over TCP the client is connected when this returns. */
  static async open(client: Vm, server: Vm, options: ConversationOptions): Promise<Conversation> {
    const address = server.address(options.family ?? 'ipv4');
    const words = [address, String(options.port)];
    const kind = options.kind ?? 'tcp';
    const listening = await Talker.start(server, [kind, 'listen', ...words]);
    const connected = await Talker.start(client, [kind, 'connect', ...words]);
    return new Conversation({ client: connected, server: listening });
  }

  /** The port that the client's kernel chose. */
  get clientPort(): number {
    return Number(this.#talkers.client.ready.split(' ')[1]);
  }

  /**
   * Says a line of at least `length` bytes; gives how it begins when the kernel has it, which is
   * not to say that it has come anywhere.
   */
  async say(side: Side, length = 0): Promise<string> {
    this.#lines += 1;
    const line = `line-${this.#lines}-`;
    const talker = this.#talkers[side];
    talker.write(line.padEnd(length, 'x'));
    await talker.printed('said', line);
    return line;
  }

  /** Waits until a side has heard a line that begins so. */
  async hears(side: Side, line: string): Promise<void> {
    await this.#talkers[side].printed('heard', line);
  }

  /** Whether a side has heard a line that begins so, up to now. */
  heard(side: Side, line: string): boolean {
    return this.#talkers[side].hasPrinted('heard', line);
  }

  /** Says a line on one side and waits until the other has heard it. */
  async passes(from: Side, length = 0): Promise<void> {
    await this.hears(from === 'client' ? 'server' : 'client', await this.say(from, length));
  }

  async end(): Promise<void> {
    await Promise.all(Object.values(this.#talkers).map((talker) => talker.end()));
  }
}

class Talker {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #printed: string[] = [];

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    if (child.stdout === null) throw new Error(`no output of the talker in ${name}`);
    createInterface({ input: child.stdout }).on('line', (line) => this.#printed.push(line));
  }

  static async start(vm: Vm, words: readonly string[]): Promise<Talker> {
    const command = python(TALKER, ...words);
    const talker = new Talker(vm.namespace.background(command, { input: 'pipe' }), vm.name);
    await talker.printed('ready', '');
    return talker;
  }

  /** Its first line. */
  get ready(): string {
    return this.#printed[0] ?? '';
  }

  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async printed(what: string, start: string): Promise<void> {
    const failure = `"${what} ${start}" of the talker in ${this.#name}`;
    await until(() => this.hasPrinted(what, start), failure, 20_000);
  }

  hasPrinted(what: string, start: string): boolean {
    const begins = `${what} ${start}`.trimEnd();
    return this.#printed.some((line) => line.startsWith(begins));
  }

  end(): Promise<void> {
    return endChild(this.#child, 'SIGKILL');
  }
}
