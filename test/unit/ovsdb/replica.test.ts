/**
 * Goal: a replica holds what the server holds, tells exactly what changed, and lets go of nothing
 * half-way when an update does not fit.
 * Method: updates in all three notations by hand, and random databases sent as differences.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Datum } from '../../../src/ovsdb/datum/index.ts';
import { encodeDatum, equalDatums, initialDatum } from '../../../src/ovsdb/datum/index.ts';
import { OPEN_VSWITCH } from '../../../src/ovsdb/index.ts';
import { decodeTableUpdates } from '../../../src/ovsdb/methods/update.ts';
import { decodeTableUpdates2 } from '../../../src/ovsdb/methods/update2.ts';
import { Replica } from '../../../src/ovsdb/replica.ts';
import { columnOf, tableOf } from '../../../src/ovsdb/row.ts';
import { difference } from '../../support/ovsdb-difference.ts';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const C = '00000000-0000-4000-8000-00000000000c';
const TXN = '00000000-0000-4000-8000-000000000001';
const COLUMNS = ['name', 'fail_mode', 'flood_vlans', 'external_ids'];

type Rows = { readonly Bridge: Readonly<Record<string, Datum>> };

let replica: Replica<Rows>;
let told: unknown[];

function newReplica(bytesMax = 1e6): Replica<Rows> {
  const columns = new Map([['Bridge', COLUMNS]]);
  return new Replica<Rows>({ schema: OPEN_VSWITCH.schema, columns, bytesMax });
}

function begin(json: unknown, continued = false): void {
  const updates = decodeTableUpdates2(replica.tables, json);
  replica.begin({ updates, continued, transactionId: TXN });
}

function update2(json: unknown): void {
  replica.apply(decodeTableUpdates2(replica.tables, json), undefined);
}

beforeEach(() => {
  replica = newReplica();
  told = [];
  begin({ Bridge: { [A]: { initial: { name: 'a', flood_vlans: ['set', [1, 2]] } } } });
  replica.onUpdate((changes) => told.push(changes));
});

const ROW_A = {
  _uuid: A,
  name: 'a',
  fail_mode: undefined,
  flood_vlans: [1, 2],
  external_ids: new Map(),
};

describe('a replica fed by update2', () => {
  test('begins with the rows there are; columns left out have their default', () => {
    expect(replica.rows('Bridge')).toEqual(new Map([[A, ROW_A]]));
    expect(replica.lastTransactionId).toBe(TXN);
  });

  test('applies differences of sets and maps, and new values of the rest', () => {
    const differences = {
      fail_mode: 'secure',
      flood_vlans: ['set', [2, 3]],
      external_ids: ['map', [['k', 'v']]],
    };
    update2({ Bridge: { [A]: { modify: differences } } });
    update2({ Bridge: { [A]: { modify: { external_ids: ['map', [['k', 'w']]] } } } });
    update2({ Bridge: { [A]: { modify: { fail_mode: ['set', []] } } } });
    expect(replica.rows('Bridge').get(A)).toEqual({
      ...ROW_A,
      flood_vlans: [1, 3],
      external_ids: new Map([['k', 'w']]),
    });
    expect(told).toHaveLength(3);
  });

  test('tells the row before and after, in one call an update', () => {
    update2({ Bridge: { [A]: { modify: { name: 'x' } }, [B]: { insert: { name: 'b' } } } });
    update2({ Bridge: { [B]: { delete: null } } });
    const rowB = { ...ROW_A, _uuid: B, name: 'b', flood_vlans: [] };
    expect(told).toEqual([
      [
        { table: 'Bridge', uuid: A, before: ROW_A, after: { ...ROW_A, name: 'x' } },
        { table: 'Bridge', uuid: B, after: rowB },
      ],
      [{ table: 'Bridge', uuid: B, before: rowB }],
    ]);
  });

  test('stops telling who has left', () => {
    const other: unknown[] = [];
    const leave = replica.onUpdate((changes) => other.push(changes));
    leave();
    update2({ Bridge: { [A]: { delete: null } } });
    expect([other, told.length]).toEqual([[], 1]);
  });

  test.each([
    ['a change of a row that is not there', { [A]: { delete: null }, [B]: { modify: {} } }],
    ['the end of a row that is not there', { [A]: { delete: null }, [B]: { delete: null } }],
    ['a row that is there already', { [B]: { insert: {} }, [A]: { insert: {} } }],
    ['no kind of change', { [A]: { delete: null }, [B]: {} }],
    ['a wrong value', { [A]: { modify: { name: 5 } } }],
    ['a key that is no UUID', { x: { delete: null } }],
    ['a row that is no object', { [A]: 5 }],
  ])('refuses %s, and changes nothing', (_what, rows) => {
    expect(() => update2({ Bridge: rows })).toThrow('expected');
    expect(replica.rows('Bridge')).toEqual(new Map([[A, ROW_A]]));
    expect(told).toEqual([]);
  });

  test.each(['Port', '__proto__', 'constructor'])('refuses a table named %s', (table) => {
    expect(() => update2(JSON.parse(`{"${table}":{}}`))).toThrow('a monitored table');
  });
});

describe('a replica fed by update', () => {
  const row = (name: string) => ({
    name,
    fail_mode: ['set', []],
    flood_vlans: 7,
    external_ids: ['map', []],
  });
  const update = (json: unknown) =>
    replica.apply(decodeTableUpdates(replica.tables, json), undefined);

  test('takes the new row whole', () => {
    update({ Bridge: { [A]: { old: { name: 'a' }, new: row('x') }, [B]: { new: row('b') } } });
    expect(replica.rows('Bridge').get(A)).toEqual({ ...ROW_A, name: 'x', flood_vlans: [7] });
    expect(replica.rows('Bridge').get(B)?.['name']).toBe('b');
    update({ Bridge: { [A]: { old: row('x') } } });
    expect([...replica.rows('Bridge').keys()]).toEqual([B]);
  });

  test('refuses a row that lacks a column, and an update without a row', () => {
    expect(() => update({ Bridge: { [B]: { new: { name: 'b' } } } })).toThrow('expected');
    expect(() => update({ Bridge: { [B]: {} } })).toThrow('old or new');
  });
});

describe('a replica that goes on after an interruption', () => {
  test('takes only what changed, where the server still knows', () => {
    begin({ Bridge: { [B]: { insert: { name: 'b' } } } }, true);
    expect([...replica.rows('Bridge').keys()]).toEqual([A, B]);
    expect(told).toHaveLength(1);
  });

  test('is told everything otherwise, and tells what really changed', () => {
    begin({ Bridge: { [A]: { initial: { name: 'a', flood_vlans: ['set', [2, 1]] } } } });
    expect(told).toEqual([]);
    begin({ Bridge: { [B]: { initial: { name: 'b' } }, [C]: { initial: { name: 'c' } } } });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject([
      { uuid: A, before: ROW_A },
      { uuid: B, after: { name: 'b' } },
      { uuid: C, after: { name: 'c' } },
    ]);
  });

  test('keeps the same map of rows', () => {
    const rows = replica.rows('Bridge');
    begin({ Bridge: { [B]: { initial: {} } } });
    expect([...rows.keys()]).toEqual([B]);
  });
});

test('a replica refuses more than it may hold, and has room again when rows go', () => {
  replica = newReplica(2000);
  begin({});
  const insert = (uuid: string) => ({ Bridge: { [uuid]: { insert: { name: 'x'.repeat(1000) } } } });
  update2(insert(A));
  expect(() => update2(insert(B))).toThrow('at most 2000 bytes');
  for (let round = 0; round < 10; round++) {
    update2({ Bridge: { [A]: { delete: null } } });
    update2(insert(A));
  }
  expect(replica.rows('Bridge').size).toBe(1);
});

describe('for any two states of a database', () => {
  const table = tableOf(OPEN_VSWITCH.schema, 'Bridge');
  const row = fc.record({
    name: fc.string(),
    fail_mode: fc.option(fc.constantFrom('secure', 'standalone'), { nil: undefined }),
    flood_vlans: fc
      .uniqueArray(fc.integer({ min: 0, max: 9 }))
      .map((vlans) => vlans.sort((a, b) => a - b)),
    external_ids: fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.string()))
      .map((pairs) => new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))),
  });
  const state = fc.dictionary(fc.constantFrom(A, B, C), row);

  /** What a server would send for the way from one state to the other. */
  function updates(before: State, after: State): unknown {
    const changes = [A, B, C].flatMap((uuid): [string, unknown][] => {
      const [old, current] = [before[uuid], after[uuid]];
      if (old === undefined && current === undefined) return [];
      if (current === undefined) return [[uuid, { delete: null }]];
      if (old === undefined) return [[uuid, { insert: columns(current, initialOf) }]];
      const differing = columns(current, (name) => old[name]);
      const encoded = Object.keys(differing).map((name) => {
        const { type } = columnOf(table, name);
        return [name, encodeDatum(type, difference(type, old[name], current[name]))];
      });
      return encoded.length === 0 ? [] : [[uuid, { modify: Object.fromEntries(encoded) }]];
    });
    return { Bridge: Object.fromEntries(changes) };
  }

  type State = Readonly<Record<string, Readonly<Record<string, Datum>>>>;
  const initialOf = (name: string): Datum => initialDatum(columnOf(table, name).type);

  /** The columns that are not as `other` has them, encoded. */
  function columns(row: Readonly<Record<string, Datum>>, other: (name: string) => Datum): object {
    const differing = COLUMNS.filter((name) => !equalDatums(row[name], other(name)));
    return Object.fromEntries(
      differing.map((name) => [name, encodeDatum(columnOf(table, name).type, row[name])]),
    );
  }

  test('the replica of the first becomes the second by its updates', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 2, maxLength: 6 }), (states) => {
        replica = newReplica();
        begin({});
        let before: State = {};
        for (const after of states) {
          update2(JSON.parse(JSON.stringify(updates(before, after))));
          before = after;
          const rows = Object.entries(after).map(([uuid, row]) => [uuid, { _uuid: uuid, ...row }]);
          expect(Object.fromEntries(replica.rows('Bridge'))).toEqual(Object.fromEntries(rows));
        }
      }),
    );
  });
});
