/**
 * One side of a connection (RFC 7047 4): our requests wait here for their replies, the peer's echo
 * is answered, and silence, garbage or a peer that does not read ends the connection.
 *
 *   open ──(silent for one probe interval)──▶ echo sent ──(silent for another)──▶ closed
 *     └──(garbage, wrong id, queue full, socket lost, close())──────────────────▶ closed
 */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { DecodeError } from '../decode-error.ts';
import { ConnectionError, refusalOf } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Limits } from '../limits.ts';
import type { ByteBudget } from './byte-budget.ts';
import {
  type Call,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  type MessageId,
  type OutboundCall,
  type OutboundEnvelope,
} from './envelope.ts';
import { JsonStream } from './json-stream.ts';

export interface PeerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Limits;
  /** Milliseconds of silence before we send an echo; as many again and we close. */
  readonly probeIntervalMs: number;
  /** Shared with other peers: see `JsonStream`. */
  readonly budget?: ByteBudget | undefined;
}

/** A call and the way to read its result; `decode` throws DecodeError when it is none. */
export interface PeerRequest<T> extends OutboundCall {
  readonly decode: (result: unknown) => T;
}

interface Pending {
  readonly method: string;
  /** Reads the result; throws DecodeError when it is none. */
  readonly succeed: (result: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** The id of our probes, as ovsdb-server has it for its own. Requests have numbers. */
const PROBE_ID = 'echo';

export class Peer {
  readonly #socket: Duplex;
  readonly #options: PeerOptions;
  readonly #notified: (call: Call) => void;
  readonly #stream: JsonStream;
  readonly #pending = new Map<MessageId, Pending>();
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #lastId = 0;
  #heardAt: number;
  #probeTimer: Timer;
  #closedFor: string | undefined;

  /** Takes the socket over. `notified` hears the peer's notifications and may throw DecodeError. */
  constructor(socket: Duplex, options: PeerOptions, notified: (call: Call) => void) {
    this.#socket = socket;
    this.#options = options;
    this.#notified = notified;
    this.#stream = new JsonStream(options.limits, options.budget);
    this.#heardAt = options.clock.now();
    this.#probeTimer = this.#setProbeTimer(options.probeIntervalMs);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.close(error.message));
    socket.on('end', () => this.close('the peer closed the connection'));
    socket.on('close', () => this.close('the connection was lost'));
  }

  /** Calls `listener` once, when the connection has ended; at once if it already has. */
  onClose(listener: (reason: string) => void): void {
    if (this.#closedFor === undefined) this.#closeListeners.push(listener);
    else listener(this.#closedFor);
  }

  /**
   * Sends a request. Its result is decoded in the very turn in which it arrived, before anything
   * that the peer sent after it. Rejects with OvsdbError or ConnectionError.
   */
  request<T>({ decode, ...call }: PeerRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const refusal = this.#whyNoRequest();
      if (refusal !== undefined) {
        reject(new ConnectionError(refusal));
        return;
      }
      const id = ++this.#lastId;
      const succeed = (result: unknown) => resolve(decode(result));
      this.#pending.set(id, { method: call.method, succeed, fail: reject });
      this.#send({ kind: 'request', id, call });
    });
  }

  /** Ends the connection; whatever waits for a reply is rejected with `reason`. */
  close(reason: string): void {
    if (this.#closedFor !== undefined) return;
    this.#closedFor = reason;
    this.#options.log.info('OVSDB connection closed', { reason });
    this.#probeTimer.cancel();
    this.#socket.destroy();
    this.#stream.release();
    for (const { method, fail } of this.#pending.values()) {
      fail(new ConnectionError(`no reply to ${method}: ${reason}`));
    }
    this.#pending.clear();
    for (const listener of this.#closeListeners.splice(0)) listener(reason);
  }

  #whyNoRequest(): string | undefined {
    if (this.#closedFor !== undefined) return this.#closedFor;
    const full = this.#pending.size >= this.#options.limits.pendingMax;
    return full ? `${this.#pending.size} requests already wait for a reply` : undefined;
  }

  /** Closes because of what the peer did. */
  #blame(reason: string): void {
    this.#options.log.warn('OVSDB peer misbehaved', { reason });
    this.close(reason);
  }

  #received(chunk: Buffer): void {
    if (this.#closedFor !== undefined) return;
    this.#heardAt = this.#options.clock.now();
    try {
      for (const message of this.#stream.push(chunk)) {
        this.#dispatch(decodeEnvelope(message));
        if (this.#closedFor !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#blame(error.message);
    }
  }

  #dispatch(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'request':
        this.#answer(envelope.id, envelope.call);
        break;
      case 'notification':
        this.#notified(envelope.call);
        break;
      case 'success':
        this.#awaited(envelope.id).succeed(envelope.result);
        this.#pending.delete(envelope.id);
        break;
      case 'error':
        this.#awaited(envelope.id).fail(refusalOf(envelope.error, {}));
        this.#pending.delete(envelope.id);
        break;
    }
  }

  #awaited(id: MessageId): Pending {
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new DecodeError('the id of a request of ours', id);
    return pending;
  }

  /** A server asks its client for nothing but an echo (RFC 7047 4.1.11). */
  #answer(id: MessageId, call: Call): void {
    if (call.method === 'echo') {
      this.#send({ kind: 'success', id, result: call.params as readonly Json[] });
    } else {
      this.#send({ kind: 'error', id, error: 'unknown method' });
    }
  }

  #send(envelope: OutboundEnvelope): void {
    const bytes = Buffer.from(encodeEnvelope(envelope));
    const waiting = this.#socket.writableLength + bytes.length;
    if (waiting > this.#options.limits.sendBytesMax) {
      this.#blame(`the peer does not read: ${waiting} bytes wait for it`);
    } else {
      this.#socket.write(bytes);
    }
  }

  #setProbeTimer(delayMs: number): Timer {
    return this.#options.clock.setTimer(delayMs, () => this.#checkSilence());
  }

  #checkSilence(): void {
    const { clock, probeIntervalMs } = this.#options;
    const remainingMs = this.#heardAt + probeIntervalMs - clock.now();
    if (remainingMs > 0) {
      this.#probeTimer = this.#setProbeTimer(remainingMs);
      return;
    }
    if (this.#pending.has(PROBE_ID)) {
      this.#blame(`silent for ${2 * probeIntervalMs} ms`);
      return;
    }
    this.#probeTimer = this.#setProbeTimer(probeIntervalMs);
    this.#pending.set(PROBE_ID, { method: 'echo', succeed: () => {}, fail: () => {} });
    this.#send({ kind: 'request', id: PROBE_ID, call: { method: 'echo', params: [] } });
  }
}
