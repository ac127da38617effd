/**
 * Goal: no input, however broken, does worse to us than a DecodeError, and none takes long.
 * Method: a million messages, real ones mutated in their bytes or in their structure, through
 * stream, envelope, notification and replica; and a million results, mutated in their structure,
 * through the decoder of the method that they answer. The seed is printed; set HEDDLE_FUZZ_SEED to
 * repeat.
 */
import { expect, onTestFinished, test } from 'vitest';
import { DecodeError } from '../../../src/ovsdb/decode-error.ts';
import { OPEN_VSWITCH, vswitch } from '../../../src/ovsdb/index.ts';
import { getSchema } from '../../../src/ovsdb/methods/get-schema.ts';
import { decodeNotification } from '../../../src/ovsdb/methods/index.ts';
import { listDbs } from '../../../src/ovsdb/methods/list-dbs.ts';
import { lock } from '../../../src/ovsdb/methods/lock.ts';
import { monitor } from '../../../src/ovsdb/methods/monitor.ts';
import { monitorCond } from '../../../src/ovsdb/methods/monitor-cond.ts';
import { monitorCondSince } from '../../../src/ovsdb/methods/monitor-cond-since.ts';
import { transact } from '../../../src/ovsdb/methods/transact.ts';
import { Replica } from '../../../src/ovsdb/replica.ts';
import { decodeEnvelope } from '../../../src/ovsdb/wire/envelope.ts';
import { JsonStream } from '../../../src/ovsdb/wire/json-stream.ts';

const INPUTS = 1_000_000;
const SEED = Number(process.env['HEDDLE_FUZZ_SEED'] ?? Date.now() % 2 ** 32);
const UUID = '00000000-0000-4000-8000-00000000000a';
const OTHER = '00000000-0000-4000-8000-00000000000b';

const ROW = {
  name: 'a',
  ports: ['uuid', OTHER],
  flood_vlans: ['set', [1, 2]],
  external_ids: ['map', [['k', 'v']]],
};
const MESSAGES: readonly object[] = [
  { id: null, method: 'update', params: [1, { Bridge: { [OTHER]: { new: ROW } } }] },
  { id: null, method: 'update', params: [1, { Bridge: { [UUID]: { old: ROW, new: ROW } } }] },
  { id: null, method: 'update2', params: [1, { Bridge: { [UUID]: { modify: ROW } } }] },
  { id: null, method: 'update3', params: [1, UUID, { Bridge: { [UUID]: { delete: null } } }] },
  { id: null, method: 'update3', params: [1, UUID, { Bridge: { [OTHER]: { insert: ROW } } }] },
  { id: null, method: 'locked', params: ['l'] },
  { id: 'echo', method: 'echo', params: [] },
  { id: 4, result: [{ uuid: ['uuid', UUID] }, { error: 'x', details: 'y' }], error: null },
  { id: 4, result: null, error: { error: 'timed out' } },
];
const TEXTS = MESSAGES.map((message) => Buffer.from(JSON.stringify(message)));
const STRANGE: readonly unknown[] = [
  null, true, 0, -1, 1e300, 1.5, '', '__proto__', 'constructor', UUID, [], {}, ['set', []],
  ['map', []], ['uuid', 'x'], ['set', ['set', []]], [[[[]]]], { __proto__: 1 }, '\u0000', 'é𝄞',
]; // biome-ignore format: a list

/** A small generator of the xorshift kind: fast-check would take minutes for a million. */
function generator(seed: number): (exclusiveMax: number) => number {
  let state = seed | 1;
  return (exclusiveMax) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % exclusiveMax;
  };
}

type Pick = ReturnType<typeof generator>;

function mutateBytes(pick: Pick): Buffer {
  const bytes = Buffer.from(TEXTS[pick(TEXTS.length)] ?? '');
  for (let times = pick(4); times >= 0; times--) {
    const at = pick(bytes.length);
    const kind = pick(3);
    if (kind === 0) bytes[at] = pick(256);
    else if (kind === 1) bytes[at] = '{}[]",:\\'.charCodeAt(pick(8));
    else bytes.copy(bytes, at, pick(bytes.length), pick(bytes.length));
  }
  return pick(4) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes;
}

/** Replaces one value somewhere inside a copy. */
function mutateValue(value: unknown, pick: Pick): unknown {
  if (typeof value !== 'object' || value === null || pick(8) === 0) {
    return STRANGE[pick(STRANGE.length)];
  }
  if (Array.isArray(value)) {
    const at = pick(value.length + 1);
    return [...value.slice(0, at), mutateValue(value[at], pick), ...value.slice(at + pick(2))];
  }
  const names = Object.keys(value);
  const name = names[pick(names.length)] ?? 'x';
  const inner = mutateValue((value as Record<string, unknown>)[name], pick);
  return { ...value, [pick(16) === 0 ? '__proto__' : name]: inner };
}

function freshReplica(): Replica<unknown> {
  const columns = new Map([['Bridge', Object.keys(ROW)]]);
  const replica = new Replica({ schema: OPEN_VSWITCH.schema, columns, bytesMax: 10_000 });
  const table = replica.tables.get('Bridge');
  if (table === undefined) throw new Error('no table');
  const row = { _uuid: UUID, name: 'a', ports: [OTHER], flood_vlans: [1], external_ids: new Map() };
  const updates = [{ kind: 'insert', table, uuid: UUID, row }] as const;
  replica.begin({ updates, continued: false, transactionId: undefined });
  return replica;
}

function decodeAll(stream: JsonStream, replica: Replica<unknown>, bytes: Buffer): number {
  let applied = 0;
  for (const message of stream.push(bytes)) {
    const envelope = decodeEnvelope(message);
    if (envelope.kind !== 'notification') continue;
    const event = decodeNotification(envelope.call);
    if (event.kind !== 'update') continue;
    replica.apply(event.updates(replica.tables), event.transactionId);
    applied++;
  }
  return applied;
}

test(`a million mutated messages do no harm (seed ${SEED})`, { timeout: 240_000 }, () => {
  // Most inputs end in an error, and most of its cost is a stack trace that nobody reads.
  const { stackTraceLimit } = Error;
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  Error.stackTraceLimit = 0;
  const pick = generator(SEED);
  let replica = freshReplica();
  let refused = 0;
  let applied = 0;
  for (let input = 0; input < INPUTS; input++) {
    const bytes =
      input % 2 === 0
        ? mutateBytes(pick)
        : Buffer.from(JSON.stringify(mutateValue(MESSAGES[pick(MESSAGES.length)], pick)));
    const stream = new JsonStream({ messageBytesMax: 10_000, depthMax: 16 });
    try {
      applied += decodeAll(stream, replica, bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw new Error(`input ${input}: ${bytes.toString('latin1')}`, { cause: error });
      }
      refused++;
    }
    if (input % 64 === 0) replica = freshReplica();
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  // The mutations must reach every layer: far from all may be refused, and some must be applied.
  expect(refused).toBeGreaterThan(INPUTS / 4);
  expect(applied).toBeGreaterThan(INPUTS / 100);
});

/** Calls, each with results of servers that keep to the protocol. */
function answeredCalls(): { decode: (result: unknown) => unknown; results: readonly unknown[] }[] {
  const { tables } = freshReplica();
  const call = { database: 'Open_vSwitch', id: 1, tables, since: undefined };
  const initial = { Bridge: { [OTHER]: { initial: ROW } } };
  const operations = [
    vswitch.insert('Bridge', { name: 'a' }),
    vswitch.select('Bridge', [], ['name', 'ports', 'flood_vlans', 'external_ids']),
    vswitch.delete('QoS', []),
  ];
  const done = [{ uuid: ['uuid', UUID] }, { rows: [ROW] }, { count: 1 }];
  const columns = {
    a: { type: 'string' },
    b: { type: { key: { type: 'string', enum: ['set', ['x', 'y']] }, min: 0, max: 'unlimited' } },
    c: { type: { key: { type: 'uuid', refTable: 'T' }, value: 'integer', min: 0, max: 3 } },
  };
  const schema = { name: 'D', version: '1.0.0', tables: { T: { columns } } };
  return [
    { decode: listDbs().decode, results: [['Open_vSwitch', '_Server']] },
    { decode: lock('l').decode, results: [{ locked: true }] },
    { decode: getSchema('D').decode, results: [schema] },
    { decode: monitor(call).decode, results: [{ Bridge: { [OTHER]: { new: ROW } } }] },
    { decode: monitorCond(call).decode, results: [initial] },
    { decode: monitorCondSince(call).decode, results: [[false, UUID, initial]] },
    { decode: transact('D', operations).decode, results: [done, [null, { error: 'x' }, null]] },
  ];
}

test(`a million mutated results do no harm (seed ${SEED})`, { timeout: 240_000 }, () => {
  const pick = generator(SEED);
  const calls = answeredCalls().flatMap(({ decode, results }) =>
    results.map((result) => ({ decode, result, refused: 0, read: 0 })),
  );
  for (let input = 0; input < INPUTS; input++) {
    const call = calls[input % calls.length] as (typeof calls)[number];
    let mutated = call.result;
    for (let times = pick(3); times >= 0; times--) mutated = mutateValue(mutated, pick);
    try {
      call.decode(mutated);
      call.read++;
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw new Error(`input ${input}: ${JSON.stringify(mutated)}`, { cause: error });
      }
      call.refused++;
    }
  }
  for (const { refused, read } of calls) {
    expect(refused).toBeGreaterThan(INPUTS / calls.length / 100);
    expect(read).toBeGreaterThan(INPUTS / calls.length / 1000);
  }
});
