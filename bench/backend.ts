/**
 * A back end for workloads that other controllers are measured with: `node dist/bench/backend.js`
 * reads requests, one JSON object a line, and answers each when every host concerned has confirmed
 * (`ovn/driver.ts`).
 *
 * This process is the controller and nothing else, so that whoever reads its CPU time and memory
 * reads the product's. What speaks the line protocol, and the API as any client does, is a child.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';

const driver = fork(join(import.meta.dirname, 'ovn/driver.js'), { stdio: 'inherit' });
driver.on('exit', (code) => process.exit(code ?? 1));
driver.on('message', (settings: Readonly<Record<string, string>>) => {
  Object.assign(process.env, settings);
  import('../src/main.ts').catch((error: unknown) => {
    console.error(`backend: ${String(error)}`);
    process.exit(1);
  });
});
