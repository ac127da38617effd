/**
 * Asks the real `ovs-ofctl` how it writes flows on the wire and how it prints them: the judge of
 * our own codec and text. Needs no switch: it talks to a socket of ours, or to nobody.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, tryExec } from '../lab/exec.ts';

/** The parts of a flow that the codec of matches and instructions makes. */
export interface FlowBytes {
  readonly match: Buffer;
  readonly instructions: Buffer;
}

const VERSION = 6;
const OFPT = { HELLO: 0, FLOW_MOD: 14, MULTIPART_REPLY: 19, BARRIER_REQUEST: 20 } as const;
const HEADER_BYTES = 8;
/** In a FLOW_MOD of OpenFlow 1.5, header included. */
const MATCH_OFFSET = 48;

/** What `ovs-ofctl add-flows` sends for each line of flow syntax. */
export async function encodeWithOfctl(flows: readonly string[]): Promise<FlowBytes[]> {
  const dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  const received: Buffer[] = [];
  const server = createServer((socket) => actAsSwitch(socket, received));
  try {
    const path = join(dir, 'switch.sock');
    await listen(server, path);
    const file = join(dir, 'flows.txt');
    await writeFile(file, `${flows.join('\n')}\n`);
    await exec(['ovs-ofctl', '-O', 'OpenFlow15', '--no-names', 'add-flows', `unix:${path}`, file]);
  } finally {
    server.close();
    await rm(dir, { recursive: true, force: true });
  }
  return received.map(splitFlowMod);
}

/**
 * What `ovs-ofctl` prints of flows with these bytes, one line each as `dump-flows --no-stats`
 * would. A flow that it cannot decode gives undefined.
 */
export async function printWithOfctl(flows: readonly FlowBytes[]): Promise<(string | undefined)[]> {
  const dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  try {
    const file = join(dir, 'messages.bin');
    await writeFile(file, Buffer.concat(flows.map(flowReply)));
    const { stdout } = await tryExec(['ovs-ofctl', '--no-names', 'ofp-parse', file]);
    const replies = stdout.split(/^OFPST_FLOW reply.*\n/m).slice(1);
    if (replies.length !== flows.length) {
      throw new Error(`ovs-ofctl printed ${replies.length} messages of ${flows.length}`);
    }
    return replies.map(printedFlow);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A line of a dump without what is not the flow itself. */
export function withoutStats(line: string): string {
  return line
    .trim()
    .replace(/cookie=0x0, /, '')
    .replace(/table=0, /, '')
    .replace(/(duration|n_packets|n_bytes|idle_age|hard_age)=[^,]*, /g, '');
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** Says hello, keeps every FLOW_MOD, answers every barrier. */
function actAsSwitch(socket: Socket, received: Buffer[]): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.write(header(OFPT.HELLO, HEADER_BYTES, 0));
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES && pending.length >= pending.readUInt16BE(2)) {
      const message = pending.subarray(0, pending.readUInt16BE(2));
      pending = pending.subarray(message.length);
      const type = message[1];
      if (type === OFPT.FLOW_MOD) received.push(Buffer.from(message));
      if (type === OFPT.BARRIER_REQUEST) {
        socket.write(header(OFPT.BARRIER_REQUEST + 1, HEADER_BYTES, message.readUInt32BE(4)));
      }
    }
  });
}

function header(type: number, length: number, xid: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(xid, 4);
  return bytes;
}

function splitFlowMod(message: Buffer): FlowBytes {
  const matchLength = Math.ceil(message.readUInt16BE(MATCH_OFFSET + 2) / 8) * 8;
  const instructions = MATCH_OFFSET + matchLength;
  return {
    match: message.subarray(MATCH_OFFSET, instructions),
    instructions: message.subarray(instructions),
  };
}

/** A reply to OFPMP_FLOW_DESC with one flow: table 0, default priority, no statistics. */
function flowReply({ match, instructions }: FlowBytes): Buffer {
  const fixed = Buffer.alloc(24);
  const noStats = Buffer.from('0000000400000000', 'hex');
  fixed.writeUInt16BE(fixed.length + match.length + noStats.length + instructions.length, 0);
  fixed.writeUInt16BE(0x8000, 6);
  const multipart = Buffer.from('0001000000000000', 'hex');
  const body = Buffer.concat([multipart, fixed, match, noStats, instructions]);
  return Buffer.concat([header(OFPT.MULTIPART_REPLY, HEADER_BYTES + body.length, 1), body]);
}

function printedFlow(reply: string): string | undefined {
  const [first = '', second = ''] = reply.split('\n');
  const line = first.trim() === '' ? second : first;
  return line.includes('actions=') ? withoutStats(line) : undefined;
}
