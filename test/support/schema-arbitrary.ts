/** Values for a JSON Schema: mostly such as it describes, and now and then something hostile. */
import fc from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;

export interface SchemaContext {
  /** Follows `$ref`. */
  readonly resolve: (schema: Schema) => Schema;
  /** Ids of things that are there. */
  readonly ids: readonly string[];
}

const LONG = 'x'.repeat(70_000);

/** What stands where it must not, as long as nobody forgot to look. */
export const HOSTILE: readonly unknown[] = (
  [
    [null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308],
    ['', ' ', '\0', '\n', '*', '%', '%00', '../..', LONG, '‮', '🧵', 'ﬀ'],
    ["' OR 1=1 --", '${7*7}', '{{7*7}}', '<script>', '\\', '"', 'null'],
    ['0.0.0.0/0', '::/0', '10.0.0.0/33', '999.1.1.1', 'fe80::1%eth0', '1e9'],
    [[], {}, [null], [[]], [{}], { '': '' }, { toString: 1 }, [{ toString: 1 }], ['a', 1, {}]],
  ] as unknown[][]
).flat();

export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...HOSTILE) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 3 }),
);

/**
 * Bodies for the schema, each with another of its places left open and with nothing else in it but
 * what is required. The places of a schema that several refer to are opened once.
 */
export function* openBodies(
  schema: Schema,
  context: SchemaContext,
  seen = new Set<unknown>(),
): Generator<(value: unknown) => unknown> {
  yield (value) => value;
  const { $ref } = schema;
  if (seen.has($ref)) return;
  if ($ref !== undefined) seen.add($ref);
  const { oneOf = [], items, properties = {} } = context.resolve(schema) as Nested;
  for (const one of oneOf) yield* openBodies(one, context, seen);
  if (items !== undefined) {
    for (const fill of openBodies(items, context, seen)) yield (value) => [fill(value)];
  }
  for (const [name, property] of Object.entries(properties)) {
    for (const fill of openBodies(property, context, seen)) {
      yield (value) => ({ ...least(schema, context), [name]: fill(value) });
    }
  }
}

interface Nested {
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** An object with its required members alone. */
function least(schema: Schema, context: SchemaContext): object {
  const { properties = {}, required = [] } = context.resolve(schema) as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
  };
  const pairs = required.map((name) => {
    const good = goodValue(context.resolve(properties[name] ?? {}), context);
    return [name, fc.sample(good, { numRuns: 1, seed: 1 })[0]];
  });
  return Object.fromEntries(pairs) as object;
}

/** A value for the schema; about one in ten of its parts is hostile. */
export function valueFor(schema: Schema, context: SchemaContext): fc.Arbitrary<unknown> {
  const good = goodValue(context.resolve(schema), context);
  return fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: hostile });
}

function goodValue(schema: Schema, context: SchemaContext): fc.Arbitrary<unknown> {
  const { type, enum: values, oneOf, format } = schema;
  if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]));
  if (Array.isArray(oneOf)) return fc.oneof(...oneOf.map((one) => valueFor(one, context)));
  const [plain] = [type].flat();
  const orNull = Array.isArray(type) && type.includes('null');
  const value =
    format === 'uuid' ? fc.constantFrom(...context.ids) : ofType(plain, schema, context);
  return orNull ? fc.option(value, { freq: 3 }) : value;
}

function ofType(type: unknown, schema: Schema, context: SchemaContext): fc.Arbitrary<unknown> {
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: 0, max: 4096 });
    case 'array':
      return fc.array(valueFor((schema['items'] ?? {}) as Schema, context), { maxLength: 3 });
    case 'object':
      return objectFor(schema, context);
    default:
      return WORDS;
  }
}

/** Texts that mean something somewhere. */
const WORDS = fc.oneof(
  fc.constantFrom('web', '10.0.0.0/24', '10.0.0.9', 'fd00::/64', '02:00:00:00:00:09', 'tcp', 'a,b'),
  fc.string({ maxLength: 12 }),
);

function objectFor(schema: Schema, context: SchemaContext): fc.Arbitrary<object> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const members = Object.entries(properties).map(([name, inner]) => {
    const value = valueFor(inner, context);
    const nothing = fc.constant(undefined);
    const weight = required.includes(name) ? 0 : 3;
    return fc
      .oneof({ weight: 20, arbitrary: value }, { weight: weight * 20 + 1, arbitrary: nothing })
      .map((given) => [name, given] as const);
  });
  const stray = fc.option(fc.tuple(fc.string({ maxLength: 8 }), hostile), { freq: 20 });
  return fc.tuple(fc.tuple(...members), stray).map(([pairs, odd]) => {
    const present = pairs.filter(([, value]) => value !== undefined);
    return Object.fromEntries(odd === null ? present : [...present, odd]);
  });
}
