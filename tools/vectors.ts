/**
 * Records the vectors of test/vectors/openflow again with the real `ovs-ofctl`: asks it for the
 * bytes of every text and writes the files anew. Comments and malformed vectors stay.
 *
 *     npm run build && node dist/tools/vectors.js
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWithOfctl, type FlowBytes } from './ofctl.ts';
import { type GoodVector, recorded } from './vector-file.ts';

/** What a vector of each file is, said as a whole flow, and which of its bytes are recorded. */
const FILES = {
  'matches.txt': {
    flow: ({ text }: GoodVector) => [text, 'actions=drop'].filter(Boolean).join(' '),
    keep: ({ match }: FlowBytes) => [match],
  },
  'actions.txt': {
    flow: ({ context, text }: GoodVector) => `${context} actions=${text}`,
    // The list stands in an apply_actions instruction, after its 8 bytes of header.
    keep: ({ instructions }: FlowBytes) => [instructions.subarray(8)],
  },
  'flows.txt': {
    flow: ({ text }: GoodVector) => text,
    keep: ({ match, instructions }: FlowBytes) => [match, instructions],
  },
} as const;

const dir = join('test', 'vectors', 'openflow');
for (const [name, { flow, keep }] of Object.entries(FILES)) {
  const path = join(dir, name);
  const text = await readFile(path, 'utf8');
  const flows: string[] = [];
  recorded(text, (vector) => {
    flows.push(flow(vector));
    return [];
  });
  const answers = (await encodeWithOfctl(flows)).map(keep);
  await writeFile(
    path,
    recorded(text, () => answers.shift() ?? []),
  );
  console.log(`${path}: ${flows.length} vectors`);
}
