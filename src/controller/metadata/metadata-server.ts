/**
 * The metadata service, as guests see it: connections that come as packets of the asking port, one
 * HTTP request on each, and the cloud's answer.
 *
 *     TCP ─▶ HTTP request ─▶ whose port? ─▶ turn ─▶ source (Nova) ─▶ HTTP ─▶ TCP
 *
 * A port is known by where its packets come from, and by nothing that they say. Everything that a
 * guest can make us hold is bounded, by port and in all: connections, their time, the bytes that
 * they are owed, the calls to the source.
 */
import type { ServicePacket } from '../../fleet/index.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { HttpFailure } from '../../lib/http-client.ts';
import type { KeyedHash } from '../../lib/keyed-hash.ts';
import type { Logger } from '../../lib/log.ts';
import {
  answerCaller,
  type HttpRequest,
  type HttpResponse,
  type Instance,
  instanceOf,
  mssOf,
  plainResponse,
  RequestReader,
  readMetadataPacket,
  refuse,
  responseBytes,
  TcpConnection,
  type TcpEnds,
  type TcpFrame,
  turnedWithPorts,
  writeTcpFrame,
} from '../../services/index.ts';
import type { PluggedPort, Topology } from '../../topology/index.ts';

import { Turns } from './turns.ts';

/** Where metadata comes from. Rejects with `HttpFailure` when it gives none. */
export interface MetadataSource {
  ask(instance: Instance, request: HttpRequest): Promise<HttpResponse>;
}

export interface MetadataServerOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Logger;
  /** Never waits. */
  readonly send: (hostId: string, ofport: number, frame: Buffer) => void;
  /** With a key that no guest knows. */
  readonly hash: KeyedHash;
  /** Absent: the cloud has none, and guests are told so. */
  readonly source: MetadataSource | undefined;
}

/** Connections at a time; each sends 32 KB at most that are not acknowledged. */
export const CONNECTIONS = { ofPort: 32, inAll: 512 } as const;
/** Bytes of answers that were not taken yet. */
const OWED_BYTES = { ofPort: 8 * 2 ** 20, inAll: 64 * 2 ** 20 } as const;
const CALLS = { ofPort: 4, inAll: 64 } as const;
/** Of a connection, from its first segment to its last, whatever goes on. */
export const LIFE_MS = 60_000;

const NO_SOURCE =
  'This cloud has no metadata service: whoever runs it sets HEDDLE_METADATA_URL and ' +
  'HEDDLE_METADATA_SECRET of the controllers.';
const NO_INSTANCE = 'This port belongs to no server (its device_id is empty).';
const NO_ANSWER = 'The metadata service of this cloud does not answer.';
const TOO_MUCH = 'Too many answers wait to be taken.';

interface Entry {
  readonly key: string;
  readonly portId: string;
  readonly connection: TcpConnection;
  /** From us to the guest. */
  readonly ends: TcpEnds;
  readonly endsAt: number;
  /** Absent once the request is whole, or refused. */
  reader: RequestReader | undefined;
  owedBytes: number;
  timer: Timer | undefined;
}

export class MetadataServer {
  readonly #options: MetadataServerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #ofPort = new Map<string, Set<Entry>>();
  readonly #turns = new Turns(CALLS);
  #owedBytes = 0;
  #failures = 0;

  constructor(options: MetadataServerOptions) {
    this.#options = options;
  }

  /** A packet of a port: a segment, or the question who has the address. */
  take(asker: PluggedPort, { data }: ServicePacket): readonly Buffer[] | string {
    const packet = readMetadataPacket(data);
    if (typeof packet === 'string') return packet;
    return Buffer.isBuffer(packet) ? [packet] : this.#takeSegment(asker, packet);
  }

  /** Forgets all connections; their guests are told when they ask on. */
  stop(): void {
    for (const { timer } of this.#entries.values()) timer?.cancel();
    this.#entries.clear();
    this.#ofPort.clear();
  }

  #takeSegment(
    { port, network }: PluggedPort,
    { ends, segment }: TcpFrame,
  ): readonly Buffer[] | string {
    const key = `${port.id} ${ends.source} ${ends.sourcePort}`;
    const now = this.#options.clock.now();
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.connection.receive(segment, now);
      this.#goOn(known);
      return [];
    }
    const back = turnedWithPorts(ends);
    const caller = { ends: key, mss: mssOf(ends, network.mtu), now };
    const answer = answerCaller(segment, caller, this.#options.hash);
    if (answer === undefined) return 'reset by the guest';
    if (!(answer instanceof TcpConnection)) return [writeTcpFrame({ ends: back, segment: answer })];
    if (this.#isFull(port.id)) return [writeTcpFrame({ ends: back, segment: refuse(segment) })];
    answer.receive(segment, now);
    this.#goOn(this.#open({ key, portId: port.id, connection: answer, ends: back }));
    return [];
  }

  #isFull(portId: string): boolean {
    const ofPort = this.#ofPort.get(portId)?.size ?? 0;
    return ofPort >= CONNECTIONS.ofPort || this.#entries.size >= CONNECTIONS.inAll;
  }

  #open(from: Pick<Entry, 'key' | 'portId' | 'connection' | 'ends'>): Entry {
    const entry: Entry = {
      ...from,
      endsAt: this.#options.clock.now() + LIFE_MS,
      reader: new RequestReader(),
      owedBytes: 0,
      timer: undefined,
    };
    this.#entries.set(entry.key, entry);
    const ofPort = this.#ofPort.get(entry.portId) ?? new Set();
    this.#ofPort.set(entry.portId, ofPort.add(entry));
    return entry;
  }

  #close(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#owedBytes -= entry.owedBytes;
    const ofPort = this.#ofPort.get(entry.portId);
    ofPort?.delete(entry);
    if (ofPort?.size === 0) this.#ofPort.delete(entry.portId);
  }

  /** Reads what has come, sends what is due, and sees to it that it is called again in time. */
  #goOn(entry: Entry): void {
    const { clock } = this.#options;
    const { connection, reader } = entry;
    const bytes = connection.read();
    if (reader !== undefined) this.#read(entry, reader, bytes);
    const now = clock.now();
    if (now >= entry.endsAt) connection.abort();
    for (const segment of connection.poll(now)) this.#send(entry, segment);
    entry.timer?.cancel();
    if (connection.isOver) {
      this.#close(entry);
      return;
    }
    const at = Math.min(connection.deadline ?? entry.endsAt, entry.endsAt);
    entry.timer = clock.setTimer(Math.max(0, at - now), () => this.#goOn(entry));
  }

  /** To where the port is now: it may have moved, or have gone. */
  #send({ portId, ends }: Entry, segment: TcpFrame['segment']): void {
    const binding = this.#options.topology.get('binding', portId);
    if (binding === undefined) return;
    this.#options.send(binding.host_id, binding.ofport, writeTcpFrame({ ends, segment }));
  }

  #read(entry: Entry, reader: RequestReader, bytes: Buffer): void {
    const request = reader.push(bytes);
    if (request === undefined) {
      // Nothing more comes, and nothing was asked.
      if (entry.connection.peerEnded) entry.connection.end();
      return;
    }
    entry.reader = undefined;
    if (typeof request === 'number') this.#respond(entry, plainResponse(request));
    else this.#serve(entry, request);
  }

  #serve(entry: Entry, request: HttpRequest): void {
    const { source, topology } = this.#options;
    const port = topology.get('port', entry.portId);
    const instance = port && instanceOf(port, entry.ends.destination);
    if (source === undefined) this.#respond(entry, plainResponse(404, NO_SOURCE), request);
    else if (instance === undefined) {
      this.#respond(entry, plainResponse(404, NO_INSTANCE), request);
    } else {
      const ask = () => source.ask(instance, request);
      this.#turns.wait(entry.portId, () => this.#ask(entry, request, ask));
    }
  }

  #ask(entry: Entry, request: HttpRequest, ask: () => Promise<HttpResponse>): void {
    this.#answerOf(entry, ask)
      .then((response) => {
        if (response === undefined || !this.#isWanted(entry)) return;
        this.#respond(entry, response, request);
        this.#goOn(entry);
      })
      .catch((error: unknown) => {
        this.#options.log.error('Metadata could not be asked for.', { error: String(error) });
      })
      .finally(() => this.#turns.done(entry.portId));
  }

  /** Undefined: the guest has not waited for its turn. */
  async #answerOf(
    entry: Entry,
    ask: () => Promise<HttpResponse>,
  ): Promise<HttpResponse | undefined> {
    if (!this.#isWanted(entry)) return undefined;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      this.#countFailure(error.message);
      return plainResponse(502, NO_ANSWER);
    }
  }

  /** Logs the 1st, 2nd, 4th, 8th …: guests cannot fill the log. */
  #countFailure(reason: string): void {
    this.#failures += 1;
    const count = this.#failures;
    if ((count & (count - 1)) !== 0) return;
    this.#options.log.warn('The metadata service gave no answer.', { reason, count });
  }

  #isWanted(entry: Entry): boolean {
    return this.#entries.get(entry.key) === entry;
  }

  #respond(entry: Entry, response: HttpResponse, request?: HttpRequest): void {
    const whole = responseBytes(response, request?.method);
    const bytes = this.#mayOwe(entry, whole.length)
      ? whole
      : responseBytes(plainResponse(503, TOO_MUCH), request?.method);
    entry.owedBytes = bytes.length;
    this.#owedBytes += bytes.length;
    entry.connection.write(bytes);
    entry.connection.end();
  }

  #mayOwe({ portId }: Entry, bytes: number): boolean {
    const entries = [...(this.#ofPort.get(portId) ?? [])];
    const ofPort = entries.reduce((sum, { owedBytes }) => sum + owedBytes, 0);
    return ofPort + bytes <= OWED_BYTES.ofPort && this.#owedBytes + bytes <= OWED_BYTES.inAll;
  }
}
