/**
 * Goal: what a ledger says of a rule is what its flows have counted, each packet once, whatever
 * becomes of flows, switches and controllers.
 * Method: a model of a switch whose flows count, are made, deleted and made anew; readings at
 * random, and owners that follow one another with clocks that differ.
 */
import { expect, test } from 'vitest';
import { HostLedger } from '../../../../src/controller/hits/host-ledger.ts';
import type { FlowCount } from '../../../../src/fleet/index.ts';
import type { HostCount } from '../../../../src/store/index.ts';
import type { RecordKey } from '../../../../src/topology/index.ts';
import { SeededRandom } from '../../../support/world-random.ts';

const START_MS = 1_800_000_000_000;
const RULE: RecordKey = 'security_group_rule/r';
const NAMES = ['f', 'g'];

const recordOf = (cookie: bigint): RecordKey | undefined => (cookie === 1n ? RULE : undefined);

/** A switch with its own time; flows count one packet of 100 bytes at a time. */
class ModelSwitch {
  now = 0;
  readonly flows = new Map<string, { bornMs: number; packets: number; usedMs: number }>();

  make(...names: string[]): void {
    for (const name of names) {
      this.flows.set(name, { bornMs: this.now, packets: 0, usedMs: this.now });
    }
  }

  hit(name: string, packets = 1): number {
    const flow = this.flows.get(name);
    if (flow === undefined) return 0;
    flow.packets += packets;
    flow.usedMs = this.now;
    return packets;
  }

  tell(): FlowCount[] {
    return [...this.flows].map(([name, { bornMs, packets, usedMs }]) => ({
      name,
      cookie: 1n,
      packets,
      bytes: packets * 100,
      ageMs: this.now - bornMs,
      idleMs: Math.floor((this.now - usedMs) / 1000) * 1000,
    }));
  }
}

/** A controller that owns the host for a while, with a clock of its own. */
class Owner {
  readonly ledger: HostLedger;
  readonly #startedMs: number;
  readonly #skewMs: number;
  readonly #stored: Map<RecordKey, HostCount>;

  constructor(model: ModelSwitch, stored: Map<RecordKey, HostCount>, skewMs = 0) {
    this.#startedMs = model.now;
    this.#skewMs = skewMs;
    this.#stored = stored;
    this.ledger = new HostLedger(stored, this.#wallAheadMs);
  }

  get #wallAheadMs(): number {
    return START_MS + this.#startedMs + this.#skewMs;
  }

  read(model: ModelSwitch): void {
    const nowMs = model.now - this.#startedMs;
    const at = { askedMs: nowMs - 3, toldMs: nowMs + 2, wallMs: this.#wallAheadMs + nowMs };
    this.ledger.add({ flows: model.tell(), ...at }, recordOf);
    for (const [key, count] of this.ledger.take(this.#wallAheadMs)) this.#stored.set(key, count);
  }
}

function begin() {
  const model = new ModelSwitch();
  const stored = new Map<RecordKey, HostCount>();
  return { model, stored, owner: new Owner(model, stored) };
}

test('packets are counted once, however often they are read', () => {
  const { model, stored, owner } = begin();
  model.make('f');
  model.hit('f', 5);
  for (let reading = 0; reading < 3; reading++) owner.read(model);
  model.now += 10_000;
  model.hit('f', 2);
  model.now += 4_500;
  owner.read(model);
  expect(stored.get(RULE)).toMatchObject({ packets: 7, bytes: 700, lastMs: START_MS + 10_500 });
});

test('all blocks of a range are the rule’s', () => {
  const { model, stored, owner } = begin();
  model.make(...NAMES);
  for (const name of NAMES) model.hit(name, 3);
  owner.read(model);
  expect(stored.get(RULE)?.packets).toBe(6);
});

test('a flow that was made anew counts as a whole, with more packets than before too', () => {
  for (const later of [3, 5, 9]) {
    const { model, stored, owner } = begin();
    model.make('f');
    model.hit('f', 5);
    owner.read(model);
    model.now += 5_000;
    model.make('f');
    model.hit('f', later);
    owner.read(model);
    expect(stored.get(RULE)?.packets, `${later} packets later`).toBe(5 + later);
  }
});

test('the next owner goes on where the last one was, though its clock differs', () => {
  for (const skewMs of [-20_000, 0, 20_000]) {
    const { model, stored, owner } = begin();
    model.make('f');
    model.hit('f', 5);
    owner.read(model);
    model.now += 60_000;
    model.hit('f', 4);
    const next = new Owner(model, stored, skewMs);
    next.read(model);
    model.now += 10_000;
    next.read(model);
    expect(stored.get(RULE)?.packets, `skew of ${skewMs} ms`).toBe(9);
  }
});

test('the next owner tells a switch that began anew from one that went on', () => {
  const { model, stored, owner } = begin();
  model.make('f');
  model.hit('f', 5);
  owner.read(model);
  model.now += 60_000;
  model.make('f');
  model.hit('f', 8);
  new Owner(model, stored).read(model);
  expect(stored.get(RULE)?.packets).toBe(13);
});

test('a rule that rests for months is not counted anew when the clocks have drifted apart', () => {
  const { model, stored, owner } = begin();
  model.make('f');
  model.hit('f', 5);
  owner.read(model);
  model.now += 90 * 86_400_000;
  new Owner(model, stored, 300_000).read(model);
  expect(stored.get(RULE)?.packets).toBe(5);
});

test('a reading that shows nothing new leaves nothing to report', () => {
  const { model, owner } = begin();
  model.make(...NAMES);
  owner.read(model);
  expect(owner.ledger.take(0).size).toBe(0);
});

test('what did not arrive is reported again, with what came meanwhile', () => {
  const { model, owner } = begin();
  const read = (): void => {
    const at = { askedMs: 0, toldMs: 0, wallMs: START_MS };
    owner.ledger.add({ flows: model.tell(), ...at }, recordOf);
  };
  model.make('f');
  model.hit('f', 5);
  read();
  const lost = owner.ledger.take(0);
  model.hit('f', 1);
  read();
  owner.ledger.putBack(lost);
  expect(owner.ledger.take(0).get(RULE)?.packets).toBe(6);
});

test('a rule that is forgotten leaves nothing, and flows of nobody count for nobody', () => {
  const { model, owner } = begin();
  model.make('f');
  model.hit('f', 5);
  const at = { askedMs: 0, toldMs: 0, wallMs: START_MS };
  const foreign = model.tell().map((flow) => ({ ...flow, cookie: 9n }));
  owner.ledger.add({ flows: [...model.tell(), ...foreign], ...at }, recordOf);
  owner.ledger.forget([RULE]);
  expect(owner.ledger.take(0).size).toBe(0);
  expect([...owner.ledger.keys]).toEqual([]);
});

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'nothing is lost and nothing is double, whatever happens in whatever order (seed %i)',
  (seed) => {
    const random = new SeededRandom(seed);
    const { model, stored, owner: first } = begin();
    let owner = first;
    let sent = 0;
    for (let step = 0; step < 200; step++) {
      model.now += 1_500 + random.integer(20_000);
      const name = random.pick(NAMES);
      const event = random.integer(10);
      if (event < 5) sent += model.hit(name, 1 + random.integer(4));
      else if (event < 7) owner.read(model);
      else if (event === 7) owner = new Owner(model, stored, random.integer(8_000) - 4_000);
      else {
        // Flows that leave are read first; a switch that loses them by itself loses its count.
        owner.read(model);
        // Younger ones are not told apart by two controllers whose clocks may differ.
        model.now += 40_000;
        if (random.chance(0.5)) model.flows.delete(name);
        else model.make(name);
      }
    }
    owner.read(model);
    expect(stored.get(RULE)?.packets ?? 0).toBe(sent);
  },
);
