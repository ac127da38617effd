/**
 * `segments` of a new network (Neutron's `multi-provider`): its provider attributes in a list. A
 * network here is one segment, so a list of several is refused.
 */
import { invalidInput } from '../intent-error.ts';
import { badRequest } from './attributes.ts';
import { isObject, type Read, Rejected, reader, show } from './values.ts';

/** Reads the only item of a list by the readers of its members; undefined for an empty list. */
export function onlySegment<T extends Readonly<Record<string, Read<unknown>>>>(
  readers: T,
): Read<{ readonly [K in keyof T]?: ReturnType<T[K]> } | undefined> {
  const properties = Object.fromEntries(
    Object.entries(readers).map(([name, { schema }]) => [name, schema]),
  );
  const schema = { type: 'array', items: { type: 'object', properties }, maxItems: 1 };
  return reader(schema, (value) => {
    if (!Array.isArray(value)) throw new Rejected(`'${show(value)}' is not a list`);
    if (value.length > 1) throw new Rejected(`a network has one segment, not ${value.length}`);
    return value.length === 0 ? undefined : (readSegment(value[0], readers) as object);
  });
}

function readSegment(
  item: unknown,
  readers: Readonly<Record<string, Read<unknown>>>,
): Record<string, unknown> {
  if (!isObject(item)) throw new Rejected(`'${show(item)}' is not a dictionary`);
  const unknown = Object.keys(item).filter((name) => !Object.hasOwn(readers, name));
  if (unknown.length > 0)
    throw badRequest(`Unrecognized attribute(s) '${show(unknown.join(', '))}'`);
  if (item['provider:network_type'] === undefined) throw invalidInput('network_type required');
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, readers[name]?.(value)]),
  );
}
