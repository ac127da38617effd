import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * One project a test kind; integration and lab run one file at a time, because the machine is small.
 * Files of one project share their modules: to load them anew for each took longer than the tests.
 */
const project = (name: string, options: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], isolate: false, ...options },
});

/** A worker a core; Vitest alone would leave one of two idle. They go before the serial ones. */
const PARALLEL = { maxWorkers: availableParallelism(), sequence: { groupOrder: 0 } };
const SERIAL = {
  fileParallelism: false,
  sequence: { groupOrder: 1 },
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      project('unit', {
        ...PARALLEL,
        include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'],
        // On a machine that is busy with others the longest of a second takes more than five.
        testTimeout: 30_000,
      }),
      project('sequence', { ...PARALLEL, testTimeout: 60_000 }),
      project('simulation', { ...PARALLEL, testTimeout: 60_000 }),
      project('integration', SERIAL),
      project('lab', { ...SERIAL, testTimeout: 120_000, hookTimeout: 120_000 }),
    ],
  },
});
