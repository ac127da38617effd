/** Goal: documents that list what the code has cannot drift from it. Method: both are read and compared. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { NetworkSchema } from '../../../src/api/routes/networks/schema.ts';
import { PortSchema } from '../../../src/api/routes/ports/schema.ts';
import { SubnetSchema } from '../../../src/api/routes/subnets/schema.ts';
import { errorsDocument } from '../../../tools/errors-doc.ts';

test('docs/errors.md is what the tables say', async () => {
  expect(await readFile('docs/errors.md', 'utf8')).toBe(errorsDocument());
});

test.each([
  ['network', NetworkSchema],
  ['subnet', SubnetSchema],
  ['port', PortSchema],
] as const)('docs/neutron.md has every attribute of a %s that is served', async (kind, schema) => {
  const document = await readFile('docs/neutron.md', 'utf8');
  const section = document.split(/^## /m).find((text) => text.startsWith(`${kind}\n`)) ?? '';
  const documented = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(Object.keys(schema.properties)));
});
