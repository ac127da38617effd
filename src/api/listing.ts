/**
 * What a client asks of a list besides filters: fields, sorting, pages and their links.
 * Pure; the rules are those of Neutron's API guide (sorting, pagination, fields).
 */
import type { Filters, JsonObject } from './backend.ts';
import { badRequest } from './error-table.ts';

interface SortKey {
  readonly attribute: string;
  readonly descending: boolean;
}

export interface Page {
  readonly limit: number;
  readonly marker: string | undefined;
  readonly reverse: boolean;
}

export interface ListQuery {
  readonly filters: Filters;
  /** Empty: all fields. */
  readonly fields: readonly string[];
  readonly sort: readonly SortKey[];
  /** Absent: everything in one answer. */
  readonly page: Page | undefined;
}

/** A parsed query string: repeated parameters are arrays. */
export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const CONTROLS = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

/**
 * Splits a query string into its parts; `attributes` has a member for each that can be sorted by.
 * With `limitMax` a list always comes in pages, of at most so many items.
 */
export function parseListQuery(query: RawQuery, attributes: object, limitMax = 0): ListQuery {
  const filters = new Map<string, readonly string[]>();
  for (const name of Object.keys(query)) {
    if (!CONTROLS.has(name)) filters.set(name, valuesOf(query, name));
  }
  return {
    filters,
    fields: parseFields(query),
    sort: parseSort(query, attributes),
    page: parsePage(query, limitMax),
  };
}

/** The fields that an answer is cut down to. */
export function parseFields(query: RawQuery): readonly string[] {
  return valuesOf(query, 'fields').filter((field) => field !== '');
}

/** Keeps only `fields` of an object; all when none are named. Unknown fields are passed over. */
export function project(item: JsonObject, fields: readonly string[]): JsonObject {
  if (fields.length === 0) return item;
  const kept: Record<string, unknown> = {};
  for (const field of fields) if (has(item, field)) kept[field] = item[field];
  return kept;
}

/** Attributes may be an object's own or read through its class; what every object has is none. */
function has(item: JsonObject, name: string): boolean {
  return name in item && !(name in Object.prototype);
}

/** The items in order. Ids break ties when there are pages, so that no item is on two of them. */
export function sortItems(items: readonly JsonObject[], query: ListQuery): readonly JsonObject[] {
  const order = orderOf(query);
  return order.length === 0 ? items : items.toSorted(comparator(order));
}

/** One page of sorted items. `marker` is the object that the page follows (or precedes). */
export function cutPage(
  items: readonly JsonObject[],
  query: ListQuery,
  marker: JsonObject | undefined,
): readonly JsonObject[] {
  if (query.page === undefined) return items;
  const { limit, reverse } = query.page;
  const compare = comparator(orderOf(query));
  if (reverse) {
    const before = marker ? items.filter((item) => compare(item, marker) < 0) : items;
    return before.slice(-limit);
  }
  const after = marker ? items.filter((item) => compare(marker, item) < 0) : items;
  return after.slice(0, limit);
}

export interface Link {
  readonly rel: 'next' | 'previous';
  readonly href: string;
}

/** Links to the neighbouring pages. A short page ends the list in the direction of travel. */
export function pageLinks(url: URL, items: readonly JsonObject[], page: Page): readonly Link[] {
  const short = items.length < page.limit;
  const links: Link[] = [];
  if (!short || page.reverse) {
    links.push({ rel: 'next', href: neighbour(url, items.at(-1), false) });
  }
  if (!short || !page.reverse) {
    links.push({ rel: 'previous', href: neighbour(url, items[0], true) });
  }
  return links;
}

function neighbour(url: URL, marker: JsonObject | undefined, reverse: boolean): string {
  const link = new URL(url);
  link.searchParams.delete('marker');
  link.searchParams.delete('page_reverse');
  if (marker) link.searchParams.set('marker', String(marker['id']));
  if (reverse) link.searchParams.set('page_reverse', 'True');
  return link.href;
}

const ID_ORDER: SortKey = { attribute: 'id', descending: false };

function orderOf({ sort, page }: ListQuery): readonly SortKey[] {
  if (page === undefined || sort.some((key) => key.attribute === 'id')) return sort;
  return [...sort, ID_ORDER];
}

function comparator(order: readonly SortKey[]): (a: JsonObject, b: JsonObject) => number {
  return (a, b) => {
    for (const { attribute, descending } of order) {
      const difference = compareValues(a[attribute], b[attribute]);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

/** Nulls first, numbers and booleans by size, everything else as text. */
function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : 1;
  const [left, right] = [sortText(a), sortText(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function sortText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function valuesOf(query: RawQuery, name: string): readonly string[] {
  const value = query[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function lastOf(query: RawQuery, name: string): string | undefined {
  return valuesOf(query, name).at(-1) || undefined;
}

function parseSort(query: RawQuery, attributes: object): readonly SortKey[] {
  const keys = valuesOf(query, 'sort_key').filter((key) => key !== '');
  const directions = valuesOf(query, 'sort_dir').filter((direction) => direction !== '');
  if (directions.length > 0 && keys.length !== directions.length) {
    throw badRequest('The number of sort_keys and sort_dirs must be same');
  }
  const unknown = keys.filter((key) => !Object.hasOwn(attributes, key));
  if (unknown.length > 0) throw badRequest(`${quoted(unknown)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong.length > 0) {
    throw badRequest(
      `${quoted(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`,
    );
  }
  return keys.map((attribute, at) => ({ attribute, descending: directions[at] === 'desc' }));
}

function parsePage(query: RawQuery, limitMax: number): Page | undefined {
  const text = lastOf(query, 'limit') ?? '0';
  if (!/^\d{1,9}$/.test(text)) {
    throw badRequest(`Limit must be an integer 0 or greater and not '${text}'`);
  }
  const asked = Number(text);
  const limit = limitMax === 0 ? asked : Math.min(asked || limitMax, limitMax);
  if (limit === 0) return undefined;
  const reverse = lastOf(query, 'page_reverse')?.toLowerCase() === 'true';
  return { limit, marker: lastOf(query, 'marker'), reverse };
}

/** A list as Neutron's messages print it: ['a', 'b']. */
function quoted(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
