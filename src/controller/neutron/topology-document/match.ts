/** Which entry of a document means which resource. */
import { badRequest, intentError, show } from '../../../topology/index.ts';
import type { Entry } from './document.ts';

/**
 * An entry of a document and the resource that it means, if it is there; and what no entry means.
 */
export interface Matched<E extends Entry, R> {
  readonly pairs: readonly (readonly [entry: E, record: R | undefined])[];
  readonly doomed: readonly R[];
}

interface Called {
  readonly id: string;
  readonly name: string;
}

/** By name, or by id where a resource has no name of its own. */
export function match<E extends Entry, R extends Called>(
  kind: string,
  entries: readonly E[] | undefined,
  records: readonly R[],
): Matched<E, R> {
  if (entries === undefined) return { pairs: [], doomed: [] };
  const byId = new Map(records.map((record) => [record.id, record]));
  const byName = new Map<string, R[]>();
  for (const record of records) {
    const namesakes = byName.get(record.name);
    if (namesakes === undefined) byName.set(record.name, [record]);
    else namesakes.push(record);
  }
  const taken = new Set<string>();
  const pairs = entries.map((entry) => {
    const namesakes = byName.get(entry.name) ?? [];
    const record = byId.get(entry.name) ?? namesakes[0];
    if (record?.id !== entry.name && namesakes.length > 1) {
      const count = namesakes.length;
      throw intentError('AmbiguousName', { count, kind, name: show(entry.name) });
    }
    if (record !== undefined && taken.has(record.id)) {
      throw badRequest(`The document has ${kind} '${show(record.name)}' twice`);
    }
    if (record !== undefined) taken.add(record.id);
    return [entry, record] as const;
  });
  return { pairs, doomed: records.filter(({ id }) => !taken.has(id)) };
}
