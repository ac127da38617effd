/**
 * Goal: no two names mean the same bits, and no name means bits that are not there.
 * Method: every declared field and table against every other; constructors with wrong ranges.
 */
import { describe, expect, test } from 'vitest';
import {
  COOKIE_KINDS,
  PRIORITY,
  REG_FIELDS,
  REG_MARKS,
  RegField,
  RegMark,
  TABLES,
  Table,
} from '../../../src/pipeline/index.ts';

describe('registers', () => {
  test('no two fields share a bit', () => {
    const bits = REG_FIELDS.flatMap(({ register, from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => `${register}[${from + index}]`),
    );
    expect(new Set(bits).size).toBe(bits.length);
  });

  test('names of fields and marks are unique', () => {
    const names = [...REG_FIELDS, ...REG_MARKS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each([
    [16, 0, 3],
    [-1, 0, 3],
    [0, 4, 3],
    [0, 30, 32],
    [0.5, 0, 3],
  ])('reg%d[%d..%d] is refused', (register, from, to) => {
    expect(() => new RegField('Wrong', [register, from, to], '')).toThrow('Wrong');
  });

  test('a mark does not fit a field that is too narrow', () => {
    const field = new RegField('Narrow', [2, 4, 5], '');
    expect(() => new RegMark('Wide', field, { value: 4, purpose: '' })).toThrow('4 fits Narrow');
    expect(field.place(3)).toBe(0x30);
    expect(field.mask).toBe(0x30);
  });

  test('a field of all 32 bits has a mask of all ones', () => {
    expect(new RegField('Whole', [2, 0, 31], '').mask).toBe(0xffff_ffff);
  });
});

describe('tables', () => {
  test('numbers and names are unique, and the list is in the order of a packet', () => {
    const ids = TABLES.map((table) => table.id);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
    expect(new Set(TABLES.map((table) => table.name)).size).toBe(TABLES.length);
  });

  test('every table that another leads to is in the list', () => {
    for (const table of TABLES) for (const next of table.next) expect(TABLES).toContain(next);
  });

  test('a table that leads backwards is refused, and so is a flow to a table it does not lead to', () => {
    const row = { purpose: '', miss: 'drop', next: [] } as const;
    const late = new Table({ ...row, id: 20, name: 'Late' });
    expect(() => new Table({ ...row, id: 30, name: 'Later', next: [late] })).toThrow('forward');
    const early = new Table({ ...row, id: 10, name: 'Early' });
    expect(() => early.flow(PRIORITY.normal).goto(late)).toThrow('Early does not lead to');
    expect(() => new Table({ ...row, id: 254, name: 'Hidden' })).toThrow('may use');
  });
});

test('kinds of cookies are unique, and none makes a cookie of zeros or ones', () => {
  const kinds = Object.values(COOKIE_KINDS);
  expect(new Set(kinds).size).toBe(kinds.length);
  for (const kind of kinds) expect(kind > 0 && kind < 255).toBe(true);
});
