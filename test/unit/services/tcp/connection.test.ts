/**
 * Goal: what is written arrives once, whole and in order, whatever becomes of segments on the way;
 * nothing that a peer sends makes a connection hold, or send, more than its bounds.
 * Method: two connections back to back on a virtual clock, with segments lost, doubled and overtaken at
 * random; single segments where the reaction is a matter of the RFC.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TcpConnection, WINDOW } from '../../../../src/services/tcp/connection.ts';
import { advance, FLAG, type Segment } from '../../../../src/services/tcp/segment.ts';

/** Near the end of the circle, so that numbers pass it. */
const [OURS, THEIRS] = [0xffff_ff00, 0xffff_fff0];
const MSS = 100;

function pair(mss = MSS): [TcpConnection, TcpConnection] {
  return [
    new TcpConnection({ sequence: OURS, acknowledgment: THEIRS, mss }),
    new TcpConnection({ sequence: THEIRS, acknowledgment: OURS, mss }),
  ];
}

function segment(more: Partial<Segment> = {}): Segment {
  const empty = { window: WINDOW, payload: Buffer.alloc(0) };
  return { sequence: THEIRS, acknowledgment: OURS, flags: FLAG.ACK, ...empty, ...more };
}

/** One that has learned the peer's window. */
function opened(window = WINDOW): TcpConnection {
  const [connection] = pair();
  connection.receive(segment({ window }), 0);
  return connection;
}

interface Letter {
  readonly to: number;
  readonly segment: Segment;
  readonly at: number;
}

/** What befalls a segment: how often it arrives, and how late. */
interface Fate {
  readonly copies: number;
  readonly delayMs: number;
}

const fates = fc.array(
  fc.record({
    copies: fc.constantFrom(0, 1, 1, 1, 2),
    delayMs: fc.constantFrom(1, 1, 1, 5, 40),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Two connections, and a network between them that is a good one after the last fate. */
class Talk {
  readonly peers: readonly TcpConnection[];
  /** What each has read. */
  readonly came: Buffer[];
  readonly #plan: Fate[];
  #letters: Letter[] = [];
  #now = 0;

  constructor(peers: readonly TcpConnection[], plan: readonly Fate[]) {
    this.peers = peers;
    this.came = peers.map(() => Buffer.alloc(0));
    this.#plan = [...plan];
    // Both know the other's window from the handshake.
    peers[0]?.receive(segment(), 0);
    peers[1]?.receive(segment({ sequence: OURS, acknowledgment: THEIRS }), 0);
    this.#post();
  }

  /** What comes next, or falls due; false: nothing does. */
  step(): boolean {
    const deadlines = this.peers.flatMap((peer) => peer.deadline ?? []);
    const times = [...this.#letters.map(({ at }) => at), ...deadlines];
    if (times.length === 0) return false;
    this.#now = Math.max(this.#now, Math.min(...times));
    const due = this.#letters.filter(({ at }) => at <= this.#now);
    this.#letters = this.#letters.filter((letter) => !due.includes(letter));
    for (const letter of due) this.#deliver(letter);
    this.#post();
    return true;
  }

  #deliver({ to, segment: each }: Letter): void {
    const peer = this.peers[to];
    peer?.receive(each, this.#now);
    this.came[to] = Buffer.concat([this.came[to] as Buffer, peer?.read() as Buffer]);
    this.#post();
  }

  #post(): void {
    for (const [from, peer] of this.peers.entries()) {
      for (const each of peer.poll(this.#now)) {
        const { copies, delayMs } = this.#plan.shift() ?? { copies: 1, delayMs: 1 };
        const letter = { to: 1 - from, segment: each, at: this.#now + delayMs };
        this.#letters.push(...Array.from({ length: copies }, () => ({ ...letter })));
      }
    }
  }
}

function talk(peers: readonly TcpConnection[], plan: readonly Fate[]): readonly Buffer[] {
  const between = new Talk(peers, plan);
  while (peers.some(({ isOver }) => !isOver) && between.step());
  return between.came;
}

const bytesOf = (length: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff));

test('bytes arrive both ways, once and in order, whatever befalls segments', () => {
  fc.assert(
    fc.property(fates, fc.nat(9_000), fc.nat(700), (plan, long, short) => {
      const peers = pair();
      const [answer, question] = [bytesOf(long, 1), bytesOf(short, 2)];
      peers[0].write(answer);
      peers[1].write(question);
      for (const peer of peers) peer.end();
      const [atUs, atThem] = talk(peers, plan);
      expect(atUs?.equals(question)).toBe(true);
      expect(atThem?.equals(answer)).toBe(true);
      expect(peers.map(({ peerEnded }) => peerEnded)).toEqual([true, true]);
    }),
    { numRuns: 300 },
  );
});

test('no segment is larger than the peer takes, and no more is under way than may be', () => {
  const connection = opened(250);
  connection.write(bytesOf(1_000, 3));
  expect(connection.poll(0).map(({ payload }) => payload.length)).toEqual([100, 100]);
  connection.receive(segment({ acknowledgment: advance(OURS, 100), window: 65_535 }), 1);
  const more = connection.poll(1);
  expect(more.map(({ payload }) => payload.length)).toEqual(Array(8).fill(100));
  expect(more[0]?.sequence).toBe(advance(OURS, 200));
});

test('a peer that takes nothing is asked for more, ever more rarely, and then given up', () => {
  const connection = opened(0);
  connection.write(bytesOf(10, 4));
  expect(connection.poll(0)).toEqual([]);
  const probes: number[] = [];
  let now = 0;
  let last: Segment | undefined;
  while (!connection.isOver) {
    now = connection.deadline ?? Number.NaN;
    [last] = connection.poll(now);
    probes.push(now);
  }
  expect(probes).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500, 31_500, 39_500]);
  expect(last?.flags).toBe(FLAG.RST | FLAG.ACK);
});

test('a window that opens again is filled at once', () => {
  const connection = opened(0);
  connection.write(bytesOf(250, 4));
  connection.poll(0);
  expect(connection.poll(500).map(({ payload }) => payload.length)).toEqual([1]);
  connection.receive(segment({ window: 1_000 }), 501);
  expect(connection.poll(501).map(({ payload }) => payload.length)).toEqual([100]);
});

test('three acknowledgments of the same byte bring the next one back', () => {
  const connection = opened();
  connection.write(bytesOf(500, 5));
  const sent = connection.poll(0);
  for (let turn = 0; turn < 2; turn++) connection.receive(segment(), 1);
  expect(connection.poll(1)).toEqual([]);
  connection.receive(segment(), 2);
  expect(connection.poll(2)).toEqual([sent[0]]);
});

test('bytes that come early, twice or partly known are taken once, when it is their turn', () => {
  const connection = opened();
  const bytes = bytesOf(30, 6);
  const part = (from: number, to: number): Segment =>
    segment({ sequence: advance(THEIRS, from), payload: bytes.subarray(from, to) });
  for (const each of [part(20, 30), part(0, 10), part(0, 10), part(5, 20), part(20, 30)]) {
    connection.receive(each, 0);
  }
  expect(connection.read()).toEqual(bytes);
  const [acknowledgment] = connection.poll(0);
  expect(acknowledgment).toMatchObject({
    flags: FLAG.ACK,
    acknowledgment: advance(THEIRS, 30),
  });
});

test('a reset ends it where it is due, and elsewhere is asked about (RFC 5961)', () => {
  const connection = opened();
  for (const sequence of [advance(THEIRS, 1), advance(THEIRS, -1), advance(THEIRS, WINDOW)]) {
    connection.receive(segment({ flags: FLAG.RST, sequence }), 0);
    expect(connection.isOver).toBe(false);
  }
  expect(connection.poll(0)).toMatchObject([{ flags: FLAG.ACK, acknowledgment: THEIRS }]);
  connection.receive(segment({ flags: FLAG.SYN, sequence: 77 }), 0);
  expect(connection.poll(0)).toMatchObject([{ flags: FLAG.ACK }]);
  connection.receive(segment({ flags: FLAG.RST }), 0);
  expect(connection.isOver).toBe(true);
  expect(connection.poll(1_000)).toEqual([]);
});

test('an acknowledgment of what was never sent is no acknowledgment', () => {
  const connection = opened();
  connection.write(bytesOf(10, 7));
  connection.poll(0);
  const payload = Buffer.from('x');
  connection.receive(segment({ acknowledgment: advance(OURS, 11), payload }), 1);
  expect(connection.read()).toEqual(Buffer.alloc(0));
  expect(connection.deadline).toBe(500);
});

test('both ends may end first, and neither is left waiting', () => {
  for (const isFirst of [true, false]) {
    const connection = opened();
    if (isFirst) connection.end();
    const [ending] = connection.poll(0);
    expect(ending === undefined ? 0 : ending.flags & FLAG.FIN).toBe(isFirst ? FLAG.FIN : 0);
    const acknowledgment = advance(OURS, isFirst ? 1 : 0);
    connection.receive(segment({ flags: FLAG.ACK | FLAG.FIN, acknowledgment }), 1);
    connection.end();
    const [answer] = connection.poll(1);
    expect(answer?.acknowledgment).toBe(advance(THEIRS, 1));
    connection.receive(
      segment({ sequence: advance(THEIRS, 1), acknowledgment: advance(OURS, 1) }),
      2,
    );
    connection.poll(2);
    expect(connection.isOver).toBe(true);
  }
});

test('no segment of a stranger makes it hold more than a window, or fail', () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: WINDOW + 3 }).map((offset) => advance(THEIRS, offset)),
    fc.nat(0xffff_ffff),
  );
  const strange = fc.record({
    sequence: number,
    acknowledgment: fc.oneof(
      fc.integer({ min: -3, max: 400 }).map((offset) => advance(OURS, offset)),
      fc.nat(0xffff_ffff),
    ),
    flags: fc.nat(0x3f),
    window: fc.nat(0xffff),
    payload: fc.nat(1_460).map((length) => Buffer.alloc(length)),
  });
  fc.assert(
    fc.property(fc.array(strange, { maxLength: 30 }), (segments) => {
      const connection = opened();
      connection.write(bytesOf(300, 8));
      connection.end();
      let now = 0;
      for (const each of segments) {
        now += 10;
        connection.receive(each, now);
        expect(connection.read().length).toBeLessThanOrEqual(1_460);
        const answers = connection.poll(now);
        expect(answers.length).toBeLessThanOrEqual(5);
        for (const { payload } of answers) expect(payload.length).toBeLessThanOrEqual(MSS);
      }
    }),
    { numRuns: 500 },
  );
});
