/**
 * One connection to a switch, from the hello on: requests and their replies, multipart replies
 * joined, bundles, echoes both ways, back-pressure, and one end with one reason.
 * It knows messages and nothing of what they are for.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type BundleCarrier, runBundle } from './channel/bundle.ts';
import { runCommands } from './channel/commands.ts';
import { ChannelClosedError, OpenFlowError } from './channel/errors.ts';
import { ChannelEvents, type EventHandlers, type EventName } from './channel/events.ts';
import { type Exchange, Exchanges } from './channel/exchanges.ts';
import { describeVersions, helloFailed, speaksOurVersion } from './channel/handshake.ts';
import { Keepalive } from './channel/keepalive.ts';
import { type ChannelLimits, DEFAULT_LIMITS } from './channel/limits.ts';
import { Outbox } from './channel/outbox.ts';
import {
  multipartExchange,
  type Outcome,
  type PartOf,
  type ReplyOf,
  type Request,
  singleExchange,
} from './channel/requests.ts';
import { OFP_VERSION } from './constants.ts';
import { errorName } from './error-codes.ts';
import { Framer } from './framing.ts';
import {
  type Decoded,
  decodeMessage,
  type ErrorMessage,
  encodeMessage,
  type FeaturesReply,
  type Hello,
  type KnownMultipartRequest,
  type Message,
  messageName,
} from './messages/index.ts';
import { DecodeError } from './wire/index.ts';

export { ChannelClosedError, OpenFlowError, UnexpectedReplyError } from './channel/errors.ts';
export type { EventHandlers, EventName } from './channel/events.ts';
export type { ChannelLimits } from './channel/limits.ts';
export type { PartOf, ReplyOf, Request } from './channel/requests.ts';

export interface ChannelOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<ChannelLimits>;
}

/** What a channel has seen that it could do nothing with, and how much it has seen at all. */
export interface ChannelCounters {
  received: number;
  /** Replies whose request is not known. */
  unknown: number;
  /** Messages that were not to be decoded. */
  undecodable: number;
  /** Errors about messages that waited for no answer. */
  refused: number;
}

export class Channel {
  readonly counters: ChannelCounters = { received: 0, unknown: 0, undecodable: 0, refused: 0 };
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #limits: ChannelLimits;
  readonly #events = new ChannelEvents();
  readonly #exchanges: Exchanges;
  readonly #outbox: Outbox;
  readonly #framer: Framer;
  /** Settled by the peer's hello; undefined from then on. */
  #greeting: Outcome<void> | undefined;
  #features: FeaturesReply | undefined;
  #keepalive: Keepalive | undefined;
  #closeReason: string | undefined;
  #nextBundleId = 1;
  /** See channel/bundle.ts. */
  readonly #takenForms = new Set<number>();

  private constructor(stream: Duplex, options: ChannelOptions) {
    this.#stream = stream;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#exchanges = new Exchanges(() => this.#clock.now());
    // A peer that is busy with a long bundle says nothing, but it reads: that is a sign of life.
    this.#outbox = new Outbox(stream, () => this.#keepalive?.heard());
    this.#framer = new Framer((frame) => this.#onFrame(frame));
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('end', () => this.close('the peer ended the connection'));
    stream.on('error', (error) => this.close(`the connection failed: ${error.message}`));
    stream.on('close', () => this.close('the connection was lost'));
  }

  /**
   * Agrees on OpenFlow 1.5 with the peer of a fresh connection and asks who it is. Rejects with
   * the reason, the connection closed, when the peer speaks no 1.5, sends nonsense or is slow.
   * What a switch says unasked before the caller has registered a handler is not kept: ask for
   * the state of ports and roles afterwards.
   */
  static async accept(stream: Duplex, options: ChannelOptions): Promise<Channel> {
    const channel = new Channel(stream, options);
    try {
      await channel.#shakeHands();
    } catch (error) {
      channel.close(`the handshake failed: ${(error as Error).message}`);
      throw error;
    }
    return channel;
  }

  /** Which datapath this is. */
  get features(): FeaturesReply {
    if (this.#features === undefined) throw new ChannelClosedError('before the handshake');
    return this.#features;
  }

  /** Why the channel is closed; undefined while it is open. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  /** Registers a handler; the function that is given back takes it away. */
  on<N extends EventName>(name: N, handler: EventHandlers[N]): () => void {
    const reason = this.#closeReason;
    if (name === 'close' && reason !== undefined) {
      queueMicrotask(() => (handler as EventHandlers['close'])(reason));
      return () => {};
    }
    return this.#events.on(name, handler);
  }

  /** Sends a request and gives its reply. Rejects with OpenFlowError when the switch refuses. */
  request<R extends Request>(request: R): Promise<ReplyOf<R>> {
    return this.#exchange<ReplyOf<R>>(request, (outcome) => singleExchange(request, outcome));
  }

  /** Sends a multipart request and gives the bodies of all parts of its reply. */
  multipart<R extends KnownMultipartRequest>(request: R): Promise<PartOf<R>[]> {
    const message: Message = { type: 'OFPT_MULTIPART_REQUEST', more: false, body: request };
    return this.#exchange<PartOf<R>[]>(message, (outcome) =>
      multipartExchange(request, this.#limits.replyBytesMax, outcome),
    );
  }

  /** Resolves when the switch has done everything that was sent before. */
  async barrier(): Promise<void> {
    await this.request({ type: 'OFPT_BARRIER_REQUEST' });
  }

  /**
   * Does a list of encoded messages (flow-mods, group-mods, packet-outs) as one, in order. Rejects
   * with an OpenFlowError that names the offending member; then nothing of it is done, unless a
   * switch refuses what it took before (channel/bundle.ts). The members' bytes are only read: they
   * may be shared with other channels.
   */
  async bundle(members: readonly Buffer[]): Promise<void> {
    if (members.length === 0) return;
    const bundleId = this.#nextBundleId;
    this.#nextBundleId = (bundleId % 0xffff_ffff) + 1;
    await runBundle(this.#carrier(), bundleId, members);
  }

  /**
   * Does messages that have no reply and fit no bundle, one after the other. Rejects with the
   * OpenFlowError of the first that was refused.
   */
  async commands(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    // They take no time, and what goes to the switch next goes in the same write.
    const write: BundleCarrier['write'] = (chunks, length) => this.#write(chunks, length);
    await runCommands({ ...this.#carrier(), write }, messages);
  }

  /**
   * Sends a message without waiting for anything and gives its xid; a refusal comes as the event
   * `refused`. Dropped when the channel is closed.
   */
  send(message: Message): number {
    const xid = this.#exchanges.takeXids();
    this.#post(encodeMessage(message, xid));
    return xid;
  }

  /**
   * Sends encoded messages; resolves when the stream is ready for more. Give them xid 0, which no
   * request of the channel's own has.
   */
  sendRaw(buffers: readonly Buffer[]): Promise<void> {
    return this.#write(buffers, byteLength(buffers));
  }

  /**
   * Ends the connection, after `lastWords` where there are any; everything pending is rejected with
   * the reason. Only the first close counts.
   */
  close(reason: string, lastWords?: Buffer): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    const error = new ChannelClosedError(reason);
    this.#keepalive?.stop();
    this.#outbox.stop(error);
    if (lastWords === undefined) this.#stream.destroy();
    else this.#stream.end(lastWords, () => this.#stream.destroy());
    this.#greeting?.reject(error);
    this.#exchanges.failAll(error);
    this.#log.info('OpenFlow channel closed', { reason });
    this.#events.emit('close', reason);
    this.#events.clear();
  }

  async #shakeHands(): Promise<void> {
    const { handshakeMs, echoIntervalMs, replyMs } = this.#limits;
    const timer = this.#clock.setTimer(handshakeMs, () =>
      this.close(`no hello and features within ${handshakeMs} ms`),
    );
    try {
      await new Promise<void>((resolve, reject) => {
        this.#greeting = { resolve, reject };
        this.send({ type: 'OFPT_HELLO', versions: [OFP_VERSION] });
      });
      this.#features = await this.request({ type: 'OFPT_FEATURES_REQUEST' });
    } finally {
      timer.cancel();
    }
    this.#keepalive = new Keepalive({
      clock: this.#clock,
      intervalMs: echoIntervalMs,
      probe: () => void this.send({ type: 'OFPT_ECHO_REQUEST', data: Buffer.alloc(0) }),
      silent: (silentMs) => this.close(`the peer was silent for ${Math.round(silentMs)} ms`),
      beat: () => this.#checkReplies(replyMs),
    });
  }

  #checkReplies(replyMs: number): void {
    const overdue = this.#exchanges.overdue(replyMs);
    if (overdue !== undefined) this.close(`no answer to ${overdue.name} within ${replyMs} ms`);
  }

  #exchange<V>(message: Message, make: (outcome: Outcome<V>) => Exchange): Promise<V> {
    const reason = this.#closeReason;
    if (reason !== undefined) return Promise.reject(new ChannelClosedError(reason));
    const { pendingMax } = this.#limits;
    if (this.#exchanges.size >= pendingMax) {
      return Promise.reject(new Error(`${pendingMax} requests wait for an answer already`));
    }
    return new Promise((resolve, reject) => {
      const xid = this.#exchanges.takeXids();
      const exchange = make({
        resolve: (value) => {
          this.#exchanges.close(xid);
          resolve(value);
        },
        reject: (error) => {
          this.#exchanges.close(xid);
          reject(error);
        },
      });
      this.#exchanges.open(exchange, xid);
      this.#post(encodeMessage(message, xid));
    });
  }

  #carrier(): BundleCarrier {
    return {
      takeXids: (count) => this.#exchanges.takeXids(count),
      open: (exchange, firstXid, count) => this.#exchanges.open(exchange, firstXid, count),
      close: (firstXid) => this.#exchanges.close(firstXid),
      write: (chunks, length) => this.#writeNow(chunks, length),
      control: (message) => this.request(message),
      takenForms: this.#takenForms,
    };
  }

  #post(bytes: Buffer): void {
    // A write is only rejected when the channel closes, which rejects the exchange itself.
    this.#write([bytes], bytes.length).catch(() => {});
  }

  /** What the switch works long on: it begins while the same turn still sees to other switches. */
  #writeNow(chunks: Iterable<Buffer>, length: number): Promise<void> {
    const written = this.#write(chunks, length);
    this.#outbox.flush();
    return written;
  }

  #write(chunks: Iterable<Buffer>, length: number): Promise<void> {
    const { outgoingBytesMax } = this.#limits;
    if (this.#outbox.queuedBytes > outgoingBytesMax) {
      this.close(`the peer does not read: more than ${outgoingBytesMax} bytes wait`);
    }
    return this.#outbox.write(chunks, length);
  }

  #onData(chunk: Buffer): void {
    try {
      this.#framer.push(chunk);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.close(`the peer sent nonsense: ${error.message}`);
    }
  }

  #onFrame(frame: Buffer): void {
    if (this.#closeReason !== undefined) return;
    this.counters.received += 1;
    this.#keepalive?.heard();
    const decoded = this.#decode(frame);
    if (decoded === undefined) return;
    if (this.#greeting !== undefined) this.#onGreeting(frame[0] ?? 0, decoded);
    else this.#onMessage(decoded, frame.length);
  }

  #decode(frame: Buffer): Decoded | undefined {
    try {
      return decodeMessage(frame);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#onUndecodable(frame, error);
      return undefined;
    }
  }

  /** One message that makes no sense costs its request, or nobody; only the framing is vital. */
  #onUndecodable(frame: Buffer, error: DecodeError): void {
    this.counters.undecodable += 1;
    const fields = { error: error.message, head: frame.subarray(0, 64).toString('hex') };
    this.#complain('undecodable', 'OpenFlow message cannot be decoded', fields);
    if (this.#greeting !== undefined) this.close(`the hello makes no sense: ${error.message}`);
    else this.#exchanges.find(frame.readUInt32BE(4))?.fail(error);
  }

  #onGreeting(version: number, { message, xid }: Decoded): void {
    if (message.type === 'OFPT_HELLO') this.#onHello(version, message, xid);
    else if (message.type === 'OFPT_ERROR') {
      this.close(`the peer refused our hello: ${describeError(message)}`);
    }
  }

  #onHello(version: number, hello: Hello, xid: number): void {
    if (speaksOurVersion(version, hello)) {
      this.#framer.expectVersion(OFP_VERSION);
      this.#greeting?.resolve();
      this.#greeting = undefined;
      return;
    }
    const spoken = describeVersions(version, hello);
    const text = `only OpenFlow 1.5 (0x06) is spoken here, not ${spoken}`;
    this.close(text, helloFailed(version, xid, text));
  }

  #onMessage({ message, xid }: Decoded, length: number): void {
    if (message.type === 'OFPT_ECHO_REQUEST') {
      this.#post(encodeMessage({ type: 'OFPT_ECHO_REPLY', data: message.data }, xid));
    } else if (message.type === 'OFPT_ERROR') this.#onError(message, xid);
    else if (!this.#events.dispatch(message)) this.#onReply(message, xid, length);
  }

  #onError(message: ErrorMessage, xid: number): void {
    const exchange = this.#exchanges.find(xid);
    if (exchange !== undefined) {
      exchange.refuse(message, xid);
      return;
    }
    this.counters.refused += 1;
    const error = new OpenFlowError(message, xid);
    this.#complain('refused', 'OpenFlow message refused', { error: error.message, xid });
    this.#events.emit('refused', error);
  }

  #onReply(message: Message, xid: number, length: number): void {
    const exchange = this.#exchanges.find(xid);
    if (exchange !== undefined) {
      exchange.answer(message, xid, length);
    } else if (message.type !== 'OFPT_ECHO_REPLY') {
      this.counters.unknown += 1;
      const fields = { message: messageName(message), xid };
      this.#complain('unknown', 'OpenFlow message that nothing waits for', fields);
    }
  }

  /** Logs the 1st, 2nd, 4th, 8th … of a kind: a peer cannot fill the log. */
  #complain(kind: keyof ChannelCounters, text: string, fields: Record<string, unknown>): void {
    const count = this.counters[kind];
    if ((count & (count - 1)) === 0) this.#log.warn(text, { ...fields, count });
  }
}

function describeError(message: ErrorMessage): string {
  const text = message.data.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
  return `${errorName(message)} ${text}`.trim();
}

function byteLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}
