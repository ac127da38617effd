/**
 * List filters as Neutron has them: several values of one attribute are alternatives, several
 * attributes must all match, an attribute that has no filter is refused.
 */
import {
  type Filter,
  type FilterKind,
  intentError,
  invalidInput,
  TAG_FILTERS,
  type TagFilter,
} from '../../topology/index.ts';

/** An attribute's name to the values that it may have, as the client wrote them. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Whether an object matches, given a way to read its attributes. */
export type Matcher = (attribute: (name: string) => unknown) => boolean;

/** The matcher for filters; throws IntentError where a name or a value is not understood. */
export function compileFilters(table: Readonly<Record<string, Filter>>, filters: Filters): Matcher {
  const unknown = [...filters.keys()].filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    throw intentError('HTTPBadRequest', { msg: `[${names}] is invalid attribute for filtering` });
  }
  const tests = [...filters].map(([name, values]) => {
    const kind = table[name] ?? 'text';
    const accepts = compileOne(kind, values);
    return { name: isTagFilter(kind) ? 'tags' : name, accepts };
  });
  return (attribute) => tests.every(({ name, accepts }) => accepts(attribute(name)));
}

type Test = (value: unknown) => boolean;

function compileOne(kind: Filter, values: readonly string[]): Test {
  if (typeof kind === 'function') {
    const wanted = new Set<unknown>(values.map(kind));
    return (value) => wanted.has(value);
  }
  if (isTagFilter(kind)) return compileTags(kind, values);
  if (kind === 'fixed_ips') return compileFixedIps(values);
  if (kind === 'member') return (value) => hasOneOf(value as readonly unknown[], values);
  const accepted = new Set<unknown>(values.map((value) => PARSERS[kind](value)));
  return (value) => accepted.has(value);
}

function isTagFilter(kind: Filter): kind is TagFilter {
  return (TAG_FILTERS as readonly Filter[]).includes(kind);
}

/** Tags stand behind commas, as Neutron's clients send them. */
function compileTags(kind: TagFilter, values: readonly string[]): Test {
  const wanted = values.flatMap((value) => value.split(','));
  const isIn = (tags: unknown) => (tag: string) => (tags as readonly string[]).includes(tag);
  switch (kind) {
    case 'tags':
      return (tags) => wanted.every(isIn(tags));
    case 'tags-any':
      return (tags) => wanted.some(isIn(tags));
    case 'not-tags':
      return (tags) => !wanted.every(isIn(tags));
    case 'not-tags-any':
      return (tags) => !wanted.some(isIn(tags));
  }
}

function hasOneOf(list: readonly unknown[], values: readonly string[]): boolean {
  return list.some((item) => values.includes(String(item)));
}

type ScalarKind = Exclude<FilterKind, 'fixed_ips' | 'member' | 'read' | TagFilter>;

const PARSERS: Readonly<Record<ScalarKind, (text: string) => unknown>> = {
  none: (text) => text,
  text: (text) => text,
  boolean: parseBoolean,
  integer: parseInteger,
};

const TRUE_WORDS = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE_WORDS = new Set(['false', 'f', 'no', 'n', 'off', '0']);

function parseBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  throw invalidInput(`'${text}' cannot be converted to boolean`);
}

function parseInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw invalidInput(`'${text}' is not an integer`);
  return Number(text);
}

/** `subnet_id=…`, `ip_address=…` and `ip_address_substr=…`, all about one and the same address. */
function compileFixedIps(values: readonly string[]): (value: unknown) => boolean {
  const subnets = valuesAfter(values, 'subnet_id=');
  const addresses = valuesAfter(values, 'ip_address=');
  const parts = valuesAfter(values, 'ip_address_substr=');
  return (value) =>
    (value as readonly FixedIpLike[]).some(
      ({ subnet_id, ip_address }) =>
        (subnets.length === 0 || subnets.includes(subnet_id)) &&
        (addresses.length === 0 || addresses.includes(ip_address)) &&
        (parts.length === 0 || parts.some((part) => ip_address.includes(part))),
    );
}

interface FixedIpLike {
  readonly subnet_id: string;
  readonly ip_address: string;
}

/** The values of one key of the small language of `fixed_ips`. */
export function valuesAfter(values: readonly string[], prefix: string): readonly string[] {
  return values
    .filter((value) => value.startsWith(prefix))
    .map((value) => value.slice(prefix.length).toLowerCase());
}
