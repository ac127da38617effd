/** Goal: sorting, pages, links and fields as Neutron's API guide has them. Method: pure functions. */
import { describe, expect, test } from 'vitest';
import {
  cutPage,
  pageLinks,
  parseListQuery,
  project,
  sortItems,
} from '../../../src/api/listing.ts';

const ATTRIBUTES = { id: 1, name: 1, mtu: 1, gateway_ip: 1 };
const ITEMS = [
  { id: 'c', name: 'x', mtu: 9000, gateway_ip: null },
  { id: 'a', name: 'y', mtu: 1500, gateway_ip: '10.0.0.1' },
  { id: 'b', name: 'x', mtu: 1500, gateway_ip: '10.0.0.2' },
];

function ids(items: readonly { readonly [name: string]: unknown }[]): string {
  return items.map((item) => String(item['id'])).join('');
}

function page(query: Record<string, string | string[]>, marker?: (typeof ITEMS)[number]): string {
  const parsed = parseListQuery(query, ATTRIBUTES);
  return ids(cutPage(sortItems(ITEMS, parsed), parsed, marker));
}

describe('a list query', () => {
  test('keeps every parameter that is no control as a filter, with all its values', () => {
    const query = parseListQuery({ name: ['x', 'y'], limit: '2', fields: 'id' }, ATTRIBUTES);
    expect([...query.filters]).toEqual([['name', ['x', 'y']]]);
    expect(query.fields).toEqual(['id']);
  });

  test.each([
    [{ sort_key: 'nope', sort_dir: 'asc' }, "['nope'] is invalid attribute for sort_keys"],
    [{ sort_key: 'name', sort_dir: ['asc', 'desc'] }, 'number of sort_keys and sort_dirs'],
    [{ sort_key: 'name', sort_dir: 'up' }, "['up'] is invalid value for sort_dirs"],
    [{ limit: '-1' }, 'Limit must be an integer 0 or greater'],
    [{ limit: 'ten' }, 'Limit must be an integer 0 or greater'],
  ])('refuses %j', (query, message) => {
    expect(() => parseListQuery(query, ATTRIBUTES)).toThrow(message);
  });
});

describe('sorting', () => {
  test('goes by several keys, each in its own direction', () => {
    const by = (sort_key: string[], sort_dir: string[]): string => page({ sort_key, sort_dir });
    expect(by(['name', 'id'], ['asc', 'asc'])).toBe('bca');
    expect(by(['name', 'id'], ['desc', 'desc'])).toBe('acb');
    expect(by(['mtu', 'id'], ['desc', 'asc'])).toBe('cab');
  });

  test('compares numbers by size and puts nulls first', () => {
    expect(page({ sort_key: 'mtu', sort_dir: 'desc' })[0]).toBe('c');
    expect(page({ sort_key: 'gateway_ip', sort_dir: 'asc' })).toBe('cab');
  });
});

describe('pages', () => {
  test('follow the marker in the order asked for, ties broken by id', () => {
    expect(page({ limit: '2' })).toBe('ab');
    expect(page({ limit: '2' }, ITEMS[2])).toBe('c');
    expect(page({ limit: '1', sort_key: 'name' }, ITEMS[2])).toBe('c');
  });

  test('go back to what precedes the marker', () => {
    expect(page({ limit: '1', page_reverse: 'True' }, ITEMS[0])).toBe('b');
    expect(page({ limit: '9', page_reverse: 'true' }, ITEMS[0])).toBe('ab');
  });

  test('link to the next while they are full, and to the previous', () => {
    const url = new URL('http://h/v2.0/networks?limit=2&name=x&marker=old');
    const full = pageLinks(url, ITEMS.slice(0, 2), { limit: 2, marker: undefined, reverse: false });
    expect(full.map(({ rel }) => rel)).toEqual(['next', 'previous']);
    expect(full[0]?.href).toBe('http://h/v2.0/networks?limit=2&name=x&marker=a');
    const short = pageLinks(url, ITEMS.slice(0, 1), { limit: 2, marker: 'a', reverse: false });
    expect(short.map(({ rel }) => rel)).toEqual(['previous']);
  });
});

test('fields cut an object down, and unknown ones are passed over', () => {
  expect(project({ id: 1, name: 2 }, ['id', 'nope'])).toEqual({ id: 1 });
  expect(project({ id: 1, name: 2 }, [])).toEqual({ id: 1, name: 2 });
});
