/**
 * `ofproto/trace` by the thousand: the control socket of ovs-vswitchd is kept open, where
 * `ovs-appctl` would start a process for each, and its answer is read into what left the switch.
 */
import { connect, type Socket } from 'node:net';
import { type Masked, type Match } from '../../src/openflow/oxm/index.ts';
import { parseMatch } from '../../src/openflow/text/index.ts';
import { isTelling, readUserdata } from '../../src/pipeline/index.ts';

/** A connection to a daemon's `--unixctl` socket: JSON-RPC, one answer a request, in order. */
export class ControlSocket {
  readonly #socket: Socket;
  readonly #waiting: ((reply: { result: string | null; error: unknown }) => void)[] = [];
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
  }

  static open(path: string): Promise<ControlSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new ControlSocket(socket)));
      socket.once('error', reject);
    });
  }

  call(method: string, ...params: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(({ result, error }) => {
        if (result === null) reject(new Error(`${method} ${params.join(' ')}: ${String(error)}`));
        else resolve(result);
      });
      this.#socket.write(JSON.stringify({ id: 0, method, params }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Replies are objects one after another; strings inside them hold no raw braces of ours. */
  #take(text: string): void {
    this.#received += text;
    for (let end = endOfObject(this.#received); end > 0; end = endOfObject(this.#received)) {
      const reply = JSON.parse(this.#received.slice(0, end));
      this.#received = this.#received.slice(end);
      this.#waiting.shift()?.(reply);
    }
  }
}

interface TracedOutput {
  /** OpenFlow port number; the ingress port for a packet that goes back. */
  readonly port: number;
  /** Text of the tunnel destination and the tunnel key, for the tunnel port. */
  readonly tunnel: { readonly destination: string; readonly key: bigint };
}

export interface Traced {
  readonly outputs: readonly TracedOutput[];
  /** What the packet was handed to the controller for. */
  readonly services: readonly string[];
  /** The packet after all actions. */
  readonly final: Match;
}

/** Reads the text of `ofproto/trace`. */
export function readTrace(text: string, inPort: number): Traced {
  const outputs: TracedOutput[] = [];
  const services: string[] = [];
  let destination = '';
  let key = 0n;
  for (const line of text.split('\n').map((each) => each.trim())) {
    destination = /^set_field:(\S+)->tun(?:_ipv6)?_dst$/.exec(line)?.[1] ?? destination;
    const newKey = /NXM_NX_TUN_ID\[0\.\.23\] is now (\S+)$/.exec(line)?.[1];
    if (newKey !== undefined) key = BigInt(newKey);
    const port = /^(?:output:|-> output port is )(\d+)$/.exec(line)?.[1];
    if (port !== undefined) outputs.push({ port: Number(port), tunnel: { destination, key } });
    const userdata = /^controller\(.*\buserdata=([\da-f.]+)/.exec(line)?.[1];
    if (userdata !== undefined) services.push(serviceOf(userdata));
    if (line === 'IN_PORT') outputs.push({ port: inPort, tunnel: { destination, key } });
    if (line === '>> skipping output to input port') outputs.pop();
  }
  // What the controller is only told goes on as if it were not.
  return { outputs, services: services.filter((name) => !isTelling(name)), final: finalFlow(text) };
}

/** The exact fields of a match: the final flow has no other. */
export function exactFields(match: Match): Record<string, number | bigint> {
  const entries = Object.entries(match) as [string, number | bigint | Masked<number>][];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number | bigint] => typeof entry[1] !== 'object'),
  );
}

function serviceOf(userdata: string): string {
  const asked = readUserdata(Buffer.from(userdata.replaceAll('.', ''), 'hex'));
  return asked?.service ?? `userdata ${userdata}`;
}

function finalFlow(text: string): Match {
  const flow = /^Flow: (.*)$/m.exec(text)?.[1] ?? '';
  const final = /^Final flow: (.*)$/m.exec(text)?.[1] ?? 'unchanged';
  const chosen = final === 'unchanged' ? flow : final;
  // Members that a match cannot have are of the tunnel's making and of no interest here.
  const members = chosen
    .split(',')
    .filter((member) => !/^(tun_|gtpu_|vlan_tci|nw_frag)/.test(member));
  return parseMatch(members.join(','));
}

function endOfObject(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth++;
    else if (!quoted && character === '}' && --depth === 0) return at + 1;
  }
  return 0;
}
