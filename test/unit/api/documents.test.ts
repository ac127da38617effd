/** Goal: documents that list what the code has cannot drift from it. Method: both are read and compared. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorsDocument } from '../../../tools/errors-doc.ts';
import { neutronDocument } from '../../../tools/neutron-doc.ts';
import { openapiText } from '../../../tools/openapi-doc.ts';

test.each([
  ['docs/errors.md', errorsDocument],
  ['docs/neutron.md', neutronDocument],
  ['docs/api/openapi.json', openapiText],
])('%s is what the tables say', async (path, document) => {
  expect(await readFile(path, 'utf8')).toBe(await document());
});
