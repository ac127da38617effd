/**
 * Goal: a guest gets the answer that is meant for its port, whatever it says of itself; what it can
 * make a controller hold, and ask, is bounded; nothing of it goes to another port.
 * Method: guests that are connections of our own turned round, on a virtual clock; a source that the
 * test plays.
 */
import { expect, test } from 'vitest';
import type { Ends } from '../../../../lab/frames.ts';
import { neighbourSolicitation } from '../../../../lab/frames.ts';
import { binding, network, port } from '../../../../lab/records.ts';
import { tablesOf } from '../../../../lab/topology.ts';
import { TCP_FLAG, tcp } from '../../../../lab/transport-frames.ts';
import {
  CONNECTIONS,
  LIFE_MS,
  MetadataServer,
} from '../../../../src/controller/metadata/metadata-server.ts';
import type { ServicePacket } from '../../../../src/fleet/index.ts';
import { HttpFailure } from '../../../../src/lib/http-client.ts';
import { keyedHash } from '../../../../src/lib/keyed-hash.ts';
import { nullLogger } from '../../../../src/lib/log.ts';
import { readTcpFrame, TcpConnection, writeTcpFrame } from '../../../../src/services/tcp/index.ts';
import { advance } from '../../../../src/services/tcp/segment.ts';
import { pluggedPort, Topology } from '../../../../src/topology/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

type Source = NonNullable<ConstructorParameters<typeof MetadataServer>[0]['source']>;
interface Asked {
  readonly question: Parameters<Source['ask']>;
  readonly answer: (body: string | Error) => void;
}

const MACS = { source: '02:00:00:00:00:0a', destination: '02:48:44:00:00:01' };
const V4: Ends = { ...MACS, sourceIp: '10.0.0.10', destinationIp: '169.254.169.254' };
const V6: Ends = { ...MACS, sourceIp: 'fe80::ff:fe00:a', destinationIp: 'fe80::a9fe:a9fe' };
const GET = 'GET /latest HTTP/1.1\r\nX-Instance-ID: forged\r\n\r\n';
const FIRST = 100;

class World {
  readonly clock = new VirtualClock();
  readonly topology = new Topology();
  /** What ports got: `h 3` and the frame. */
  readonly sent: { readonly to: string; readonly frame: Buffer }[] = [];
  readonly asked: Asked[] = [];
  readonly server: MetadataServer;

  constructor(hasSource = true) {
    const at = { network: 'net', mac: MACS.source, ips: ['10.0.0.10', 'fd00::a'] };
    const owned = { device_id: 'server-1', project_id: 'red' };
    const records = [
      ['network/net', network('net', 7, { mtu: 1442 })],
      ['port/a', port('a', at, owned)],
      ['port/b', port('b', at, { ...owned, device_id: '' })],
      ['binding/a', binding('a', 'h', 3)],
      ['binding/b', binding('b', 'h', 4)],
    ] as const;
    this.topology.load(1, tablesOf(records));
    this.server = new MetadataServer({
      topology: this.topology,
      clock: this.clock,
      log: nullLogger,
      hash: keyedHash('secret'),
      send: (hostId, ofport, frame) => void this.sent.push({ to: `${hostId} ${ofport}`, frame }),
      source: hasSource ? { ask: (...question) => this.#ask(question) } : undefined,
    });
  }

  /** Frames that come back at once. */
  take(frame: Buffer, portId = 'a'): readonly Buffer[] | string {
    const asker = pluggedPort(this.topology, portId);
    if (asker === undefined) throw new Error(`port ${portId} is plugged`);
    return this.server.take(asker, { data: frame } as ServicePacket);
  }

  /** Lets what was promised come about. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  #ask(question: Asked['question']): ReturnType<Source['ask']> {
    return new Promise((resolve, reject) => {
      const answer: Asked['answer'] = (body) => {
        if (typeof body !== 'string') reject(body);
        else resolve({ status: 200, type: 'text/plain', body: Buffer.from(body) });
      };
      this.asked.push({ question, answer });
    });
  }
}

/** One connection of a guest. */
class Guest {
  readonly world: World;
  readonly #ends: Ends;
  readonly #portId: string;
  readonly #from: number;
  readonly #connection: TcpConnection;
  #read = 0;
  #heard = '';

  constructor(world: World, { ends = V4, portId = 'a', from = 40_000 } = {}) {
    this.world = world;
    this.#ends = ends;
    this.#portId = portId;
    this.#from = from;
    const [reply] = world.take(tcp(ends, this.#ports, { sequence: FIRST }), portId);
    const { segment } = readTcpFrame(Buffer.from(reply ?? ''));
    const start = { sequence: advance(FIRST, 1), acknowledgment: advance(segment.sequence, 1) };
    this.#connection = new TcpConnection({ ...start, mss: 1402 });
    this.#connection.receive({ ...segment, sequence: start.acknowledgment, flags: 0x10 }, 0);
  }

  get #ports() {
    return { from: this.#from, to: 80 };
  }

  get isOver(): boolean {
    return this.#connection.isOver;
  }

  /** All that the server said. */
  get heard(): string {
    return this.#heard;
  }

  say(text: string): this {
    this.#connection.write(Buffer.from(text));
    return this.goOn();
  }

  /** Takes and sends until there is nothing more to be said now. */
  goOn(): this {
    for (;;) {
      this.#hear();
      const segments = this.#connection.poll(this.world.clock.now());
      if (segments.length === 0) return this;
      for (const segment of segments) {
        const { ends } = readTcpFrame(tcp(this.#ends, this.#ports));
        const answers = this.world.take(writeTcpFrame({ ends, segment }), this.#portId);
        for (const frame of typeof answers === 'string' ? [] : answers) this.#receive(frame);
      }
    }
  }

  #hear(): void {
    for (const { frame } of this.world.sent.slice(this.#read)) this.#receive(frame);
    this.#read = this.world.sent.length;
  }

  #receive(frame: Buffer): void {
    const { ends, segment } = readTcpFrame(frame);
    if (ends.destinationPort !== this.#from) return;
    this.#connection.receive(segment, this.world.clock.now());
    this.#heard += this.#connection.read().toString();
    if (this.#connection.peerEnded) this.#connection.end();
  }
}

test.each([
  ['IPv4', V4, '10.0.0.10'],
  ['IPv6', V6, '10.0.0.10'],
])('a guest is asked for by its port, and gets the answer (%s)', async (_, ends, address) => {
  const world = new World();
  const guest = new Guest(world, { ends }).say(GET);
  expect(world.asked.map(({ question }) => question)).toEqual([
    [
      { id: 'server-1', projectId: 'red', address },
      { method: 'GET', path: '/latest', body: Buffer.alloc(0) },
    ],
  ]);
  world.asked[0]?.answer('x'.repeat(30_000));
  await world.settle();
  guest.goOn();
  expect(guest.heard).toContain('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n');
  expect(guest.heard).toHaveLength(30_000 + guest.heard.indexOf('\r\n\r\n') + 4);
  expect(guest.isOver).toBe(true);
  expect(new Set(world.sent.map(({ to }) => to))).toEqual(new Set(['h 3']));
  expect(world.clock.pending).toBe(0);
});

test('without a source, and without a server, a guest is told what is missing', () => {
  const nowhere = new Guest(new World(false)).say(GET);
  expect(nowhere.heard).toMatch(/^HTTP\/1\.1 404 .*HEDDLE_METADATA_URL/s);
  const nobody = new Guest(new World(), { portId: 'b' }).say(GET);
  expect(nobody.heard).toMatch(/^HTTP\/1\.1 404 .*device_id/s);
  expect(nobody.isOver).toBe(true);
});

test('a source that fails is 502, and what is no request is refused unasked', async () => {
  const world = new World();
  const guest = new Guest(world).say(GET);
  world.asked[0]?.answer(new HttpFailure('no answer in 10000 ms'));
  await world.settle();
  expect(guest.goOn().heard).toMatch(/^HTTP\/1\.1 502 /);
  const wrong = new Guest(world, { from: 40_001 }).say('NONSENSE\r\n\r\n');
  expect(wrong.heard).toMatch(/^HTTP\/1\.1 400 /);
  expect(world.asked).toHaveLength(1);
});

test('of one port four are asked for at a time, and others do not wait for them', async () => {
  const world = new World();
  const b = world.topology.get('port', 'b');
  if (b === undefined) throw new Error('there is a port b');
  const puts = [{ key: 'port/b', value: { ...b, device_id: 'server-2' } }] as const;
  world.topology.apply({ revision: 2, at: '', puts, deletes: [] });
  const guests = Array.from({ length: 6 }, (_, n) => new Guest(world, { from: 41_000 + n }));
  for (const guest of guests) guest.say(GET);
  new Guest(world, { portId: 'b' }).say(GET);
  const ids = () => world.asked.map(({ question: [{ id }] }) => id.slice(-1)).join('');
  expect(ids()).toBe('11112');
  world.asked[0]?.answer('done');
  await world.settle();
  expect(ids()).toBe('111121');
});

test('a flood of SYNs leaves nothing behind', () => {
  const world = new World();
  for (let from = 1_024; from < 5_024; from++) world.take(tcp(V4, { from, to: 80 }));
  expect(world.clock.pending).toBe(0);
  expect(new Guest(world).say(GET).world.asked).toHaveLength(1);
});

test('a port has so many connections and no more, each for so long and no longer', () => {
  const world = new World();
  const guests = Array.from({ length: CONNECTIONS.ofPort }, (_, n) => {
    return new Guest(world, { from: 41_000 + n }).say('G');
  });
  const oneMore = new Guest(world).say('G');
  expect(oneMore.isOver).toBe(true);
  expect(new Guest(world, { portId: 'b' }).say('G').isOver).toBe(false);
  world.clock.advance(LIFE_MS);
  for (const guest of guests) expect(guest.goOn().isOver).toBe(true);
  expect(new Guest(world).say('G').isOver).toBe(false);
  world.server.stop();
  expect(world.clock.pending).toBe(0);
});

test('of answers that are not taken a port is owed so many bytes, and the next ones are short', async () => {
  const world = new World();
  const statuses: (string | undefined)[] = [];
  for (let n = 0; n < 10; n++) {
    const guest = new Guest(world, { from: 41_000 + n }).say(GET);
    world.asked[n]?.answer('x'.repeat(1024 * 1024 - 1_000));
    await world.settle();
    // Nothing is acknowledged: it is only looked at.
    const frames = world.sent.map(({ frame }) => readTcpFrame(frame));
    const own = frames.filter(({ ends }) => ends.destinationPort === 41_000 + n);
    const text = Buffer.concat(own.map(({ segment }) => segment.payload)).toString();
    statuses.push(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
    expect(guest.isOver).toBe(false);
  }
  expect(statuses).toEqual([...Array(8).fill('200'), '503', '503']);
});

test('an answer goes to where the port is, and to nobody when it has gone', async () => {
  const world = new World();
  new Guest(world).say(GET);
  const key = 'binding/a' as const;
  const puts = [{ key, value: binding('a', 'other', 9) }];
  world.topology.apply({ revision: 2, at: '', puts, deletes: [] });
  world.asked[0]?.answer('moved');
  await world.settle();
  expect(world.sent.at(-1)?.to).toBe('other 9');
  const before = world.sent.length;
  world.topology.apply({ revision: 3, at: '', puts: [], deletes: [key] });
  world.clock.advance(LIFE_MS);
  expect(world.sent).toHaveLength(before);
  expect(world.clock.pending).toBe(0);
});

test('who has the address is answered, also where it is asked once more by unicast', () => {
  const world = new World();
  const to = { ...V6, destination: '33:33:ff:fe:a9:fe', destinationIp: 'ff02::1:fffe:a9fe' };
  for (const ends of [to, V6]) {
    const solicitation = neighbourSolicitation(ends, 'fe80::a9fe:a9fe', MACS.source);
    const [answer] = world.take(solicitation);
    expect(Buffer.from(answer ?? '').toString('hex')).toMatch(
      /^02000000000a02484400000186dd.{12}3aff(fe80)0{20}a9fea9fe.{32}8800.{4}60000000fe800{20}a9fea9fe0201024844000001$/,
    );
  }
  expect(world.take(neighbourSolicitation(V6, 'fe80::1', MACS.source))).toBe('no question');
  const reset = tcp(V4, { from: 1, to: 80 }, { flags: TCP_FLAG.rst });
  expect(world.take(reset)).toBe('reset by the guest');
  expect(world.take(Buffer.alloc(20))).toBe('malformed');
});
