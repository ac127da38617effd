/** Goal: filters mean what Neutron's mean. Method: the compiled matcher on plain objects. */
import { describe, expect, test } from 'vitest';
import { compileFilters } from '../../../../src/controller/neutron/filters.ts';
import type { Filter } from '../../../../src/topology/index.ts';

const TABLE: Record<string, Filter> = {
  name: 'text',
  admin_state_up: 'boolean',
  mtu: 'integer',
  fixed_ips: 'fixed_ips',
};

function matches(filters: Record<string, string[]>, object: Record<string, unknown>): boolean {
  const matcher = compileFilters(TABLE, new Map(Object.entries(filters)));
  return matcher((name) => object[name]);
}

describe('filters', () => {
  test('take the values of one attribute as alternatives and need every attribute', () => {
    expect(matches({ name: ['a', 'b'] }, { name: 'b' })).toBe(true);
    expect(matches({ name: ['a', 'b'], mtu: ['9'] }, { name: 'b', mtu: 8 })).toBe(false);
    expect(matches({ name: [''] }, { name: '' })).toBe(true);
    expect(matches({}, {})).toBe(true);
  });

  test.each(['true', 'True', 'TRUE', '1', 'yes'])('read %s as a boolean', (word) => {
    expect(matches({ admin_state_up: [word] }, { admin_state_up: true })).toBe(true);
    expect(matches({ admin_state_up: [word] }, { admin_state_up: false })).toBe(false);
  });

  test.each([
    ['admin_state_up', 'maybe', 'cannot be converted to boolean'],
    ['mtu', 'big', 'is not an integer'],
    ['foo', '1', "['foo'] is invalid attribute for filtering"],
    ['__proto__', '1', "['__proto__'] is invalid attribute for filtering"],
  ])('refuse %s=%s', (name, value, message) => {
    expect(() => compileFilters(TABLE, new Map([[name, [value]]]))).toThrow(message);
  });

  test('on fixed_ips hold for one and the same address', () => {
    const port = {
      fixed_ips: [
        { subnet_id: 's1', ip_address: '10.0.0.5' },
        { subnet_id: 's2', ip_address: 'fd00::5' },
      ],
    };
    expect(matches({ fixed_ips: ['ip_address=10.0.0.5'] }, port)).toBe(true);
    expect(matches({ fixed_ips: ['ip_address=10.0.0.5', 'subnet_id=s1'] }, port)).toBe(true);
    expect(matches({ fixed_ips: ['ip_address=10.0.0.5', 'subnet_id=s2'] }, port)).toBe(false);
    expect(matches({ fixed_ips: ['ip_address=FD00::5'] }, port)).toBe(true);
    expect(matches({ fixed_ips: ['ip_address_substr=.0.5'] }, port)).toBe(true);
    expect(matches({ fixed_ips: ['ip_address=10.0.0'] }, port)).toBe(false);
  });
});
