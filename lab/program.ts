/** How a controller is started: as `npm start` does (package.json), less the set-up. */
import { repositoryFile } from './names.ts';

/**
 * Young objects have 4 MB, not 16: a collection of them takes 2 ms instead of 5, and nobody's
 * request waits for longer. There are four times as many; most of what a request makes is dead.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=4'];

export const PROGRAM: readonly string[] = [
  'node',
  ...NODE_FLAGS,
  repositoryFile('dist/src/main.js'),
];
