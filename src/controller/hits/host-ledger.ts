/**
 * What one host has counted of each rule, from readings of its switch. Flows count from 0 when they
 * are made, so what is new in a reading is the difference to the last one of the same flow; a flow
 * that was made anew is known by its age, or by figures that shrank, and counts as a whole.
 *
 * A ledger outlives its controller: its memory is stored with its figures, and the next owner of
 * the host goes on from there. Pure: times are arguments.
 */
import type { FlowCount } from '../../fleet/index.ts';
import type { HostCount } from '../../store/index.ts';
import type { RecordKey } from '../../topology/index.ts';

/** What a switch told. Times are those of the reader. */
export interface Reading {
  readonly flows: readonly FlowCount[];
  /** Monotonic milliseconds: when it was asked, and when it told. */
  readonly askedMs: number;
  readonly toldMs: number;
  /** Milliseconds since 1970, when it told. */
  readonly wallMs: number;
}

interface FlowMemory {
  readonly packets: number;
  readonly bytes: number;
  /** Monotonic milliseconds: it was made then, or before. */
  readonly bornMs: number;
  /** Of the reading; undefined when another controller may have written this, by another clock. */
  readonly readMs: number | undefined;
}

interface Entry {
  packets: number;
  bytes: number;
  /** Milliseconds since 1970; 0 before the first packet. */
  lastMs: number;
  flows: Map<string, FlowMemory>;
}

/** Ages are told in milliseconds. */
const ROUNDING_MS = 2;
/** How far apart the clocks of two controllers may be. */
const SKEW_MS = 30_000;
/** How far the clocks of a switch and a controller drift apart in a millisecond. */
const DRIFT_PER_MS = 1e-4;

export class HostLedger {
  readonly #entries = new Map<RecordKey, Entry>();
  readonly #unreported = new Set<RecordKey>();

  /** @param wallAheadMs the wall clock minus the monotonic one */
  constructor(stored: ReadonlyMap<RecordKey, HostCount>, wallAheadMs: number) {
    for (const [key, { packets, bytes, lastMs, memory }] of stored) {
      const flows = parseMemory(memory, wallAheadMs);
      this.#entries.set(key, { packets, bytes, lastMs, flows });
    }
  }

  get keys(): Iterable<RecordKey> {
    return this.#entries.keys();
  }

  /** Adds what is new; flows of units that `recordOf` does not know are nobody's. */
  add(reading: Reading, recordOf: (cookie: bigint) => RecordKey | undefined): void {
    const seen = new Map<RecordKey, Map<string, FlowMemory>>();
    for (const flow of reading.flows) {
      const key = recordOf(flow.cookie);
      if (key === undefined) continue;
      const flows = seen.get(key) ?? new Map<string, FlowMemory>();
      seen.set(key, flows);
      this.#addFlow(key, flow, reading);
      const { packets, bytes } = flow;
      const bornMs = reading.toldMs - flow.ageMs;
      if (packets > 0) flows.set(flow.name, { packets, bytes, bornMs, readMs: reading.toldMs });
    }
    // Flows of a rule that the host does not have now are remembered: they may not be gone yet.
    for (const [key, flows] of seen) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.flows = flows;
    }
  }

  /** Takes what was not taken yet; `putBack` says that it did not arrive. */
  take(wallAheadMs: number): ReadonlyMap<RecordKey, HostCount> {
    const counts = new Map<RecordKey, HostCount>();
    for (const key of this.#unreported) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      const { packets, bytes, lastMs, flows } = entry;
      counts.set(key, { packets, bytes, lastMs, memory: memoryText(flows, wallAheadMs) });
    }
    this.#unreported.clear();
    return counts;
  }

  putBack(counts: ReadonlyMap<RecordKey, HostCount>): void {
    for (const key of counts.keys()) if (this.#entries.has(key)) this.#unreported.add(key);
  }

  /** Whether there was anything to forget. */
  forget(keys: Iterable<RecordKey>): boolean {
    let had = false;
    for (const key of keys) {
      if (this.#entries.delete(key)) had = true;
      this.#unreported.delete(key);
    }
    return had;
  }

  #addFlow(key: RecordKey, flow: FlowCount, { askedMs, wallMs }: Reading): void {
    const entry = this.#entries.get(key) ?? newEntry();
    const memory = entry.flows.get(flow.name);
    const isKnown = memory !== undefined && isSame(memory, flow, askedMs);
    const before = isKnown ? memory : NOTHING;
    const packets = flow.packets - before.packets;
    // One that began anew is to be remembered as that, before it has counted anything.
    if (packets === 0 && (isKnown || memory === undefined)) return;
    entry.packets += packets;
    entry.bytes += flow.bytes - before.bytes;
    if (packets > 0) entry.lastMs = Math.max(entry.lastMs, wallMs - flow.idleMs);
    this.#entries.set(key, entry);
    this.#unreported.add(key);
  }
}

function newEntry(): Entry {
  return { packets: 0, bytes: 0, lastMs: 0, flows: new Map() };
}

const NOTHING = { packets: 0, bytes: 0 };

function isSame(memory: FlowMemory, flow: FlowCount, askedMs: number): boolean {
  if (flow.packets < memory.packets || flow.bytes < memory.bytes) return false;
  const { readMs } = memory;
  // What a rule that rests is written down with may be as old as the flow.
  const slackMs =
    readMs === undefined
      ? SKEW_MS + flow.ageMs * DRIFT_PER_MS
      : ROUNDING_MS + (askedMs - readMs) * DRIFT_PER_MS;
  return askedMs - flow.ageMs <= memory.bornMs + slackMs;
}

/** `<flow>:<packets>:<bytes>:<made, in milliseconds since 1970>;…` */
function memoryText(flows: ReadonlyMap<string, FlowMemory>, wallAheadMs: number): string {
  return [...flows]
    .map(([name, { packets, bytes, bornMs }]) =>
      [name, packets, bytes, Math.round(bornMs + wallAheadMs)].join(':'),
    )
    .join(';');
}

function parseMemory(text: string, wallAheadMs: number): Map<string, FlowMemory> {
  const flows = new Map<string, FlowMemory>();
  for (const part of text === '' ? [] : text.split(';')) {
    const [name = '', packets, bytes, bornMs] = part.split(':');
    flows.set(name, {
      packets: Number(packets),
      bytes: Number(bytes),
      bornMs: Number(bornMs) - wallAheadMs,
      readMs: undefined,
    });
  }
  return flows;
}
