import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * One project a test kind. Files of one project share their modules: to load them anew for each took
 * longer than the tests.
 */
const project = (name: string, timeoutMs: number, options: object = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    isolate: false,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    ...options,
  },
});

/**
 * A worker a core: Vitest alone would leave one of two idle. Labs wait for their switches and
 * controllers long enough that two of them share two cores.
 */
const PARALLEL = { maxWorkers: availableParallelism() };

/**
 * Labs that measure rates, times and losses, or emulate a machine: each has this one to itself, when
 * all else is done.
 */
const MEASURING = [
  'kernel-datapath',
  'mac-learning',
  'migration*',
  'qos',
  'security-cuts',
  'security-hostile',
  'storm-control',
  'virtual-addresses',
].map((name) => `test/lab/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      // On a machine that is busy with others the longest of a second takes more than five.
      project('unit', 30_000, {
        ...PARALLEL,
        include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'],
      }),
      project('sequence', 60_000, PARALLEL),
      project('simulation', 60_000, PARALLEL),
      project('integration', 60_000, PARALLEL),
      project('lab', 120_000, { ...PARALLEL, exclude: MEASURING, sequence: { groupOrder: 1 } }),
      project('lab-measuring', 120_000, {
        include: MEASURING,
        fileParallelism: false,
        sequence: { groupOrder: 2 },
      }),
    ],
  },
});
