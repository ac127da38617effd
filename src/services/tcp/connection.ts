/**
 * One TCP connection that is established, from then to its end (RFC 9293): a state machine without
 * clock or socket. Segments go in by `receive`, bytes come out by `read`; bytes go in by `write`
 * and `end`, and segments come out by `poll`, which is called after each of them and at `deadline`.
 *
 *     receive ──▶ read              write, end ──▶ ┐
 *        │ acknowledgments, window ──────────────▶ │ poll ──▶ segments
 *                                        deadline ▶ ┘
 *
 * The states of RFC 9293 are what is left to do each way: ESTABLISHED (nothing has ended),
 * CLOSE-WAIT (the peer has), FIN-WAIT (we have), CLOSING and LAST-ACK (both have, and the peer has
 * not acknowledged it).
 * There is no TIME-WAIT: what comes after the end belongs to no connection, and is told so by RST.
 * Bytes that come early are dropped and asked for again. Congestion control is that of RFC 5681;
 * no round trips are measured, for the peer is on the link.
 */
import { advance, distance, FLAG, isSet, NO_BYTES, type Segment } from './segment.ts';

export interface ConnectionStart {
  /** Sequence number of the first byte that we send, and of the first that the peer sends. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Bytes of the largest segment that we send. */
  readonly mss: number;
}

/** Bytes that we take at once: `read` takes them at once, so that it is always open. */
export const WINDOW = 32_768;

/** Bytes under way at most, whatever the peer would take. */
const FLIGHT_MAX = 32_768;
/** Segments before the first acknowledgment (RFC 6928). */
const INITIAL_SEGMENTS = 10;
const RETRANSMIT = { firstMs: 500, maxMs: 8_000, tries: 7 } as const;
/** Acknowledgments of the same byte that mean that the next one was lost (RFC 5681 section 3.2). */
const DUPLICATES = 3;

export class TcpConnection {
  readonly #mss: number;
  /** RCV.NXT. */
  #expected: number;
  #received: Buffer[] = [];
  #peerEnded = false;
  #owesAck = false;

  /** Sequence number of byte 0. All that is sent is counted from there; the FIN comes last. */
  readonly #first: number;
  #data = NO_BYTES;
  #ended = false;
  /** SND.UNA, SND.NXT, and the highest that SND.NXT has been. */
  #acknowledged = 0;
  #next = 0;
  #sent = 0;
  /** SND.WND, and the segment that it was told by (SND.WL1, SND.WL2). */
  #window = 0;
  #windowSequence: number;
  #windowAcknowledgment = 0;
  #congestionWindow: number;
  #threshold = FLIGHT_MAX;
  #duplicates = 0;
  #mustResend = false;
  /** One byte may go out though the peer takes none: its answer says whether that is still so. */
  #isProbing = false;
  #tries = 0;
  #timeoutMs: number = RETRANSMIT.firstMs;
  #deadline: number | undefined;
  #isAborted = false;
  #isOver = false;

  constructor({ sequence, acknowledgment, mss }: ConnectionStart) {
    this.#mss = mss;
    this.#first = sequence;
    this.#expected = acknowledgment;
    this.#windowSequence = acknowledgment;
    this.#congestionWindow = Math.min(INITIAL_SEGMENTS * mss, FLIGHT_MAX);
  }

  /** Nothing is left to do, or the peer has broken it off. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The peer sends no more. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** When `poll` has something to do if nothing happens before; undefined: never. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  receive(segment: Segment, now: number): void {
    if (this.#isOver) return;
    const { flags, sequence } = segment;
    const isReset = isSet(flags, FLAG.RST);
    if (isReset && sequence === this.#expected) this.#isOver = true;
    // RFC 5961: a reset or a SYN that may be old is answered; a peer that means it says it again.
    else if (isReset || isSet(flags, FLAG.SYN) || !this.#isInWindow(segment)) this.#owesAck = true;
    else if (isSet(flags, FLAG.ACK) && this.#takeAck(segment, now)) this.#takeData(segment);
  }

  /** Bytes that came in order since the last call. */
  read(): Buffer {
    return Buffer.concat(this.#received.splice(0));
  }

  write(bytes: Buffer): void {
    this.#data = Buffer.concat([this.#data, bytes]);
  }

  /** Nothing more is written. */
  end(): void {
    this.#ended = true;
  }

  /** Breaks it off: the peer is told by RST. */
  abort(): void {
    this.#isAborted = true;
  }

  /** What is to be sent now. */
  poll(now: number): Segment[] {
    if (this.#isOver) return [];
    if (this.#deadline !== undefined && now >= this.#deadline) this.#timeOut();
    if (this.#isAborted) {
      this.#isOver = true;
      return [this.#segment(this.#next, NO_BYTES, FLAG.RST | FLAG.ACK)];
    }
    const segments = this.#due();
    if (segments.length === 0 && this.#owesAck) {
      segments.push(this.#segment(this.#next, NO_BYTES, FLAG.ACK));
    }
    this.#owesAck = false;
    if (this.#acknowledged === this.#total) this.#deadline = undefined;
    else this.#deadline ??= now + this.#timeoutMs;
    this.#isOver = this.#peerEnded && this.#ended && this.#acknowledged === this.#total;
    return segments;
  }

  /** All that is to be sent, the FIN included. */
  get #total(): number {
    return this.#data.length + (this.#ended ? 1 : 0);
  }

  get #flight(): number {
    return this.#next - this.#acknowledged;
  }

  /** RFC 9293 section 3.10.7.4, first step. */
  #isInWindow({ sequence, flags, payload }: Segment): boolean {
    const length = payload.length + (isSet(flags, FLAG.FIN) ? 1 : 0);
    const isInside = (offset: number): boolean => offset >= 0 && offset < WINDOW;
    const start = distance(this.#expected, sequence);
    return isInside(start) || (length > 0 && isInside(start + length - 1));
  }

  /** False: it acknowledges what was never sent. */
  #takeAck(segment: Segment, now: number): boolean {
    const position = distance(this.#first, segment.acknowledgment);
    if (position > this.#sent) {
      this.#owesAck = true;
      return false;
    }
    if (position > this.#acknowledged) this.#advance(position, now);
    else if (this.#isDuplicate(segment, position)) this.#countDuplicate();
    this.#takeWindow(segment, position);
    return true;
  }

  #advance(position: number, now: number): void {
    const bytes = position - this.#acknowledged;
    this.#acknowledged = position;
    this.#next = Math.max(this.#next, position);
    this.#duplicates = 0;
    this.#tries = 0;
    this.#timeoutMs = RETRANSMIT.firstMs;
    this.#deadline = this.#flight > 0 ? now + this.#timeoutMs : undefined;
    const isSlowStart = this.#congestionWindow < this.#threshold;
    const growth = isSlowStart
      ? Math.min(bytes, this.#mss)
      : Math.ceil((this.#mss * this.#mss) / this.#congestionWindow);
    this.#congestionWindow = Math.min(this.#congestionWindow + growth, FLIGHT_MAX);
  }

  #isDuplicate({ payload, flags, window }: Segment, position: number): boolean {
    const isBare = payload.length === 0 && !isSet(flags, FLAG.FIN);
    const isSame = position === this.#acknowledged && window === this.#window;
    return isBare && isSame && this.#flight > 0;
  }

  #countDuplicate(): void {
    this.#duplicates += 1;
    if (this.#duplicates !== DUPLICATES) return;
    this.#mustResend = true;
    this.#slowDown();
    this.#congestionWindow = this.#threshold;
  }

  #slowDown(): void {
    this.#threshold = Math.max(Math.floor(this.#flight / 2), 2 * this.#mss);
  }

  /** Of segments that overtook each other the later one counts. */
  #takeWindow({ sequence, window }: Segment, position: number): void {
    const newer = distance(this.#windowSequence, sequence);
    if (newer < 0 || (newer === 0 && position < this.#windowAcknowledgment)) return;
    // What was sent to a closed window was most likely not taken.
    if (this.#window === 0) this.#next = this.#acknowledged;
    this.#window = window;
    this.#windowSequence = sequence;
    this.#windowAcknowledgment = position;
  }

  #takeData({ sequence, flags, payload }: Segment): void {
    const isEnd = isSet(flags, FLAG.FIN);
    if (payload.length === 0 && !isEnd) return;
    this.#owesAck = true;
    const known = distance(sequence, this.#expected);
    // Bytes before these are missing; they, and these once more, come when the peer learns of it.
    if (known < 0 || this.#peerEnded) return;
    const bytes = payload.subarray(known, known + WINDOW);
    if (bytes.length > 0) this.#received.push(bytes);
    this.#expected = advance(this.#expected, bytes.length);
    this.#peerEnded = isEnd && known + bytes.length === payload.length;
    if (this.#peerEnded) this.#expected = advance(this.#expected, 1);
  }

  /** Nothing was heard for too long: all that is under way counts as lost. */
  #timeOut(): void {
    this.#tries += 1;
    if (this.#tries > RETRANSMIT.tries) this.#isAborted = true;
    this.#slowDown();
    this.#congestionWindow = this.#mss;
    this.#next = this.#acknowledged;
    this.#duplicates = 0;
    this.#isProbing = this.#window === 0;
    this.#timeoutMs = Math.min(2 * this.#timeoutMs, RETRANSMIT.maxMs);
    this.#deadline = undefined;
  }

  #due(): Segment[] {
    const segments: Segment[] = [];
    if (this.#mustResend) segments.push(this.#sendAt(this.#acknowledged, this.#flight));
    this.#mustResend = false;
    for (;;) {
      const room = this.#room();
      if (room <= 0 || this.#next >= this.#total) break;
      segments.push(this.#sendAt(this.#next, room));
    }
    this.#isProbing = false;
    return segments;
  }

  /** Bytes that may follow; little room is left alone while more may come (RFC 9293 3.8.6.2.1). */
  #room(): number {
    const window = Math.max(this.#window, this.#isProbing ? 1 : 0);
    const room = Math.min(window, this.#congestionWindow) - this.#flight;
    const isWorthIt = room >= Math.min(this.#mss, this.#total - this.#next);
    return isWorthIt || this.#flight === 0 ? room : 0;
  }

  /** What stands at a position; the FIN goes with the last byte. */
  #sendAt(position: number, bytesMax: number): Segment {
    const payload = this.#data.subarray(position, position + Math.min(bytesMax, this.#mss));
    const isLast = position + payload.length >= this.#data.length;
    const isEnd = isLast && this.#ended;
    this.#next = Math.max(this.#next, position + payload.length + (isEnd ? 1 : 0));
    this.#sent = Math.max(this.#sent, this.#next);
    const flags = FLAG.ACK | (isLast ? FLAG.PSH : 0) | (isEnd ? FLAG.FIN : 0);
    return this.#segment(position, payload, flags);
  }

  #segment(position: number, payload: Buffer, flags: number): Segment {
    return {
      sequence: advance(this.#first, position),
      acknowledgment: this.#expected,
      flags,
      window: WINDOW,
      payload,
    };
  }
}
