/**
 * Goal: the checked-in models are those of the checked-in schema.
 * Method: generate them again; and a schema of our own, for what the real one has not.
 */
import { expect, test } from 'vitest';
import { OPEN_VSWITCH } from '../../../src/ovsdb/index.ts';
import { parseSchema } from '../../../src/ovsdb/schema.ts';
import { generateModels, staleModels } from '../../../tools/modelgen.ts';

test('the generated models are not stale', async () => {
  expect(await staleModels('.')).toEqual([]);
});

test('every table of the schema has a model', () => {
  const models = generateModels(
    JSON.stringify({ name: 'X', version: '1.0.0', tables: { A_B: { columns: {} } } }),
  );
  expect([...models.keys()]).toEqual(['a-b.ts', 'schema.ts', 'index.ts']);
  expect(OPEN_VSWITCH.schema.tables.size).toBe(19);
});

test('an enum is a string to a reader, because a newer server may know more, and strict to a writer', () => {
  const column = { type: { key: { type: 'string', enum: ['set', ['a', 'b']] } } };
  const tables = { T: { columns: { c: column } } };
  const models = generateModels(JSON.stringify({ name: 'X', version: '1.0.0', tables }));
  expect(models.get('t.ts')).toContain('readonly c: string;');
  expect(models.get('t.ts')).toContain("readonly c?: 'a' | 'b';");
});

test.each([
  null,
  {},
  { name: 'X', tables: [] },
  { name: 'X', tables: { T: {} } },
  { name: 'X', tables: { T: { columns: { c: {} } } } },
  { name: 'X', tables: { T: { columns: { c: { type: 'blob' } } } } },
  { name: 'X', tables: { T: { columns: { c: { type: { key: 'string', max: -1 } } } } } },
  { name: 'X', tables: { T: { columns: { c: { type: { key: 'string', min: 'x' } } } } } },
])('%j is no schema', (json) => {
  expect(() => parseSchema(json)).toThrow('expected');
});
