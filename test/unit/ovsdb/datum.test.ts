/**
 * Goal: values of every column type survive the wire, in the exact notation of RFC 7047 5.1, and a
 * difference applied to the old value gives the new one.
 * Method: examples of the notation, then properties over random types and values.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Atom, AtomType } from '../../../src/ovsdb/datum/atom.ts';
import {
  applyDifference,
  type Datum,
  datumKind,
  decodeDatum,
  encodeDatum,
  equalDatums,
  initialDatum,
} from '../../../src/ovsdb/datum/index.ts';
import { namedUuid } from '../../../src/ovsdb/datum/named-uuid.ts';
import type { ColumnType } from '../../../src/ovsdb/schema.ts';
import { difference } from '../../support/ovsdb-difference.ts';

const UUID = '550e8400-e29b-41d4-a716-446655440000';

const scalar = (type: AtomType): ColumnType => ({ key: { type }, min: 1, max: 1 });
const optional = (type: AtomType): ColumnType => ({ key: { type }, min: 0, max: 1 });
const set = (type: AtomType, min = 0): ColumnType => ({ key: { type }, min, max: Infinity });
const map = (key: AtomType, value: AtomType): ColumnType => ({
  key: { type: key },
  value: { type: value },
  min: 0,
  max: Infinity,
});

describe('a value', () => {
  test.each<[string, ColumnType, Datum, unknown]>([
    ['a string', scalar('string'), 'x', 'x'],
    ['an integer', scalar('integer'), -5, -5],
    ['a real', scalar('real'), 0.5, 0.5],
    ['a boolean', scalar('boolean'), false, false],
    ['a UUID', scalar('uuid'), UUID, ['uuid', UUID]],
    ['no optional', optional('string'), undefined, ['set', []]],
    ['an optional', optional('string'), 'secure', 'secure'],
    ['an empty set', set('integer'), [], ['set', []]],
    ['a set of one, which is sent bare', set('integer'), [5], 5],
    ['a set of one UUID, which is sent bare', set('uuid'), [UUID], ['uuid', UUID]],
    ['a set', set('string'), ['a', 'b'], ['set', ['a', 'b']]],
    ['an empty map', map('string', 'string'), new Map(), ['map', []]],
    ['a map', map('integer', 'uuid'), new Map([[1, UUID]]), ['map', [[1, ['uuid', UUID]]]]],
  ])('%s has one notation', (_name, type, value, json) => {
    expect(encodeDatum(type, value)).toEqual(json);
    expect(decodeDatum(type, json)).toEqual(value);
  });

  test('a set of one is also read in the notation of sets', () => {
    expect(decodeDatum(set('integer'), ['set', [5]])).toEqual([5]);
    expect(decodeDatum(optional('string'), ['set', ['x']])).toBe('x');
  });

  test('sets and maps are read sorted, so that equal values look equal', () => {
    expect(decodeDatum(set('integer'), ['set', [10, 9, 1]])).toEqual([1, 9, 10]);
    const pairs = ['map', [['b', '1'], ['a', '2']]]; // biome-ignore format: pairs
    expect([...(decodeDatum(map('string', 'string'), pairs) as Map<Atom, Atom>).keys()]).toEqual([
      'a',
      'b',
    ]);
  });

  test('a row of the same transaction is referred to by its name', () => {
    expect(encodeDatum(set('uuid'), [namedUuid('a'), UUID])).toEqual([
      'set',
      [
        ['named-uuid', 'a'],
        ['uuid', UUID],
      ],
    ]);
    expect(() => namedUuid('not-an-id')).toThrow('cannot name a row');
  });

  test.each<[ColumnType, unknown]>([
    [scalar('integer'), '1'],
    [scalar('integer'), 1.5],
    [scalar('integer'), undefined],
    [scalar('integer'), ['set', [1]]],
    [scalar('real'), null],
    [scalar('boolean'), 0],
    [scalar('string'), ['uuid', UUID]],
    [scalar('uuid'), UUID],
    [scalar('uuid'), ['uuid', UUID.toUpperCase()]],
    [scalar('uuid'), ['uuid', UUID, 1]],
    [scalar('uuid'), ['named-uuid', 'a']],
    [optional('string'), ['set', ['a', 'b']]],
    [set('integer'), ['set', 1]],
    [set('integer'), ['set', [1], 2]],
    [set('integer'), ['set', [1, 1]]],
    [set('integer'), ['set', [1, '2']]],
    [set('integer'), ['map', []]],
    [map('string', 'string'), ['set', []]],
    [map('string', 'string'), 'a'],
    [map('string', 'string'), ['map', [['a']]]],
    [map('string', 'string'), ['map', [['a', 1]]]],
    [map('string', 'string'), ['map', [['a', 'b'], ['a', 'c']]]], // biome-ignore format: pairs
  ])('of type %j is not read from %j', (type, json) => {
    expect(() => decodeDatum(type, json)).toThrow('expected');
  });

  test.each<[ColumnType, Datum]>([
    [scalar('integer'), 'x'],
    [scalar('integer'), 2 ** 53],
    [scalar('string'), 5],
    [scalar('uuid'), 'br-int'],
    [set('string'), new Map([['a', 'b']])],
  ])('of type %j is not written from %j: that is a mistake of ours', (type, value) => {
    expect(() => encodeDatum(type, value)).toThrow(/./);
  });

  test('that was never written is what RFC 7047 5.2.1 says', () => {
    expect(initialDatum(scalar('string'))).toBe('');
    expect(initialDatum(scalar('uuid'))).toBe('00000000-0000-0000-0000-000000000000');
    expect(initialDatum(optional('integer'))).toBeUndefined();
    expect(initialDatum(set('integer'))).toEqual([]);
    expect(initialDatum(set('boolean', 1))).toEqual([false]);
    expect(initialDatum(map('string', 'string'))).toEqual(new Map());
  });
});

const ATOMS: Readonly<Record<AtomType, fc.Arbitrary<Atom>>> = {
  integer: fc.maxSafeInteger(),
  real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((real) => real + 0),
  boolean: fc.boolean(),
  string: fc.string(),
  uuid: fc.uuid(),
};
const ATOM_TYPE = fc.constantFrom<AtomType>('integer', 'real', 'boolean', 'string', 'uuid');
const COLUMN_TYPE: fc.Arbitrary<ColumnType> = fc.oneof(
  ATOM_TYPE.map(scalar),
  ATOM_TYPE.map(optional),
  ATOM_TYPE.map((type) => set(type)),
  fc.tuple(ATOM_TYPE, ATOM_TYPE).map(([key, value]) => map(key, value)),
);

function datums(type: ColumnType): fc.Arbitrary<Datum> {
  const atom = ATOMS[type.key.type];
  switch (datumKind(type)) {
    case 'scalar':
      return atom;
    case 'optional':
      return fc.option(atom, { nil: undefined });
    case 'set':
      return fc.uniqueArray(atom, { maxLength: 8, comparator: 'SameValueZero' });
    case 'map':
      return fc
        .array(fc.tuple(atom, ATOMS[type.value?.type ?? 'string']), { maxLength: 8 })
        .map((pairs) => new Map(pairs));
  }
}

const TYPED_PAIR = COLUMN_TYPE.chain((type) =>
  fc.tuple(fc.constant(type), datums(type), datums(type)),
);

describe('for any column type and values', () => {
  const overTheWire = (type: ColumnType, value: Datum): Datum =>
    decodeDatum(type, JSON.parse(JSON.stringify(encodeDatum(type, value))));

  test('what is read is what was written', () => {
    fc.assert(
      fc.property(TYPED_PAIR, ([type, value]) => {
        const read = overTheWire(type, value);
        expect(equalDatums(read, overTheWire(type, read))).toBe(true);
        expect(read instanceof Map ? read.size : [read].flat().length).toBe(
          value instanceof Map ? value.size : [value].flat().length,
        );
      }),
    );
  });

  test('the difference of two values, applied to the first, gives the second', () => {
    fc.assert(
      fc.property(TYPED_PAIR, ([type, a, b]) => {
        const [before, after] = [overTheWire(type, a), overTheWire(type, b)];
        const sent = overTheWire(type, difference(type, before, after));
        expect(equalDatums(applyDifference(type, before, sent), after)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('two values are equal only when they are written alike', () => {
    fc.assert(
      fc.property(TYPED_PAIR, ([type, a, b]) => {
        const [x, y] = [overTheWire(type, a), overTheWire(type, b)];
        const alike = JSON.stringify(encodeDatum(type, x)) === JSON.stringify(encodeDatum(type, y));
        expect(equalDatums(x, y)).toBe(alike);
      }),
    );
  });
});
