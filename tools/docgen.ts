/**
 * Writes the generated documents of docs/; with `--check` it only says which are not up to date.
 * Usage: node dist/tools/docgen.js [--check]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorsDocument } from './errors-doc.ts';
import { neutronDocument } from './neutron-doc.ts';
import { openapiText } from './openapi-doc.ts';
import { openflowDocument } from './openflow-doc.ts';
import { pipelineDocument } from './pipeline-doc.ts';

/**
 * Each document by its path from the root of the clone, where this runs; made from what is there.
 */
const DOCUMENTS: Readonly<Record<string, (existing: string) => string | Promise<string>>> = {
  'docs/api/openapi.json': openapiText,
  'docs/errors.md': errorsDocument,
  'docs/neutron.md': neutronDocument,
  'docs/openflow.md': openflowDocument,
  'docs/pipeline.md': pipelineDocument,
};

async function main(check: boolean): Promise<void> {
  for (const [path, render] of Object.entries(DOCUMENTS)) {
    const existing = await readFile(path, 'utf8').catch(() => '');
    const text = await render(existing);
    if (existing === text) continue;
    if (!check) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      console.log(`${path} written`);
      continue;
    }
    console.error(`${path} is not up to date: run npm run docs`);
    process.exitCode = 1;
  }
}

await main(process.argv.includes('--check'));
