/** Fewer candidates for a list than all records, from what indexes know. */

/** What an index gives for each value of a filter; values of one attribute never share a record. */
export function union<R>(
  values: readonly string[] | undefined,
  lookup: (value: string) => Iterable<R>,
): Iterable<R> | undefined {
  if (values === undefined) return undefined;
  return (function* all() {
    for (const value of new Set(values)) yield* lookup(value);
  })();
}
