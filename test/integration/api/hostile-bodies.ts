/** Bodies that are almost good, or not at all, for the tests that nothing breaks the API. */
import fc from 'fast-check';

/** Values that break parsers: wrong types, edges of numbers, odd text. */
const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\u0000',
    '\ud800',
    -1,
    0,
    1e308,
    2 ** 53,
    [],
    {},
    [[]],
    [null],
    '10.0.0.0/0',
    '::/0',
    '255.255.255.255/32',
    '10.0.0.1/24',
    '::ffff:10.0.0.1',
    'ff:ff:ff:ff:ff:ff',
    '__proto__',
    'constructor',
    { start: 1, end: {} },
    { toString: 1 },
    { ip_address: {}, subnet_id: [] },
    'x'.repeat(10_000),
  ),
);

/** A good body with one attribute, or a part of one, made nasty; or something else altogether. */
export function hostileBody(singular: string, good: Readonly<Record<string, unknown>>) {
  const oneAttribute = fc
    .tuple(fc.constantFrom(...Object.keys(good)), nasty)
    .map(([name, value]) => ({ ...good, [name]: value }));
  const inside = fc
    .tuple(fc.constantFrom(...Object.keys(good)), nasty)
    .map(([name, value]) => ({ ...good, [name]: insert(good[name], value) }));
  const attributes = fc.oneof(oneAttribute, inside, fc.dictionary(fc.string(), nasty), nasty);
  return fc.oneof(
    attributes.map((value) => ({ [singular]: value })),
    fc.array(attributes, { maxLength: 3 }).map((list) => ({ [`${singular}s`]: list })),
    attributes.map((value) => ({ [`${singular}s`]: value })),
    nasty,
  );
}

function insert(value: unknown, part: unknown): unknown {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    const spoiled = typeof first === 'object' ? Object.entries(first ?? {}) : [];
    return [Object.fromEntries(spoiled.map(([name]) => [name, part])), part];
  }
  return typeof value === 'object' ? { ...value, part } : part;
}
