/** The other end of a channel, played by a test: it reads messages one by one and says anything. */
import type { Duplex } from 'node:stream';
import { nullLogger } from '../../src/lib/log.ts';
import { Channel, type ChannelLimits } from '../../src/openflow/channel.ts';
import {
  type Decoded,
  decodeMessage,
  encodeMessage,
  type Message,
} from '../../src/openflow/messages/index.ts';
import { duplexPair } from './duplex-pair.ts';
import { VirtualClock } from './virtual-clock.ts';

export const DATAPATH_ID = 0x1122n;

export class ScriptedSwitch {
  readonly stream: Duplex;
  readonly #arrived: Decoded[] = [];
  readonly #waiting: ((decoded: Decoded) => void)[] = [];
  #rest: Buffer = Buffer.alloc(0);
  /** Everything that ever came, in order. */
  readonly log: Message[] = [];

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('error', () => {});
  }

  /** The next message; waits for it. */
  next(): Promise<Decoded> {
    const decoded = this.#arrived.shift();
    if (decoded !== undefined) return Promise.resolve(decoded);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next message, which must be of this type. */
  async expect<T extends Message['type']>(
    type: T,
  ): Promise<{ xid: number; message: Extract<Message, { type: T }> }> {
    const { xid, message } = await this.next();
    if (message.type !== type) throw new Error(`expected ${type}, got ${message.type}`);
    return { xid, message: message as Extract<Message, { type: T }> };
  }

  say(message: Message, xid = 0): void {
    this.stream.write(encodeMessage(message, xid));
  }

  refuse(xid: number, errorType: number, code: number): void {
    this.say({ type: 'OFPT_ERROR', errorType, code, data: Buffer.alloc(0) }, xid);
  }

  #onData(chunk: Buffer): void {
    let rest = Buffer.concat([this.#rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readUInt16BE(2)) {
      const length = rest.readUInt16BE(2);
      this.#onFrame(decodeMessage(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.#rest = rest;
  }

  #onFrame(decoded: Decoded): void {
    this.log.push(decoded.message);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(decoded);
    else waiting(decoded);
  }
}

export interface Conversation {
  readonly channel: Channel;
  readonly peer: ScriptedSwitch;
  readonly clock: VirtualClock;
}

/** A channel and its switch, before any word: `channel` settles with the handshake. */
export function meet(limits: Partial<ChannelLimits> = {}): {
  accepted: Promise<Channel>;
  peer: ScriptedSwitch;
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const [ours, theirs] = duplexPair();
  const peer = new ScriptedSwitch(theirs);
  const accepted = Channel.accept(ours, { clock, log: nullLogger, limits });
  return { accepted, peer, clock };
}

/** A channel whose handshake is done. */
export async function converse(limits: Partial<ChannelLimits> = {}): Promise<Conversation> {
  const { accepted, peer, clock } = meet(limits);
  await peer.expect('OFPT_HELLO');
  peer.say({ type: 'OFPT_HELLO', versions: [4, 6] });
  const { xid } = await peer.expect('OFPT_FEATURES_REQUEST');
  peer.say(FEATURES, xid);
  return { channel: await accepted, peer, clock };
}

export const FEATURES = {
  type: 'OFPT_FEATURES_REPLY',
  datapathId: DATAPATH_ID,
  bufferCount: 0,
  tableCount: 254,
  auxiliaryId: 0,
  capabilities: 0,
  reserved: 0,
} as const satisfies Message;
