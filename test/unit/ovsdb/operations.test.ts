/**
 * Goal: operations go out in the notation of RFC 7047 5.2 and their results are read back typed.
 * Method: the vectors of test/vectors/ovsdb/operations.txt; results as ovsdb-server gives them.
 */
import { describe, expect, test } from 'vitest';
import { comment, vswitch } from '../../../src/ovsdb/index.ts';
import { BUILT, operationVectors } from '../../support/ovsdb-operations.ts';

const UUID = '550e8400-e29b-41d4-a716-446655440000';

describe('an operation', () => {
  test.each([...operationVectors()])('is written as in its vector: %s', (name, wire) => {
    expect(BUILT[name]?.wire).toEqual(wire);
  });

  test('has a vector, whichever we can make', () => {
    expect(Object.keys(BUILT)).toEqual([...operationVectors().keys()]);
  });

  test('reads the UUID of what was inserted', () => {
    const insert = vswitch.insert('QoS', { type: 'x' });
    expect(insert.decode({ uuid: ['uuid', UUID] })).toBe(UUID);
    expect(() => insert.decode({ uuid: UUID })).toThrow('<uuid>');
  });

  test('reads rows by the types of their columns, and only the columns asked for', () => {
    const select = vswitch.select('Bridge', [], ['fail_mode', 'ports', 'external_ids']);
    const row = {
      fail_mode: ['set', []],
      ports: ['uuid', UUID],
      external_ids: ['map', [['a', 'b']]],
      name: 'br',
    };
    expect(select.decode({ rows: [row] })).toEqual([
      { fail_mode: undefined, ports: [UUID], external_ids: new Map([['a', 'b']]) },
    ]);
    expect(() => select.decode({ rows: [{ ...row, ports: 1 }] })).toThrow('<uuid>');
    expect(() => select.decode({ rows: {} })).toThrow('the rows of a select');
  });

  test('reads how many rows it changed', () => {
    const update = vswitch.update('Bridge', [], { name: 'x' });
    expect(update.decode({ count: 3 })).toBe(3);
    expect(() => update.decode({ count: '3' })).toThrow('the count');
  });

  test('without a result of its own reads nothing from it', () => {
    expect(comment('x').decode({})).toBeUndefined();
  });

  test('on a table or column that does not exist is a mistake of ours', () => {
    expect(() => vswitch.insert('Bridge', { nam: 'x' } as object)).toThrow('column nam of table');
    expect(() => vswitch.insert('Bridge', { _uuid: UUID } as object)).toThrow('cannot be written');
    expect(() => vswitch.delete('Nothing' as 'Bridge', [])).toThrow('table Nothing');
    expect(() => vswitch.insert('QoS', {}, { uuidName: 'a-b' })).toThrow('cannot name a row');
  });
});
